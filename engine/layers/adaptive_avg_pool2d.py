from engine.families.pooling import AdaptiveAveragePooling
from engine.spec import layer


@layer("Adaptive average pooling 2-D", "pooling", keywords=("avgpool", "mean"))
class AdaptiveAvgPool2d(AdaptiveAveragePooling):
    """Keeps means of windows that are chosen so that the image gets the wanted size."""

    axes = 2
