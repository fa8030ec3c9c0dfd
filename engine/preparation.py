"""Compiles what a network needs before anybody waits for it, and says what it is at."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from engine import limits, memory
from engine.graph import Graph
from engine.jit import LANES, numba_type
from engine.memory import Tensor
from engine.naming import continued
from engine.network import Network
from engine.optimizers import Updater
from engine.plan import Plan
from engine.protocol import Preparing
from engine.settings import TrainingSettings


class Recording(Plan):
    """A plan that stops before its kernels are compiled."""

    def _finish(self) -> None:
        memory.place(a.storage for step in self.steps for a in step.args if isinstance(a, Tensor))


def prepare(graph: Graph, settings: TrainingSettings) -> Iterator[Preparing]:
    """Compiles every kernel of training and measuring, one after each value that is taken."""
    network, loss = Network(graph, drawn=False), settings.make_loss()  # kinds of numbers alone are asked for
    limits.check_memory(network.inference, LANES, training=True)
    targets, losses = loss.targets(network.output_shape, LANES), np.zeros(LANES, np.float32)
    trained = network.trained_graph(loss)
    plans = [
        Recording(trained, network.inference, network.store, 1, loss=loss.recorder(targets, losses)),
        Recording(trained, network.inference, network.store, 1),
    ]
    work: dict[Any, tuple[str, Any, tuple[Any, ...]]] = {}
    for plan in plans:
        for step in plan.steps:
            args = step.arguments()
            key = id(step.kernel), tuple(numba_type(a) for a in args)
            work.setdefault(key, (continued(graph[step.node].layer.title), step.kernel, args))
    total = len(work) + 1
    for number, (title, kernel, args) in enumerate(work.values(), 1):
        yield Preparing(title, number, total)
        kernel.compiled(*args)
    yield Preparing("the optimiser", total, total)
    Updater(settings.optimizer, network.store)
