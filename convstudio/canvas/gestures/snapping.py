"""Where a dragged card would line up with the cards around it: edges, middles and equal gaps."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from PySide6.QtCore import QPointF, QRectF

BEYOND, TICK = 16.0, 5.0  # how far a line reaches beyond the cards, and half the ticks at the ends of a gap
SAME = 0.5  # places nearer than that are one

Line = tuple[QPointF, QPointF]
Marks = tuple[float, float, float]  # what lines up along one axis
Face = tuple[Marks, Marks]  # along both: plain numbers, since every movement of the hand looks at all cards in sight
MIDDLE, LOW, HIGH = range(3)
X, Y = range(2)


class Snapping:
    """Knows the cards that stand still while another is dragged."""

    def __init__(self, others: Iterable[QRectF]) -> None:
        self._others = [_face(other) for other in others]

    def snapped(self, held: QRectF, seen: QRectF, reach: float) -> tuple[QPointF, list[Line]]:
        """How far to nudge what is held so that it lines up with others that are seen, and the lines that show why."""
        across, down = _face(seen)
        others = [o for o in self._others if _overlap(o[X], across) and _overlap(o[Y], down)]
        start = _face(held)
        ways = [_nearest(axis, start, others, reach) for axis in (X, Y)]
        by = QPointF(ways[X] or 0.0, ways[Y] or 0.0)
        moved, lines = _face(held.translated(by)), []
        for axis, way in enumerate(ways):
            if way is not None:
                lines += _lined_up(axis, moved, others) or _gap_lines(axis, moved, others)
        return by, lines


def _face(rect: QRectF) -> Face:
    left, top, right, bottom = rect.left(), rect.top(), rect.right(), rect.bottom()
    return ((left + right) / 2, left, right), ((top + bottom) / 2, top, bottom)


def _overlap(a: Marks, b: Marks) -> bool:
    return a[LOW] < b[HIGH] and a[HIGH] > b[LOW]


def _point(axis: int, along: float, across: float) -> QPointF:
    return QPointF(along, across) if axis == X else QPointF(across, along)


def _nearest(axis: int, held: Face, others: list[Face], reach: float) -> float | None:
    """The shortest way to a place that lines up; edges and middles come before gaps."""
    middle, low, high = held[axis]
    to_lines = [way for o in others for way in (o[axis][0] - middle, o[axis][1] - low, o[axis][2] - high)]
    to_gaps = [place - low for place in _even_places(axis, held, others)]
    for ways in (to_lines, to_gaps):
        best = min(ways, key=abs, default=None)
        if best is not None and abs(best) <= reach:
            return best
    return None


def _row(axis: int, held: Face, others: list[Face]) -> list[Face]:
    """Those that stand in the same row or column as what is held, in order."""
    return sorted((o for o in others if _overlap(o[1 - axis], held[1 - axis])), key=lambda o: o[axis][LOW])


def _even_places(axis: int, held: Face, others: list[Face]) -> list[float]:
    """Where the gaps to two neighbours, or to one and beyond it, would be the same."""
    middle, low, high = held[axis]
    row, size, found = [o[axis] for o in _row(axis, held, others)], high - low, []
    before, after = [m for m in row if m[MIDDLE] < middle], [m for m in row if m[MIDDLE] >= middle]
    if before and after:
        found.append((before[-1][HIGH] + after[0][LOW] - size) / 2)
    if len(before) > 1:
        found.append(before[-1][HIGH] + before[-1][LOW] - before[-2][HIGH])
    if len(after) > 1:
        found.append(after[0][LOW] - (after[1][LOW] - after[0][HIGH]) - size)
    return found


def _lined_up(axis: int, held: Face, others: list[Face]) -> list[Line]:
    """A line through each edge or middle that is shared now; one is enough where cards are of the same size."""
    lines: list[Line] = []
    for mark, own in enumerate(held[axis]):
        sharing = [o for o in others if abs(o[axis][mark] - own) < SAME]
        if not sharing or (lines and all(_same_size(held[axis], o[axis]) for o in sharing)):
            continue
        low = min(face[1 - axis][LOW] for face in (held, *sharing)) - BEYOND
        high = max(face[1 - axis][HIGH] for face in (held, *sharing)) + BEYOND
        lines.append((_point(axis, own, low), _point(axis, own, high)))
    return lines


def _same_size(a: Marks, b: Marks) -> bool:
    return abs((a[HIGH] - a[LOW]) - (b[HIGH] - b[LOW])) < SAME


def _gap_lines(axis: int, held: Face, others: list[Face]) -> list[Line]:
    """The gaps that are equal now, each with a tick at both ends."""
    row = sorted([*_row(axis, held, others), held], key=lambda o: o[axis][LOW])
    place = row.index(held)
    near = row[max(0, place - 2) : place + 3]
    gaps = [(a[axis][HIGH], b[axis][LOW], held in (a, b)) for a, b in pairwise(near)]
    level = held[1 - axis][MIDDLE]
    lines: list[Line] = []
    for start, end, beside in gaps:
        same = [other for other in gaps if abs((other[1] - other[0]) - (end - start)) < SAME]
        if len(same) > 1 and (beside or any(touches for _, _, touches in same)):
            lines.append((_point(axis, start, level), _point(axis, end, level)))
            lines += [(_point(axis, at, level - TICK), _point(axis, at, level + TICK)) for at in (start, end)]
    return lines
