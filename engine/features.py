"""What a layer makes of many samples, and the two directions in which that differs most."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import attrs
import numpy as np

from engine.batches import Batches
from engine.jit import LANES
from engine.network import Network
from engine.plan import Plan
from engine.store import Store

Array = np.ndarray[Any, Any]
MOST_FEATURES = 8192  # of a larger layer some are taken by lot
PIECE_FLOPS = 2e8  # of a product of matrices, which takes some milliseconds
BLOCKS = 2  # of samples at a time
AXES, SPARE = 2, 4  # directions that are shown, and more that are searched for so that these are found quickly
MOST_ROUNDS, SETTLED = 300, 1e-7
TINY = 1e-30


@attrs.frozen(eq=False)
class Features:
    """A row of numbers for each sample."""

    picks: Array  # int64: which samples of the part
    values: Array  # float32 [samples, features]
    said: Array  # int64: the class that the network says; empty where it says none
    all: int  # how many numbers the layer has


@attrs.frozen(eq=False)
class Principal:
    """Coordinates along the directions in which the samples differ most."""

    positions: Array  # float64 [samples, 2]
    shares: tuple[float, ...]  # of the variance, for each direction


def gather(
    network: Network, store: Store, batches: Batches, node: str, picks: Array, seed: int = 0
) -> Generator[None, None, Features]:
    """Runs samples through a network, some at a time."""
    plan = Plan(network.graph, network.inference, store, BLOCKS, watch={node})
    (entry,) = network.input_shapes
    size = int(np.prod(network.inference.nodes[node].output))
    chosen = np.arange(size)
    if size > MOST_FEATURES:
        chosen = np.sort(np.random.default_rng(seed).choice(size, MOST_FEATURES, replace=False))
    values, said = np.empty((len(picks), len(chosen)), np.float32), np.zeros(len(picks), np.int64)
    classifies = len(network.output_shape) == 1
    for at in range(0, len(picks), BLOCKS * LANES):
        some = np.ascontiguousarray(picks[at : at + BLOCKS * LANES], np.int64)
        batches.pack(some, plan.samples, plan.values[entry])
        plan.forward()
        found = network.read(plan, plan.values[node], node).reshape(len(some), -1)
        values[at : at + len(some)] = np.nan_to_num(found[:, chosen])
        if classifies:
            said[at : at + len(some)] = network.read(plan, plan.values[network.output], network.output).argmax(axis=1)
        yield None
    return Features(picks, values, said if classifies else said[:0], size)


def products(values: Array) -> Generator[None, None, Array]:
    """The products of all pairs of samples, measured from their mean."""
    samples, features = values.shape
    centred = values - values.mean(axis=0)
    yield None
    found = np.zeros((samples, samples), np.float32)
    rows = int(max(8, min(samples, PIECE_FLOPS / (2 * samples * features))))
    for at in range(0, samples, rows):
        found[at : at + rows, at:] = centred[at : at + rows] @ centred[at:].T
        yield None
    for at in range(0, samples, rows):  # the other half is the same
        found[at + rows :, at : at + rows] = found[at : at + rows, at + rows :].T
    return found


def squared_distances(products: Array) -> Array:
    """Between all pairs of samples, from their products."""
    lengths = products.diagonal()
    squares = lengths[:, None] + lengths - 2 * products
    return np.asarray(np.maximum(squares, 0), np.float32)


def principal(products: Array, seed: int = 0) -> Generator[None, None, Principal]:
    """Coordinates by repeated multiplication, until they stay."""
    samples = len(products)
    table, total = products.astype(np.float64), float(products.trace(dtype=np.float64))
    basis = np.random.default_rng(seed).standard_normal((samples, min(samples, AXES + SPARE)))
    before = np.zeros(AXES)
    for _ in range(MOST_ROUNDS):
        basis, _ = np.linalg.qr(table @ basis)
        image = table @ basis
        strengths, turn = np.linalg.eigh(basis.T @ image)
        strengths, basis = strengths[::-1], basis @ turn[:, ::-1]
        first = np.maximum(strengths[:AXES], 0)
        if np.abs(first - before[: len(first)]).max() <= SETTLED * max(TINY, first[0]):
            break
        before = first
        yield None
    axes = _facing(basis[:, :AXES])
    positions = np.zeros((samples, AXES))
    positions[:, : axes.shape[1]] = axes * np.sqrt(first)
    return Principal(positions, tuple(float(s) / max(TINY, total) for s in first))


def _facing(axes: Array) -> Array:
    """The same directions, each turned so that its farthest sample is on the positive side."""
    farthest = axes[np.abs(axes).argmax(axis=0), np.arange(axes.shape[1])]
    return np.asarray(axes * np.where(farthest < 0, -1.0, 1.0))
