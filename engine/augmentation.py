"""How training samples are changed at random, so that a network sees each a little differently in every epoch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from engine.errors import EngineError, FieldError
from engine.spec import Declared, choice, real, whole

NO_FLIP, HORIZONTAL, VERTICAL, BOTH = "none", "horizontal", "vertical", "both"
FLIPS = (NO_FLIP, HORIZONTAL, VERTICAL, BOTH)
MOVING = (
    "shift",
    "rotate",
    "scale",
    "shear",
    "elastic",
    "flip",
)  # these move pixels, and would have to move labels too
NEEDS_IMAGES = ("rotate", "shear")  # a signal has one axis, around which nothing turns


@attrs.frozen
class Augmentation(Declared):
    """Each change is drawn anew for every sample and epoch, from nothing to its full strength either way; 0: never."""

    shift: float = real(0.0, low=0.0, high=64.0, unit="px", help="How far the picture moves along each axis.")
    rotate: float = real(0.0, low=0.0, high=180.0, unit="°", help="How far it turns around its centre.")
    scale: float = real(0.0, low=0.0, high=1.0, help="How much larger or smaller it becomes: 0.1 is a tenth.")
    shear: float = real(0.0, low=0.0, high=60.0, unit="°", help="How far it leans to one side.")
    elastic: float = real(0.0, low=0.0, high=16.0, unit="px", help="How far points wander, neighbours together.")
    smoothness: float = real(7.0, low=2.0, high=64.0, unit="px", help="How far apart points wander independently.")
    flip: str = choice(NO_FLIP, *FLIPS, help="Along which axes every other sample is mirrored.")
    brightness: float = real(0.0, low=0.0, high=1.0, help="How much is added to or taken from all pixels.")
    contrast: float = real(0.0, low=0.0, high=1.0, help="How much differences grow or shrink: 0.1 is a tenth.")
    noise: float = real(0.0, low=0.0, high=1.0, help="The spread of random numbers that are added to each pixel.")
    cutout: int = whole(0, low=0, high=256, unit="px", help="The side of a square that is blotted out.")
    mix_up: float = real(
        0.0, low=0.0, high=8.0, title="Mix-up", help="How evenly two samples and their labels are blended: 0.2 is mild."
    )

    @property
    def changes(self) -> tuple[str, ...]:
        """The names of all changes that are made."""
        plain = type(self)()
        return tuple(n for n, v in self.settings().items() if n != "smoothness" and v != getattr(plain, n))

    @property
    def text(self) -> str:
        """As `parse` reads it: "shift=2,rotate=15"; nothing where nothing is changed."""
        named = (*self.changes, *(("smoothness",) if self.elastic else ()))
        plain, values = type(self)(), self.settings()
        wanted = [n for n in named if values[n] != getattr(plain, n)]
        return ",".join(f"{n}={values[n]:g}" if not isinstance(values[n], str) else f"{n}={values[n]}" for n in wanted)

    def check_fits(self, sample: tuple[int, ...], *, labels_are_places: bool) -> None:
        """Refuses changes that mean nothing for such samples, or would tear them from their labels."""
        for name in self.changes:
            if name in NEEDS_IMAGES and len(sample) < 3:
                raise FieldError(name, f"{name} needs images; these samples are signals. Set it to 0.")
            if name == "flip" and self.flip != HORIZONTAL and len(sample) < 3:
                raise FieldError(name, "Signals can be mirrored horizontally only. Set flip to horizontal or none.")
            if labels_are_places and name in (*MOVING, "mix_up"):
                raise FieldError(
                    name,
                    f"{name} would move the pixels but not what the network should answer for each of them. "
                    "Use brightness, contrast, noise or cutout here.",
                )


PRESETS: Mapping[str, Augmentation] = {
    "none": Augmentation(),
    "digits": Augmentation(shift=2.0, rotate=12.0, scale=0.12, shear=10.0, elastic=1.5),
    "photos": Augmentation(shift=4.0, flip=HORIZONTAL, brightness=0.1, contrast=0.2, cutout=8),
}
TYPICAL: Mapping[str, Any] = {
    "shift": 2.0,
    "rotate": 12.0,
    "scale": 0.1,
    "shear": 10.0,
    "elastic": 1.5,
    "flip": HORIZONTAL,
    "brightness": 0.1,
    "contrast": 0.2,
    "noise": 0.05,
    "cutout": 8,
    "mix_up": 0.2,
}


def parse(text: str) -> Augmentation:
    """An augmentation from text such as "digits" or "shift=2,rotate,noise=0.1"; bare names have typical strengths."""
    if text.strip() in PRESETS:
        return PRESETS[text.strip()]
    fields, given = Augmentation.fields(), dict[str, Any]()
    for item in filter(None, (part.strip() for part in text.split(","))):
        name, equals, value = (piece.strip() for piece in item.partition("="))
        if name not in fields or (not equals and name not in TYPICAL):
            known = ", ".join((*PRESETS, *TYPICAL, "smoothness=7"))
            raise EngineError(f"There is no augmentation {item!r}; there are {known}.")
        given[name] = _number(name, fields[name].kind, value) if equals else TYPICAL[name]
    return Augmentation(**given)


def _number(name: str, kind: str, text: str) -> Any:
    if kind == "choice":
        return text
    try:
        return int(text) if kind == "whole" else float(text)
    except ValueError:
        raise FieldError(
            name, f"{name} must be a number {Augmentation.fields()[name].limits}; {text!r} was given."
        ) from None
