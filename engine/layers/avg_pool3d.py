from engine.families.pooling import AveragePooling
from engine.spec import layer


@layer("Average pooling 3-D", "pooling", keywords=("avgpool", "mean", "subsampling"))
class AvgPool3d(AveragePooling):
    """Keeps the mean of each window, so the volume shrinks and becomes smoother."""

    axes = 3
