"""Ways of wires: a wire that would pass behind cards takes a lane of its own beside them."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import NamedTuple

from PySide6.QtCore import QPointF, QRectF

from convstudio.document.project import ACROSS, DOWN
from engine.graph import Edge

BEND = 0.5  # how far a curve goes straight before it turns, as a share of the distance
LEAST_PULL_PX = 24.0
BESIDE_PX = 20.0  # between a card and a lane
APART_PX = 12.0  # between two lanes
LONG_PX, LEANS_PX = 240.0, 88.0
TOUCH_PX = 1.0  # a card that begins where a wire ends is not in its way
MOST_TURNS = 64  # to the next free lane; where there is none so near, the wire stays where it is
SAMPLES = tuple(number / 24 for number in range(25))


class Span(NamedTuple):
    """A wire or a lane: from where to where it leads along the data's way, and where it stands across it."""

    begin: float
    end: float
    start: float
    stop: float


class Face(NamedTuple):
    """A card, by its place along the data's way and across it."""

    begin: float
    end: float
    low: float
    high: float


def faces_of(cards: Iterable[QRectF], flow: str = DOWN) -> list[Face]:
    """Cards as they are met on the way."""
    if flow == ACROSS:
        return sorted(Face(c.left(), c.right(), c.top(), c.bottom()) for c in cards)
    return sorted(Face(c.top(), c.bottom(), c.left(), c.right()) for c in cards)


def span_of(start: QPointF, end: QPointF, flow: str = DOWN) -> Span:
    """A wire between two places."""
    if flow == ACROSS:
        return Span(start.x(), end.x(), start.y(), end.y())
    return Span(start.y(), end.y(), start.x(), end.x())


def lanes(wires: Mapping[Edge, Span], cards: list[Face], kept: Mapping[Edge, tuple[Span, float]]) -> dict[Edge, float]:
    """Where wires that cards are in the way of go past these; the shortest are nearest to the cards.

    `cards` are sorted, and `kept` are the lanes that others have already.
    """
    taken = [(span, lane) for span, lane in kept.values()]
    longest = max((card.end - card.begin for card in cards), default=0.0)
    found: dict[Edge, float] = {}
    for edge in sorted(wires, key=lambda edge: wires[edge].end - wires[edge].begin):
        span = wires[edge]
        first = bisect_left(cards, (span.begin - longest,))
        last = bisect_left(cards, (span.end - TOUCH_PX,))
        passed = [card for card in cards[first:last] if card.end > span.begin + TOUCH_PX]
        hit = _hit(span, passed)
        if not hit:
            if _leans(span) and _is_free(span, passed, taken):
                found[edge] = span.start
                taken.append((span, span.start))
            continue
        free = [lane for side in (1, -1) if (lane := _free(span, hit, passed, taken, side)) is not None]
        if free:
            found[edge] = min(free, key=lambda lane: abs(lane - span.start) + abs(lane - span.stop))
            taken.append((span, found[edge]))
    return found


def _leans(span: Span) -> bool:
    """A long way that ends a little beside its beginning: straight, and a bend at its end, looks better."""
    return 0 < abs(span.stop - span.start) < LEANS_PX and span.end - span.begin > LONG_PX


def _hit(span: Span, passed: list[Face]) -> list[Face]:
    """The cards that the straight way leads behind."""
    if not passed:
        return []
    pull = max(LEAST_PULL_PX, (span.end - span.begin) * BEND)
    points = [_point(span, pull, share) for share in SAMPLES]
    sides = [(card, _across(points, card.begin), _across(points, card.end)) for card in passed]
    return [card for card, first, last in sides if min(first, last) < card.high and max(first, last) > card.low]


def _point(span: Span, pull: float, t: float) -> tuple[float, float]:
    u = 1 - t
    a, b, c, d = u**3, 3 * u * u * t, 3 * u * t * t, t**3
    along = a * span.begin + b * (span.begin + pull) + c * (span.end - pull) + d * span.end
    return along, (a + b) * span.start + (c + d) * span.stop


def _across(points: list[tuple[float, float]], along: float) -> float:
    """Where the curve is at a place along its way: between two samples it is as good as straight."""
    for (a, p), (b, q) in pairwise(points):
        if along <= b:
            return p + (q - p) * max(0.0, along - a) / (b - a or 1.0)
    return points[-1][1]


def _is_free(span: Span, passed: list[Face], taken: list[tuple[Span, float]]) -> bool:
    """Whether nothing is on the way straight on; wires of one output may begin as one."""
    at = span.start
    others = [lane for other, lane in taken if _beside(other, span) and (other.begin, other.start) != (span.begin, at)]
    clear = all(not card.low - BESIDE_PX < at < card.high + BESIDE_PX for card in passed)
    return clear and all(abs(lane - at) >= APART_PX for lane in others)


def _free(span: Span, hit: list[Face], passed: list[Face], taken: list[tuple[Span, float]], side: int) -> float | None:
    """The nearest lane on a side where neither cards nor other lanes are."""
    lane = max(card.high for card in hit) + BESIDE_PX if side > 0 else min(card.low for card in hit) - BESIDE_PX
    for _ in range(MOST_TURNS):
        card = next((c for c in passed if c.low - BESIDE_PX < lane < c.high + BESIDE_PX), None)
        if card is not None:
            lane = card.high + BESIDE_PX if side > 0 else card.low - BESIDE_PX
            continue
        near = [at for other, at in taken if abs(at - lane) < APART_PX and _beside(other, span)]
        if not near:
            return lane
        lane = max(near) + APART_PX if side > 0 else min(near) - APART_PX
    return None


def _beside(a: Span, b: Span) -> bool:
    return a.begin < b.end and b.begin < a.end
