from engine.families.normalisation import SampleNormalisation
from engine.spec import Shape, layer


@layer("Layer norm", "norm", keywords=("ln",))
class LayerNorm(SampleNormalisation):
    """Moves all numbers of a sample to mean 0 and variance 1, then scales and shifts each."""

    def weight_shape(self, x: Shape) -> Shape:
        return x
