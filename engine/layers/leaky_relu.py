from engine.families.activation import Activation
from engine.numerals import written
from engine.spec import layer, real


@layer("Leaky ReLU", "activation", keywords=("nonlinearity",))
class LeakyRelu(Activation):
    """Keeps positive numbers and lets a fraction of negative ones through."""

    negative_slope: float = real(0.01, low=0.0, high=1.0, help="The fraction of a negative number that is let through.")

    @property
    def setting(self) -> float:
        return self.negative_slope

    def brief(self) -> str:
        return written(self.negative_slope)
