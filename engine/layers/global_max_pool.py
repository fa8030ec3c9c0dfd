from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from engine import reference
from engine.families.pooling import GlobalPooling
from engine.spec import Shape, layer

if TYPE_CHECKING:
    from engine.explained import Explanation
    from engine.plan import Backward, Forward


@layer("Global max pooling", "pooling", keywords=("strongest",))
class GlobalMaxPool(GlobalPooling):
    """Keeps the strongest pixel of each channel."""

    def reference(self, parameters: Mapping[str, Any], *xs: Any) -> Any:
        return reference.global_max(xs[0])

    def explain(self, parameters: Mapping[str, Any], at: Shape, *xs: Any) -> Explanation:
        from engine import explained

        return explained.windowed(explained.LARGEST, xs[0], at[0], [list(range(n)) for n in xs[0].shape[1:]])

    def forward(self, step: Forward) -> None:
        from engine.lowering import pooling

        pooling.global_max_forward(step)

    def backward(self, step: Backward) -> None:
        from engine.lowering import pooling

        pooling.global_max_backward(step)
