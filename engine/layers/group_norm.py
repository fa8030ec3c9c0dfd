from engine.families.normalisation import SampleNormalisation, check_groups
from engine.spec import Shape, layer, whole


@layer("Group norm", "norm", keywords=("gn",))
class GroupNorm(SampleNormalisation):
    """Moves groups of channels of each sample to mean 0 and variance 1."""

    groups: int = whole(1, low=1, high=65536, help="How many groups the channels are split into.")

    def brief(self) -> str:
        return f"{self.groups} groups"

    def output_shape(self, *inputs: Shape) -> Shape:
        check_groups(self.groups, inputs[0][0])
        return inputs[0]

    def group_count(self, x: Shape) -> int:
        return self.groups
