from engine.families.pooling import AdaptiveAveragePooling
from engine.spec import layer


@layer("Adaptive average pooling 1-D", "pooling", keywords=("avgpool", "mean"))
class AdaptiveAvgPool1d(AdaptiveAveragePooling):
    """Keeps means of windows that are chosen so that the signal gets the wanted size."""

    axes = 1
