from engine.families.pooling import MaxPooling
from engine.spec import layer


@layer("Max pooling 1-D", "pooling", keywords=("maxpool", "subsampling"))
class MaxPool1d(MaxPooling):
    """Keeps the strongest value of each window, so the signal shrinks."""

    axes = 1
