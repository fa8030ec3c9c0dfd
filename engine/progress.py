"""Where a training run stands, as plain values that can be saved and sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

import attrs
import numpy as np

from engine.errors import EngineError

Array = np.ndarray[Any, Any]
TRAINING, VALIDATION, TEST, FINISHED = "training", "validation", "test", "finished"
_T = TypeVar("_T", bound=attrs.AttrsInstance)


@attrs.frozen
class EpochResult:
    """One line of a run's history."""

    epoch: int  # the first is 1
    steps: int
    learning_rate: float
    train_loss: float
    train_accuracy: float | None = None
    validation_loss: float | None = None
    validation_accuracy: float | None = None
    test_loss: float | None = None
    test_accuracy: float | None = None


@attrs.frozen
class StepResult:
    """What one call of `Trainer.step` did."""

    phase: str  # "training", or the part that is being measured
    epoch: int
    step: int
    loss: float  # of the batch in training, else 0
    accuracy: float | None
    learning_rate: float
    samples: int
    finished_epoch: EpochResult | None = None


@attrs.define
class Progress:
    """How far a run has come."""

    epoch: int = 0  # epochs that are behind us
    seen: int = 0  # samples of this one
    steps: int = 0  # in all
    loss_sum: float = 0.0  # over the samples of this epoch
    hit_sum: int = 0
    last_rate: float = 0.0
    best_epoch: int = 0
    best_accuracy: float | None = None
    best_loss: float | None = None
    stopped_early: bool = False


@attrs.frozen(eq=False)
class State:
    """All that a run needs to go on with the same bits: arrays by name, and plain facts."""

    arrays: Mapping[str, Array]
    facts: Mapping[str, Any]


def read_plain(cls: type[_T], content: Any) -> _T:
    """A value of a plain attrs class from its JSON object, every field checked against its type."""
    fields = attrs.fields(cls)
    if not isinstance(content, Mapping) or set(content) != {f.name for f in fields}:
        raise EngineError(f"{cls.__name__} should have the fields {', '.join(f.name for f in fields)}.")
    for field in fields:
        value, allowed = content[field.name], str(field.type).replace(" | None", "")
        kinds = {"int": (int,), "float": (int, float), "bool": (bool,)}[allowed]
        missing = value is None and "None" in str(field.type)
        if not missing and (not isinstance(value, kinds) or (isinstance(value, bool) and allowed != "bool")):
            raise EngineError(f"{field.name} should be of the type {field.type}; {value!r} was found.")
    return cls(**content)
