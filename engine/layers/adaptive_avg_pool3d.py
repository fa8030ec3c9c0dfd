from engine.families.pooling import AdaptiveAveragePooling
from engine.spec import layer


@layer("Adaptive average pooling 3-D", "pooling", keywords=("avgpool", "mean"))
class AdaptiveAvgPool3d(AdaptiveAveragePooling):
    """Keeps means of windows that are chosen so that the volume gets the wanted size."""

    axes = 3
