"""What a network says to every sample of a part of the data, found between the steps of its training."""

from __future__ import annotations

from collections.abc import Iterator
from time import perf_counter
from typing import Any

import attrs
import numpy as np

from engine.errors import InputError
from engine.jit import LANES
from engine.metrics import Evaluation, Tally
from engine.plan import Plan
from engine.progress import TEST
from engine.trainer import Trainer

Array = np.ndarray[Any, Any]
BLOCKS = 2  # of samples at a time
PIECE_S = 0.005  # what a piece of work may take between two steps


@attrs.frozen(eq=False)
class Judgement:
    """For every sample of a part, in its order: its class, what was said, and how surely."""

    part: str
    step: int  # of the training: later ones have changed nothing in it
    right: Array  # int64
    said: Array  # int64
    confidence: Array  # float32: the probability of what was said
    losses: Array  # float32
    evaluation: Evaluation

    @property
    def wrong(self) -> Array:
        """The places of all mistakes, the worst first."""
        places = np.flatnonzero(self.right != self.said)
        return places[np.argsort(-self.losses[places], kind="stable")]

    @property
    def uncertain(self) -> Array:
        """All places, the least certain first."""
        return np.argsort(self.confidence, kind="stable")

    def cell(self, right: int, said: int) -> Array:
        """The places of the samples of one class that were taken for another, the most confident first."""
        places = np.flatnonzero((self.right == right) & (self.said == said))
        return places[np.argsort(-self.confidence[places], kind="stable")]


def usual_part(trainer: Trainer, wanted: str = "") -> str:
    """The part of this name; without a name the one for testing, or the first that there is."""
    parts = trainer.parts
    if wanted and wanted not in parts:
        raise InputError(f"The data have no {wanted} part; there are {', '.join(parts)}.")
    return wanted or (TEST if TEST in parts else next(iter(parts)))


def judge(trainer: Trainer, part: str) -> Iterator[Judgement | int]:
    """How many samples were looked at so far, and at last the judgement; it is about the network as it is now."""
    if not trainer.loss.counts_hits:
        raise InputError(
            "This network is not trained to tell classes apart, so it makes no mistakes of this kind. "
            "Choose cross-entropy as the loss, and data with classes."
        )
    if len(trainer.network.output_shape) > 1:
        raise InputError("This network names a class for every pixel; mistakes are shown of whole samples.")
    batches, network = trainer.parts[part], trainer.network
    graph = network.trained_graph(trainer.loss)  # a last softmax is left out: losses are measured without rounding
    plan, step = Plan(graph, network.inference, network.store.copy(), BLOCKS), trainer.progress.steps
    (entry,), output = network.input_shapes, graph.outputs[0].id
    right, columns = np.asarray(batches.part.labels, np.int64)[batches.pool], []
    tally, began = Tally(network.output_shape[0]), perf_counter()
    for at in range(0, len(batches), BLOCKS * LANES):
        if perf_counter() - began > PIECE_S:
            yield at
            began = perf_counter()
        picks = np.ascontiguousarray(batches.pool[at : at + BLOCKS * LANES], np.int64)
        batches.pack(picks, plan.samples, plan.values[entry])
        plan.forward()
        scores, wanted = network.read(plan, plan.values[output], output), right[at : at + len(picks)]
        columns.append(_verdicts(scores, wanted))
        tally.add(scores, wanted, float(columns[-1][2].sum()))
    yield len(batches)
    said, confidence, losses = (np.concatenate(column) for column in zip(*columns, strict=True))
    yield Judgement(
        part,
        step,
        right,
        said.astype(np.int64),
        confidence.astype(np.float32),
        losses.astype(np.float32),
        tally.result(),
    )


def _verdicts(scores: Array, right: Array) -> tuple[Array, Array, Array]:
    """The class that is said to each sample, its probability, and the loss."""
    z, rows = np.nan_to_num(scores.astype(np.float64)), np.arange(len(scores))
    said = z.argmax(axis=1)
    logarithm = np.log(np.exp(z - z[rows, said, None]).sum(axis=1))
    return said, np.exp(-logarithm), logarithm + z[rows, said] - z[rows, right]
