from engine.families.normalisation import SampleNormalisation
from engine.spec import Impossible, Shape, layer


@layer("Instance norm", "norm", keywords=("contrast",))
class InstanceNorm(SampleNormalisation):
    """Moves each channel of each sample to mean 0 and variance 1, which removes its contrast."""

    def output_shape(self, *inputs: Shape) -> Shape:
        if len(inputs[0]) == 1:
            raise Impossible("normalises over space, but its input is a row of features. Use batch norm or layer norm.")
        return inputs[0]

    def group_count(self, x: Shape) -> int:
        return x[0]
