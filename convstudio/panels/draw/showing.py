"""What stands in the draw panel, made of what is known."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from convstudio.look.colormaps import SIGNED, shade, table
from convstudio.panels.draw.bars import percent
from convstudio.panels.draw.strip import Cell
from convstudio.wording import class_names, thousands
from engine.data.stages import Staged
from engine.numerals import written
from engine.protocol import Prediction
from engine.questions.nearest import ANGLE, NearestFound

Array = np.ndarray[Any, Any]
UNTRAINED = "It has not been trained yet, so this is no more than a guess."
BYTE = 255


def number(share: float, prediction: Prediction) -> str:
    """A probability, or a plain number where the network does not classify."""
    return percent(share) if prediction.classifies else written(share, 3)


def shares(prediction: Prediction) -> tuple[Array, tuple[str, ...]]:
    """A share for each class and its name; of a picture of classes, the share of the pixels that each has."""
    scores = np.nan_to_num(prediction.scores)
    if scores.ndim > 1:
        best = scores.argmax(axis=0)
        scores = np.bincount(best.reshape(-1), minlength=len(scores)) / best.size
    return scores, tuple(class_names(prediction.classes, len(scores)))


def stages(made: Staged, said: Prediction | None) -> list[Cell]:
    """Every stage, and at the end what the network takes."""
    cells = [Cell(stage.pixels, stage.title, stage.how) for stage in made.stages]
    return [*cells, _normalised(made.sample, said)] if said else cells


def _normalised(sample: Array, said: Prediction) -> Cell:
    scale, shift = (np.reshape(numbers, (-1, 1, 1)) for numbers in (said.scale, said.shift))
    values = sample * scale + shift
    low, high = float(values.min()), float(values.max())
    if len(values) == 1:
        pixels = table(SIGNED)[shade(values[0], SIGNED, low, high)]
    else:
        pixels = np.rint((values - low) / ((high - low) or 1.0) * BYTE).astype(np.uint8).transpose(1, 2, 0)
    mean, std = -said.shift[0] / said.scale[0] / BYTE, 1 / said.scale[0] / BYTE
    ends = f"{low:.1f} to {high:.1f}".replace("-", "−")
    how = f"Each pixel becomes (pixel / 255 − {mean:.4f}) / {std:.4f}: mean and spread of the data. Now {ends}."
    return Cell(pixels, "Normalised", how)


def nearest(answer: NearestFound, names: Sequence[str], winner: int) -> list[Cell]:
    """The samples with their classes; those of the class that the network says stand out."""
    cells = []
    for near in answer.found:
        label = near.label
        name = "" if label is None else names[label] if label < len(names) else str(label)
        angle = answer.measure == ANGLE
        distance = f"{near.distance:.3f}" if angle else f"{near.distance:.1f}"
        measured = f"1 − cosine is {distance}" if angle else f"its distance is {distance}"
        about = f"Sample {thousands(near.sample)}, class {name}" if name else f"Sample {thousands(near.sample)}"
        tip = f"{about}: {measured}. Click to look at it."
        words = f"{name} · {distance}" if name else distance
        cells.append(Cell(near.picture, words, tip, strong=label == winner))
    return cells
