from engine.families.pooling import MaxPooling
from engine.spec import layer


@layer("Max pooling 3-D", "pooling", keywords=("maxpool", "subsampling"))
class MaxPool3d(MaxPooling):
    """Keeps the strongest voxel of each window, so the volume shrinks."""

    axes = 3
