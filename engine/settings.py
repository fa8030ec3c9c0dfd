"""What a training run is asked to do, as a value that can be saved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from engine.augmentation import Augmentation
from engine.errors import EngineError, FieldError
from engine.losses import LOSSES, CrossEntropy, Loss
from engine.optimizers import OPTIMIZERS, Adam, Optimizer
from engine.schedules import SCHEDULES, Constant, Schedule
from engine.spec import Declared, choice, flag, real, whole

CROSS_ENTROPY = "cross_entropy"


def _weights(value: Any) -> tuple[float, ...] | None:
    if value is None:
        return None
    numbers = isinstance(value, (list, tuple)) and all(isinstance(v, (int, float)) and 0 <= v < 1e6 for v in value)
    if not numbers or not any(value):
        wanted = "numbers from 0 that are not all 0, one for each class"
        raise FieldError("class_weights", f"class_weights must be {wanted}; {value!r} was given.")
    return tuple(float(v) for v in value)


@attrs.frozen(kw_only=True)
class TrainingSettings(Declared):
    """How a network is trained."""

    loss: str = choice(CROSS_ENTROPY, *LOSSES, help="What training makes small.")
    learning_rate: float = real(1e-3, low=0.0, high=100.0, help="How far one step goes.")
    batch: int = whole(64, low=1, high=65536, unit="samples", help="How many samples one step looks at.")
    epochs: int = whole(10, low=1, high=100_000, help="How many times training sees all samples.")
    seed: int = whole(0, low=0, high=2**31 - 1, help="The same seed gives the same run, bit for bit.")
    threads: int = whole(
        0, low=0, high=1024, zero="all", help="How many threads compute; 0: all. It changes no result."
    )
    label_smoothing: float = real(0.0, low=0.0, high=0.9, help="How much of each label is spread over all classes.")
    clip_norm: float = real(
        0.0,
        low=0.0,
        high=1e6,
        title="Clip gradients to",
        help="The length that gradients are cut to; 0 leaves them alone.",
    )
    patience: int = whole(
        0,
        low=0,
        high=100_000,
        unit="epochs",
        zero="never",
        help="Epochs without progress after which training stops; 0: never.",
    )
    keep_best: bool = flag(
        True, title="Keep the best epoch", help="Whether the best epoch is kept beside the last one."
    )
    validation_fraction: float = real(
        0.05, low=0.0, high=0.9, title="Validation share", help="The share of training samples that only measure."
    )
    class_weights: tuple[float, ...] | None = attrs.field(default=None, converter=_weights)
    optimizer: Optimizer = attrs.field(factory=Adam, validator=attrs.validators.instance_of(Optimizer))
    augmentation: Augmentation = attrs.field(factory=Augmentation, validator=attrs.validators.instance_of(Augmentation))
    schedule: Schedule = attrs.field(factory=Constant, validator=attrs.validators.instance_of(Schedule))

    def make_loss(self) -> Loss:
        """The loss with its settings."""
        if self.loss == CROSS_ENTROPY:
            return CrossEntropy(label_smoothing=self.label_smoothing, class_weights=self.class_weights)
        if self.label_smoothing or self.class_weights:
            belong = f"Label smoothing and class weights belong to {CROSS_ENTROPY}"
            raise FieldError("loss", f"{belong}; the loss is {self.loss}.")
        return LOSSES[self.loss]()

    def to_json(self) -> dict[str, Any]:
        """Plain values that `from_json` reads again."""
        plain = self.settings()
        plain["class_weights"] = None if self.class_weights is None else list(self.class_weights)
        plain["optimizer"] = _described(self.optimizer, OPTIMIZERS)
        plain["augmentation"] = self.augmentation.settings()
        plain["schedule"] = _described(self.schedule, SCHEDULES)
        return plain


def settings_from_json(content: Any) -> TrainingSettings:
    """Settings from plain values, or a sentence about the first that is wrong."""
    if not isinstance(content, Mapping):
        raise EngineError("Training settings must be a JSON object.")
    known = {*TrainingSettings.fields(), "class_weights", "optimizer", "schedule", "augmentation"}
    _refuse_unknown("The training settings", content, known)
    given = dict(content)
    if "optimizer" in given:
        given["optimizer"] = _made("optimizer", given["optimizer"], OPTIMIZERS)
    if "schedule" in given:
        given["schedule"] = _made("schedule", given["schedule"], SCHEDULES)
    if "augmentation" in given:
        given["augmentation"] = _augmentation(given["augmentation"])
    return TrainingSettings(**given)


def _described(value: Declared, kinds: Mapping[str, type[Any]]) -> dict[str, Any]:
    kind = next(name for name, cls in kinds.items() if type(value) is cls)
    return {"kind": kind, **value.settings()}


def _made(what: str, content: Any, kinds: Mapping[str, type[Any]]) -> Any:
    fields = {"kind": content} if isinstance(content, str) else content
    kind = fields.get("kind") if isinstance(fields, Mapping) else None
    if not isinstance(kind, str) or kind not in kinds:
        raise FieldError(what, f"{what} must be one of {', '.join(kinds)}; {kind!r} was given.")
    settings = {name: value for name, value in fields.items() if name != "kind"}
    _refuse_unknown(f"The {what} {kind}", settings, kinds[kind].fields())
    return kinds[kind](**settings)


def _augmentation(content: Any) -> Augmentation:
    if not isinstance(content, Mapping):
        raise FieldError("augmentation", "The augmentation must be a JSON object.")
    _refuse_unknown("The augmentation", content, Augmentation.fields())
    return Augmentation(**content)


def _refuse_unknown(what: str, given: Mapping[str, Any], known: Any) -> None:
    for name in given:
        if name not in known:
            raise FieldError(str(name), f"{what} has no field {name!r}; there are {', '.join(sorted(known))}.")
