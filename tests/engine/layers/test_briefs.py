"""What cards say of a layer's settings: short, and nothing that goes without saying."""

from __future__ import annotations

from typing import Any

import pytest

from engine.spec import make


@pytest.mark.parametrize(
    ("kind", "settings", "words"),
    [
        ("conv2d", {"kernel_size": 5, "out_channels": 16, "stride": 2, "padding": 2}, "5×5 · 16 · s2 p2"),
        ("conv2d", {"kernel_size": 3, "out_channels": 8}, "3×3 · 8"),
        ("conv2d", {"kernel_size": 3, "out_channels": 8, "stride": (2, 1)}, "3×3 · 8 · s2×1"),
        ("conv2d", {"kernel_size": 3, "out_channels": 8, "padding": (1, 0)}, "3×3 · 8 · p1×0"),
        ("conv2d", {"kernel_size": 3, "out_channels": 8, "padding": "same"}, "3×3 · 8 · same"),
        ("transposed_conv2d", {"kernel_size": 2, "out_channels": 8, "stride": 2}, "2×2 · 8 · s2"),
        ("max_pool2d", {"kernel_size": 2}, "2×2"),
        ("max_pool2d", {"kernel_size": 3, "stride": 2, "padding": 1}, "3×3 · s2 p1"),
    ],
)
def test_the_main_settings_in_a_few_characters(kind: str, settings: dict[str, Any], words: str) -> None:
    assert make(kind, **settings).brief() == words
