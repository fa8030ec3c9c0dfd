"""A trainer that rests before its first step and answers at once, and a tiny network to ask about."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QObject, Signal

from convstudio.document.document import Document
from convstudio.document.project import Project
from engine import Graph, chain, graph, make
from engine.batches import ArrayData, ArrayPart
from engine.link import InlineLink
from engine.protocol import Start, StepOnce
from engine.questions import ANSWERS
from engine.settings import TrainingSettings

GRAPH = chain(
    make("input", shape=(1, 8, 8)),
    make("conv2d", out_channels=3, kernel_size=3, padding=1),
    make("relu"),
    make("max_pool2d"),
    make("flatten"),
    make("dense", out_features=4),
    name="tiny",
)
INPUT, CONV, RELU, POOL, FLAT, DENSE = (node.id for node in GRAPH.order)


class Asked(QObject):
    """What the ledger needs of a session."""

    answered = Signal(object)
    why = Signal(object)
    network_changed = Signal()
    shown = Signal(object)
    ended = Signal()

    def __init__(self, network: Graph = GRAPH) -> None:
        super().__init__()
        self.number, self.questions = 0, list[Any]()
        rng = np.random.default_rng(4)
        part = ArrayPart(rng.integers(0, 255, (60, 1, 8, 8), dtype=np.uint8), np.arange(60) % 4)
        data = ArrayData(part, None, part, mean=(0.5,), std=(0.3,))
        self.link = InlineLink()
        self.link.send(Start(graph.dumps(network), TrainingSettings(batch=20, threads=1), data, paused=True))
        for _ in range(200):
            self.link.poll()

    def new_number(self) -> int:
        self.number += 1
        return self.number

    def ask_about(self, question: Any) -> None:
        self.questions.append(question)
        self.link.send(question)
        for message in self.link.poll():
            if isinstance(message, ANSWERS):
                self.answered.emit(message)

    def step(self) -> None:
        """One step of training."""
        self.link.send(StepOnce())
        self.link.poll()
        self.link.poll()

    @property
    def trainer(self) -> Any:
        return self.link._worker._trainer  # type: ignore[union-attr]


def document_of(network: Graph = GRAPH) -> Document:
    return Document(Project(network))
