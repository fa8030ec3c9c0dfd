"""Where a dragged card would line up with the cards around it: edges, middles and equal gaps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import attrs
from PySide6.QtCore import QPointF, QRectF

BEYOND, TICK = 16.0, 5.0  # how far a line reaches beyond the cards, and half the ticks at the ends of a gap
SAME = 0.5  # places nearer than that are one
Line = tuple[QPointF, QPointF]


@attrs.frozen
class _Axis:
    """One of the two directions, so that all is written once."""

    low: Callable[[QRectF], float]
    high: Callable[[QRectF], float]
    point: Callable[[float, float], QPointF]  # from a place along this axis and one across it


X = _Axis(QRectF.left, QRectF.right, QPointF)
Y = _Axis(QRectF.top, QRectF.bottom, lambda along, across: QPointF(across, along))


def snapped(held: QRectF, others: Sequence[QRectF], reach: float) -> tuple[QPointF, list[Line]]:
    """How far to nudge what is held, and the lines that show why."""
    by_x = _nearest(X, held, Y, others, reach)
    by_y = _nearest(Y, held, X, others, reach)
    moved = held.translated(by_x or 0.0, by_y or 0.0)
    lines = []
    for axis, across, by in ((X, Y, by_x), (Y, X, by_y)):
        if by is not None:
            lines += _lined_up(axis, across, moved, others) or _gap_lines(axis, across, moved, others)
    return QPointF(by_x or 0.0, by_y or 0.0), lines


def _nearest(axis: _Axis, held: QRectF, across: _Axis, others: Sequence[QRectF], reach: float) -> float | None:
    """The shortest way to a place that lines up; edges and middles come before gaps."""
    own = _marks(axis, held)
    to_lines = [there - here for o in others for here, there in zip(own, _marks(axis, o), strict=True)]
    to_gaps = [place - axis.low(held) for place in _even_places(axis, across, held, others)]
    for ways in (to_lines, to_gaps):
        best = min(ways, key=abs, default=None)
        if best is not None and abs(best) <= reach:
            return best
    return None


def _marks(axis: _Axis, face: QRectF) -> tuple[float, float, float]:
    low, high = axis.low(face), axis.high(face)
    return (low + high) / 2, low, high


def _row(axis: _Axis, across: _Axis, held: QRectF, others: Sequence[QRectF]) -> list[QRectF]:
    """Those that stand in the same row or column as what is held, in order."""
    shared = [o for o in others if across.low(o) < across.high(held) and across.high(o) > across.low(held)]
    return sorted(shared, key=axis.low)


def _even_places(axis: _Axis, across: _Axis, held: QRectF, others: Sequence[QRectF]) -> list[float]:
    """Where the gaps to two neighbours, or to one and beyond it, would be the same."""
    row, size = _row(axis, across, held, others), axis.high(held) - axis.low(held)
    middle, found = _marks(axis, held)[0], []
    before = [o for o in row if _marks(axis, o)[0] < middle]
    after = [o for o in row if _marks(axis, o)[0] >= middle]
    if before and after:
        found.append((axis.high(before[-1]) + axis.low(after[0]) - size) / 2)
    if len(before) > 1:
        found.append(axis.high(before[-1]) + axis.low(before[-1]) - axis.high(before[-2]))
    if len(after) > 1:
        found.append(axis.low(after[0]) - (axis.low(after[1]) - axis.high(after[0])) - size)
    return found


def _lined_up(axis: _Axis, across: _Axis, held: QRectF, others: Sequence[QRectF]) -> list[Line]:
    """A line through each edge or middle that is shared now; one is enough where cards are of the same size."""
    lines: list[Line] = []
    for number, own in enumerate(_marks(axis, held)):
        sharing = [o for o in others if abs(_marks(axis, o)[number] - own) < SAME]
        if not sharing or (number and lines and all(_same_size(axis, held, o) for o in sharing)):
            continue
        low = min(across.low(f) for f in (held, *sharing)) - BEYOND
        high = max(across.high(f) for f in (held, *sharing)) + BEYOND
        lines.append((axis.point(own, low), axis.point(own, high)))
    return lines


def _same_size(axis: _Axis, a: QRectF, b: QRectF) -> bool:
    return abs((axis.high(a) - axis.low(a)) - (axis.high(b) - axis.low(b))) < SAME


def _gap_lines(axis: _Axis, across: _Axis, held: QRectF, others: Sequence[QRectF]) -> list[Line]:
    """The gaps that are equal now, each with a tick at both ends."""
    row = sorted([*_row(axis, across, held, others), held], key=axis.low)
    place = row.index(held)
    near = row[max(0, place - 2) : place + 3]
    gaps = [(axis.high(a), axis.low(b), held in (a, b)) for a, b in pairwise(near)]
    level = sum((across.low(held), across.high(held))) / 2
    lines: list[Line] = []
    for start, end, beside in gaps:
        same = [other for other in gaps if abs((other[1] - other[0]) - (end - start)) < SAME]
        if len(same) > 1 and (beside or any(touches for _, _, touches in same)):
            lines.append((axis.point(start, level), axis.point(end, level)))
            lines += [(axis.point(at, level - TICK), axis.point(at, level + TICK)) for at in (start, end)]
    return lines
