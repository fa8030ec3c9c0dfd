"""Numbers as people read them: thin spaces between thousands, the multiplication sign, units that fit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from engine.shapes import ReceptiveField

TIMES = " × "


def thousands(number: int) -> str:
    """61 706, with narrow spaces that do not break."""
    return f"{number:,}".replace(",", "\u202f").replace("-", "−")


def sizes(shape: Iterable[int]) -> str:
    """16 × 14 × 14."""
    return TIMES.join(map(str, shape))


def seen(field: ReceptiveField | None) -> str:
    """The size of a receptive field; nothing where there is none."""
    return sizes(field.size) if field else ""


def kilobytes(size: int) -> str:
    """Memory in kB, from 10 MB on in MB."""
    return f"{thousands(round(size / 1000))} kB" if size < 10_000_000 else f"{size / 1e6:.1f} MB"


def class_names(known: Sequence[str], outputs: int) -> list[str]:
    """A name for each output of a network, which may have more or fewer than its data have classes."""
    return [str(known[k]) if k < len(known) else str(k) for k in range(outputs)]
