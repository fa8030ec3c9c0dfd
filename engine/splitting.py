"""Which of the training samples only measure."""

from __future__ import annotations

from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]


def split(labels: Array, fraction: float, seed: int) -> tuple[Array, Array]:
    """Indices of two parts; the second holds this fraction of every class, chosen by seed."""
    generator = np.random.default_rng((seed, 1))
    if labels.ndim > 1 or not np.issubdtype(labels.dtype, np.integer):
        mixed = generator.permutation(len(labels))
        held = round(len(labels) * fraction)
        return np.sort(mixed[held:]), np.sort(mixed[:held])
    kept, held_out = [], []
    for label in np.unique(labels):
        mixed = generator.permutation(np.flatnonzero(labels == label))
        held = round(len(mixed) * fraction)
        held_out.append(mixed[:held])
        kept.append(mixed[held:])
    return np.sort(np.concatenate(kept)), np.sort(np.concatenate(held_out))
