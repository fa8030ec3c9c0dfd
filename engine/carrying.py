"""Taking what a network has learned over into an edited one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from engine.network import Network
from engine.protocol import Carried

Array = np.ndarray[Any, Any]


def carry_over(network: Network, arrays: Mapping[str, Array], *, identities: bool = False) -> Carried:
    """Copies the numbers of layers whose every shape still fits; new layers may start as identities."""
    own: dict[str, dict[str, Array]] = {}
    for name, array in network.store.arrays.items():
        node, _, part = name.rpartition(".")
        own.setdefault(node, {})[part] = array
    kept, same, fresh = list[str](), list[str](), list[str]()
    for node, parts in own.items():
        found = {part: arrays.get(f"{node}.{part}") for part in parts}
        if _fit(parts, found):
            _put(parts, found)
            kept.append(node)
        elif identities and (start := network.graph[node].layer.identity(*network.inference.nodes[node].inputs)):
            _put(parts, start)
            same.append(node)
        else:
            fresh.append(node)
    return Carried(tuple(kept), tuple(same), tuple(fresh))


def _fit(parts: Mapping[str, Array], found: Mapping[str, Array | None]) -> bool:
    return all((array := found[part]) is not None and array.shape == own.shape for part, own in parts.items())


def _put(parts: Mapping[str, Array], found: Mapping[str, Array | None]) -> None:
    for part, own in parts.items():
        own[...] = found[part]
