from collections.abc import Mapping
from typing import Any

from engine import reference
from engine.families.pooling import Averaging, GlobalPooling
from engine.spec import layer


@layer("Global average pooling", "pooling", keywords=("gap", "mean"))
class GlobalAvgPool(GlobalPooling, Averaging):
    """Keeps the mean of each channel."""

    def spans(self, axis: int, size: int, outputs: int) -> list[tuple[int, int, int]]:
        return [(0, size, size)]

    def reference(self, parameters: Mapping[str, Any], *xs: Any) -> Any:
        return reference.global_average(xs[0])
