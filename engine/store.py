"""A network's numbers: parameters and their gradients, each in one flat array, and what layers measure."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from math import prod
from typing import Any

import numpy as np

from engine.initialisers import initialise
from engine.shapes import Inference
from engine.spec import Parameter

Array = np.ndarray[Any, Any]
ALIGNED = 16  # numbers: every parameter begins on a cache line


class Store:
    """Every array by "node.parameter", in PyTorch's shapes, as views of flat arrays."""

    def __init__(self, order: list[str], inference: Inference, seed: int, *, drawn: bool = True) -> None:
        self._specs: dict[str, Parameter] = {
            f"{node}.{name}": parameter
            for node in order
            for name, parameter in inference.nodes[node].parameters.items()
        }
        trained = [(name, p) for name, p in self._specs.items() if p.trained]
        self._spans: dict[str, slice] = {}
        start = 0
        for name, parameter in trained:
            self._spans[name] = slice(start, start + prod(parameter.shape))
            start += -(-prod(parameter.shape) // ALIGNED) * ALIGNED
        self.values, self.gradients = aligned_zeros(start), aligned_zeros(start)
        self.measured = {name: aligned_zeros(prod(p.shape)) for name, p in self._specs.items() if not p.trained}
        self.random = np.array([seed, 0], np.int64)
        if drawn:
            self.reset(seed)

    def reset(self, seed: int) -> None:
        """Fresh initial values, the same for the same seed whatever else the network holds."""
        for number, (name, parameter) in enumerate(self._specs.items()):
            initialise(parameter, np.random.default_rng((seed, number)), self.array(name))

    def copy(self) -> Store:
        """The numbers as they are now, to compute with while these change; gradients are not copied."""
        made = copy(self)
        made.values = aligned_zeros(len(self.values))
        made.values[...] = self.values
        made.measured = {name: aligned_zeros(len(array)) for name, array in self.measured.items()}
        for name, array in self.measured.items():
            made.measured[name][...] = array
        made.random = self.random.copy()
        return made

    @property
    def arrays(self) -> Mapping[str, Array]:
        """Every array by name, measured ones included."""
        return {name: self.array(name) for name in self._specs}

    @property
    def parameters(self) -> Mapping[str, Array]:
        """The trained arrays by name."""
        return {name: self.array(name) for name in self._spans}

    @property
    def gradient_arrays(self) -> Mapping[str, Array]:
        return self.named(self.gradients)

    def named(self, flat: Array) -> dict[str, Array]:
        """The parts of a flat array that belong to the trained parameters, such as an optimiser's running means."""
        return {name: flat[span].reshape(self._specs[name].shape) for name, span in self._spans.items()}

    def array(self, name: str) -> Array:
        flat = self.values[self._spans[name]] if name in self._spans else self.measured[name]
        return flat.reshape(self._specs[name].shape)

    def flat(self, node: str, name: str) -> Array:
        return self.array(f"{node}.{name}").reshape(-1)

    def flat_gradient(self, node: str, name: str) -> Array:
        return self.gradients[self._spans[f"{node}.{name}"]]


def aligned_zeros(size: int) -> Array:
    """Zeros that begin on a cache line."""
    raw = np.zeros(size + ALIGNED, np.float32)
    offset = -(raw.ctypes.data // 4) % ALIGNED
    return raw[offset : offset + size]
