"""How good a network is: accuracy, the five best guesses, and which classes it takes for which."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs
import numpy as np

Array = np.ndarray[Any, Any]
BEST_GUESSES = 5


@attrs.frozen(eq=False)
class Evaluation:
    """What a network made of a part of the data; accuracies are shares from 0 to 1, None without classes."""

    loss: float
    samples: int
    top1: float | None = None
    top5: float | None = None
    confusion: Array | None = None  # [right class, guessed class]: how many

    def precision(self) -> list[float | None]:
        """For each class, how often its guesses are right; None where it was never guessed."""
        return [] if self.confusion is None else _shares(self.confusion.diagonal(), self.confusion.sum(axis=0))

    def recall(self) -> list[float | None]:
        """For each class, how many of its samples were found; None where it has none."""
        return [] if self.confusion is None else _shares(self.confusion.diagonal(), self.confusion.sum(axis=1))

    def f1(self) -> list[float | None]:
        """For each class, the harmonic mean of precision and recall; None where it neither occurs nor is guessed."""
        if self.confusion is None:
            return []
        return _shares(2 * self.confusion.diagonal(), self.confusion.sum(axis=0) + self.confusion.sum(axis=1))

    def to_json(self) -> dict[str, Any]:
        """Everything as plain numbers."""
        return {
            "loss": self.loss,
            "samples": self.samples,
            "accuracy": self.top1,
            "top5_accuracy": self.top5,
            "confusion": None if self.confusion is None else self.confusion.tolist(),
            "precision": self.precision(),
            "recall": self.recall(),
        }


def evaluation_from_json(content: Mapping[str, Any]) -> Evaluation:
    """An evaluation from what `Evaluation.to_json` wrote."""
    confusion = None if content["confusion"] is None else np.array(content["confusion"], np.int64)
    return Evaluation(
        float(content["loss"]), int(content["samples"]), content["accuracy"], content["top5_accuracy"], confusion
    )


def _shares(hits: Array, totals: Array) -> list[float | None]:
    return [int(hit) / int(total) if total else None for hit, total in zip(hits, totals, strict=True)]


class Tally:
    """Counts over the batches of an evaluation."""

    def __init__(self, classes: int | None) -> None:
        self.classes = classes
        self._confusion = np.zeros((classes or 0, classes or 0), np.int64)
        self._loss, self._samples, self._best5, self._guesses = 0.0, 0, 0, 0

    def add(self, scores: Array, targets: Array, loss_sum: float) -> None:
        """Counts a batch in: scores [N, K, ...], labels [N, ...], and the sum of its samples' losses."""
        self._loss += loss_sum
        self._samples += len(scores)
        if self.classes is None:
            return
        rows = np.moveaxis(scores, 1, -1).reshape(-1, self.classes)
        labels = np.asarray(targets, np.int64).reshape(-1)
        guesses = rows.argmax(axis=1)
        pairs = np.bincount(labels * self.classes + guesses, minlength=self.classes**2)
        self._confusion += pairs.reshape(self.classes, self.classes)
        higher = (rows > rows[np.arange(len(rows)), labels, None]).sum(axis=1)
        self._best5 += int((higher < BEST_GUESSES).sum())
        self._guesses += len(labels)

    def result(self) -> Evaluation:
        loss = self._loss / max(1, self._samples)
        if self.classes is None or not self._guesses:
            return Evaluation(loss, self._samples)
        top1 = int(self._confusion.trace()) / self._guesses
        return Evaluation(loss, self._samples, top1, self._best5 / self._guesses, self._confusion.copy())
