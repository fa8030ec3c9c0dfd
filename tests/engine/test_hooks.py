"""What a base class leaves open is filled in by every kind that can be chosen."""

from __future__ import annotations

import pytest

from engine.losses import LOSSES
from engine.optimizers import OPTIMIZERS
from engine.spec import layers

KINDS = {**layers(), **OPTIMIZERS, **LOSSES}


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_left_open(kind: str) -> None:
    found = (getattr(KINDS[kind], name) for name in dir(KINDS[kind]))
    codes = (code for f in found if (code := getattr(f, "__code__", None)) is not None)
    assert not [code.co_qualname for code in codes if "NotImplementedError" in code.co_names]
