from engine.families.activation import Activation
from engine.numerals import written
from engine.spec import layer, real


@layer("ELU", "activation", keywords=("exponential linear",))
class Elu(Activation):
    """Keeps positive numbers and bends negative ones smoothly towards a floor."""

    alpha: float = real(1.0, low=0.0, high=100.0, title="Alpha α", help="How far below zero the floor lies.")

    @property
    def setting(self) -> float:
        return self.alpha

    def brief(self) -> str:
        return written(self.alpha)
