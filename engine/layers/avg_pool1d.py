from engine.families.pooling import AveragePooling
from engine.spec import layer


@layer("Average pooling 1-D", "pooling", keywords=("avgpool", "mean", "subsampling"))
class AvgPool1d(AveragePooling):
    """Keeps the mean of each window, so the signal shrinks and becomes smoother."""

    axes = 1
