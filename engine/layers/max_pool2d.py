from engine.families.pooling import MaxPooling
from engine.spec import layer


@layer("Max pooling 2-D", "pooling", keywords=("maxpool", "subsampling"))
class MaxPool2d(MaxPooling):
    """Keeps the strongest pixel of each window, so the image shrinks."""

    axes = 2
