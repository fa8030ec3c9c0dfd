"""How the loss of one sample was made: from the network's last numbers and what they should have been."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np

from engine.explained import FORMULA, Explanation, Index, beside, explanation, largest_terms, number
from engine.jit import LANES
from engine.losses import BinaryCrossEntropy, CrossEntropy
from engine.numerals import written
from engine.pictures import probabilities
from engine.plan import five
from engine.protocol import REPORT_BYTES
from engine.questions.learning import ExplainedLoss, ExplainLoss
from engine.trainer import Trainer

Array = np.ndarray[Any, Any]


def explain_loss(trainer: Trainer, question: ExplainLoss) -> ExplainedLoss:
    """The loss that training would give this sample alone."""
    network, loss = trainer.network, trainer.loss
    source = network.trained_graph(loss).outputs[0].id
    x, wanted = _sample(trainer, question.sample)
    scores = network.activations(x[None], (source,))[source][0]
    label = int(wanted[0]) if loss.counts_hits and len(wanted) == 1 else -1
    found = _explained(trainer, scores, wanted)
    value = _engines(trainer, scores, wanted)
    found = largest_terms(beside(found, value), REPORT_BYTES // 2)  # their probabilities come along
    chances = probabilities(scores)[found.indices[:, 0]] if label >= 0 else np.zeros(0)
    return ExplainedLoss(question.number, question.sample, source, label, value, found, chances)


def _sample(trainer: Trainer, index: int) -> tuple[Array, Array]:
    """The same sample as `Trainer.sample`, and what the network should answer to it."""
    part, batches = next(iter(trainer._measured.items()), ("training", trainer._batches))
    return trainer.sample(index), trainer._targets[part](batches.pool[[index % len(batches)]])


def _engines(trainer: Trainer, scores: Array, wanted: Array) -> float:
    """The loss kernel's own number for this one sample."""
    z = np.zeros((*five(scores.shape, 1), LANES), np.float32)
    z[0, ..., 0] = scores.reshape(five(scores.shape, 1)[1:])
    targets = trainer.loss.targets(scores.shape, LANES)
    targets[: len(wanted)] = wanted
    losses, count = np.zeros(LANES, np.float32), np.ones(1, np.int64)
    others = np.zeros_like(targets), np.ones(LANES, np.float32)
    step: Any = SimpleNamespace(samples=count, run=lambda kernel, *arguments: kernel(*arguments))
    tensors: tuple[Any, Any] = z, np.zeros_like(z)
    trainer.loss.recorder(targets, losses, others)(step, *tensors)
    return float(losses[0])


def _explained(trainer: Trainer, scores: Array, wanted: Array) -> Explanation:
    z, loss = scores.astype(np.float64), trainer.loss
    if isinstance(loss, CrossEntropy):
        rows = z.reshape(len(z), -1)
        shifted = rows - rows.max(axis=0)
        surprise = np.log(np.exp(shifted).sum(axis=0)) - shifted  # −log p
        return (
            _of_class(loss, rows[:, 0], surprise[:, 0], int(wanted[0]))
            if rows.shape[1] == 1
            else _of_places(loss, z, surprise, wanted)
        )
    t = wanted.astype(np.float64).reshape(z.shape)
    binary = isinstance(loss, BinaryCrossEntropy)
    each = np.maximum(z, 0) - z * t + np.log1p(np.exp(-np.abs(z))) if binary else (z - t) ** 2
    rule = "−t·log σ(z) − (1 − t)·log(1 − σ(z))" if binary else "(z − t)²"
    lines = f"{rule} for every output z and its target t", _mean(each)
    places = [(0, tuple(map(int, at))) for at in np.ndindex(z.shape)]
    return explanation(FORMULA, places, z, t, each / each.size, float(each.mean()), lines=lines)


def _of_class(loss: CrossEntropy, z: Array, surprise: Array, label: int) -> Explanation:
    """One answer among several classes."""
    weights, smoothing = loss.weights(len(z)).astype(np.float64), float(loss.label_smoothing)
    wanted = smoothing / len(z) * weights / weights[label]
    wanted[label] += 1 - smoothing
    places: list[tuple[int, Index]] = [(0, (k,)) for k in range(len(z))]
    powers = np.exp(z - z.max())
    chance, result = float(powers[label] / powers.sum()), float((wanted * surprise).sum())
    lines = [
        f"p of the right class, {label} = e^z / Σ e^z = {number(chance)}",
        f"−log p = −log {number(chance)} = {number(float(surprise[label]))}",
    ]
    if smoothing:
        lines.append(
            f"{written(smoothing, 3)} of the label is spread over {len(z)} classes: each counts as its share says"
        )
        lines.append(f"sum of the shares of −log p = {number(result)}")
    return explanation(FORMULA, places, z, wanted, wanted * surprise, result, lines=tuple(lines))


def _of_places(loss: CrossEntropy, z: Array, surprise: Array, wanted: Array) -> Explanation:
    """A class for every pixel."""
    weights, smoothing = loss.weights(len(z)).astype(np.float64), float(loss.label_smoothing)
    spots = np.arange(surprise.shape[1])
    own = weights[wanted]
    each = own * (1 - smoothing) * surprise[wanted, spots] + smoothing / len(z) * (weights @ surprise)
    parts = each / own.sum()
    corners = np.stack(np.unravel_index(spots, z.shape[1:]), axis=1)
    places = [(0, (int(k), *map(int, at))) for k, at in zip(wanted, corners, strict=True)]
    values = z.reshape(len(z), -1)[wanted, spots]
    lines = "−log p of the right class at every place", f"mean over {len(spots)} places = {number(float(parts.sum()))}"
    return explanation(FORMULA, places, values, own / own.sum(), parts, float(parts.sum()), lines=lines)


def _mean(each: Array) -> str:
    return f"mean over {each.size} outputs = {number(float(each.mean()))}"
