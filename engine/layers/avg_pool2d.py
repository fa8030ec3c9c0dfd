from engine.families.pooling import AveragePooling
from engine.spec import layer


@layer("Average pooling 2-D", "pooling", keywords=("avgpool", "mean", "subsampling"))
class AvgPool2d(AveragePooling):
    """Keeps the mean of each window, so the image shrinks and becomes smoother."""

    axes = 2
