"""Small pictures of samples, as a person looks at them."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.batches import Batches, Data
from engine.data.sheet import picture

Array = np.ndarray[Any, Any]
LARGEST_SIDE = 80  # pixels; of larger samples some pixels are left out


def thumbnails(data: Data, batches: Batches, picks: Array, room: int, largest: int = LARGEST_SIDE) -> Array:
    """uint8 [samples, height, width] or [..., 3]: as many of the samples as fit into so many bytes."""
    images, found, step = batches.part.images, list[Array](), 0
    for pick in picks:
        made = picture(data, images[pick])
        step = step or max(1, -(-max(made.shape[:2]) // largest))
        made = made[::step, ::step]
        room -= made.nbytes
        if room < 0 and found:
            break
        found.append(made)
    return np.stack(found) if found else np.zeros((0, 1, 1), np.uint8)
