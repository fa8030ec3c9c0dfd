"""One number of a network as exact arithmetic: which inputs it was made of, with which weights, in which way.

A layer says how in `Layer.explain`; the functions here are the ways that several families share.  Everything is
computed in float64 from the engine's float32 numbers, so that results agree in all digits that are shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np

from engine.numerals import written

if TYPE_CHECKING:
    from engine.spec import Layer

Array = np.ndarray[Any, Any]
Index = tuple[int, ...]
DIGITS = 5  # that are shown: a sum of many products in 32 bits is right to these, however it is ordered
MOST_WEIGHTS = 8192  # of kernels that come along with the terms
COLUMNS = ("ports", "indices", "values", "weights", "parts", "taps")  # what there is of each term
SMALL = {"ports": "i2", "indices": "i2", "taps": "i2", "values": "f4", "weights": "f4"}  # NumPy's names of types
SUM, LARGEST, PRODUCT, FORMULA = "sum", "largest", "product", "formula"


@attrs.frozen
class Owned:
    """A number of the layer's own that took part once: a bias, or the scale of a normalisation."""

    parameter: str
    index: Index
    value: float


@attrs.frozen(eq=False)
class Explanation:
    """The arithmetic of one number: terms, what is added to them, and what became of them.

    A term is an input number at (port, index); its part is what it gave to the result: value × weight in a sum, the
    number itself where the largest wins, an exponential or a square in a formula.
    """

    way: str  # SUM, LARGEST, PRODUCT or FORMULA
    ports: Array  # of each term
    indices: Array  # [terms, axes]: channel and position in the input
    values: Array
    weights: Array  # NaN where a term has none
    parts: Array
    result: float
    bias: float | None = None
    lines: tuple[str, ...] = ()  # the arithmetic in words and numbers
    total: int = 0  # terms there are, where only some were kept
    portion: int = 0  # which of them: the largest, the next largest, ...
    portions: int = 1  # there are
    rest: float = 0.0  # the sum of the parts that were left out
    taps: Array | None = None  # [terms, axes]: where each weight stands in the parameter "weight"
    owned: tuple[Owned, ...] = ()  # the layer's own numbers beside those
    kernels: Array | None = None  # [channels, *space]: all weights, also those that met nothing at the image's edge

    @property
    def sum(self) -> float:
        """All parts together, without the bias."""
        return float(self.parts.sum()) + self.rest


def number(value: float) -> str:
    """A number as the arithmetic shows it: with the digits that 32 bits are sure of."""
    return written(value, DIGITS)


def counted(count: int, what: str) -> str:
    """1 number, 4 608 numbers."""
    return f"{count:,} {what}{'s' if count != 1 else ''}".replace(",", " ")


def explanation(
    way: str, places: Sequence[tuple[int, Index]], values: Any, weights: Any, parts: Any, result: float, **more: Any
) -> Explanation:
    """From lists; weights may be None."""
    given = np.asarray(values, np.float64).reshape(-1)
    width = max((len(index) for _, index in places), default=1)
    indices = np.full((len(places), width), -1, np.int32)
    for row, (_, index) in enumerate(places):
        indices[row, : len(index)] = index
    ports = np.array([port for port, _ in places], np.int32)
    by = np.full(len(places), np.nan) if weights is None else np.asarray(weights, np.float64).reshape(-1)
    gave = np.asarray(parts, np.float64).reshape(-1)
    return Explanation(way, ports, indices, given, by, gave, float(result), total=len(places), **more)


def weighted(
    places: Sequence[tuple[int, Index]],
    values: Any,
    weights: Any,
    bias: float | None = None,
    *,
    taps: Sequence[Index] | None = None,
    bias_at: Index = (),
    kernels: Array | None = None,
) -> Explanation:
    """A sum of products, and what is added to it; the weights and the bias may be parameters at these places."""
    parts = np.asarray(values, np.float64).reshape(-1) * np.asarray(weights, np.float64).reshape(-1)
    total = float(parts.sum())
    result = total + (bias or 0.0)
    line = _sum_line(np.asarray(weights, np.float64).reshape(-1), total, bias, result)
    own: dict[str, Any] = {"bias": bias, "lines": (line,)}
    if taps:
        own["taps"] = np.array(taps, np.int32)
    if kernels is not None and kernels.size <= MOST_WEIGHTS:
        own["kernels"] = kernels.copy()
    if bias is not None and bias_at:
        own["owned"] = (Owned("bias", tuple(bias_at), bias),)
    return explanation(SUM, places, values, weights, parts, result, **own)


def _sum_line(weights: Array, total: float, bias: float | None, result: float) -> str:
    """What a sum of products is, in words that fit."""
    count, plain = len(weights), bool((weights == 1).all())
    if bias is None and count == 1 and plain:
        return f"the input's number, unchanged: {number(result)}"
    if not count:
        what = "nothing of the input is seen here: 0"
    else:
        what = f"sum of {counted(count, 'number' if plain else 'product')} = {number(total)}"
    return what if bias is None else f"{what} + ({number(bias)}) = {number(result)}"


def copied(at: Index, x: Array, port: int = 0) -> Explanation:
    """A number that is only handed on."""
    one = explanation(SUM, [(port, at)], [x[at]], [1.0], [x[at]], x[at])
    return attrs.evolve(one, lines=(f"the input's number, unchanged: {number(one.result)}",))


def affine(layer: Layer, parameters: Mapping[str, Array], at: Index, *xs: Array) -> Explanation:
    """A layer whose outputs are weighted sums: its reference says how much each input counts."""
    own = {name: array.astype(np.float64) for name, array in parameters.items()}
    y, pullback = layer.reference(own, *(x[None].astype(np.float64) for x in xs))
    dy = np.zeros_like(y)
    dy[(0, *at)] = 1
    gradients = pullback(dy)
    slopes = gradients.get("xs") or [gradients["x"]]
    places: list[tuple[int, Index]] = []
    values: list[float] = []
    weights: list[float] = []
    for port, (x, slope) in enumerate(zip(xs, slopes, strict=True)):
        seen = np.argwhere(slope[0])
        places += [(port, tuple(map(int, index))) for index in seen]
        values += [float(x[tuple(index)]) for index in seen]
        weights += [float(slope[0][tuple(index)]) for index in seen]
    bias = float((gradients["bias"] * own["bias"]).sum()) if "bias" in own else None
    return weighted(places, values, weights, bias)


def windowed(
    way: str, x: Array, channel: int, axes: list[list[int]], weight: float | None = None, what: str = ""
) -> Explanation:
    """All pixels of a channel at these places along each axis: the largest of them, or the same share of each."""
    places = [(0, (channel, *at)) for at in product(*axes)]
    values = np.array([x[index] for _, index in places], np.float64)
    if way == SUM and weight is not None:
        summed = weighted(places, values, np.full(len(places), weight))
        divisor = round(1 / weight)
        padded = f", and {divisor - len(places)} of padding" if divisor > len(places) else ""
        numbers = f"{number(float(values.sum()))} / {divisor} = {number(summed.result)}"
        return attrs.evolve(summed, lines=(f"{what} of {counted(len(places), 'number')}{padded}: {numbers}",))
    largest = float(values.max())
    where = ", ".join(map(str, places[int(values.argmax())][1][1:]))
    line = f"the largest of {counted(len(places), 'number')} is {number(largest)}, at {where}"
    parts = np.where(np.arange(len(places)) == int(values.argmax()), values, 0.0)
    return explanation(LARGEST, places, values, None, parts, largest, lines=(line,))


def standardised(at: Index, x: Array, group: Array, weight: float, bias: float, eps: float, own: Index) -> Explanation:
    """A number moved to mean 0 and variance 1 among those that belong to it, then scaled and shifted."""
    numbers = group.astype(np.float64)
    mean, variance = float(numbers.mean()), float(numbers.var())
    return shifted_and_scaled(at, x, mean, variance, weight, bias, eps, own, numbers.size)


def shifted_and_scaled(
    at: Index,
    x: Array,
    mean: float,
    variance: float,
    weight: float,
    bias: float,
    eps: float,
    own: Index,
    count: int = 0,
) -> Explanation:
    """(x − mean) / √(variance + eps) · weight + bias, with the numbers in it; `own` is the place of these two."""
    value = float(x[at])
    deviation = float(np.sqrt(variance + eps))
    normal = (value - mean) / deviation
    result = normal * weight + bias
    whose = f" of {count} numbers" if count else ", measured while training"
    lines = (
        f"mean {number(mean)}, variance {number(variance)}{whose}",
        f"({number(value)} − ({number(mean)})) / √({number(variance)} + {number(eps)}) = {number(normal)}",
        f"{number(normal)} · {number(weight)} + ({number(bias)}) = {number(result)}",
    )
    owned = Owned("weight", tuple(own), weight), Owned("bias", tuple(own), bias)
    return explanation(FORMULA, [(0, at)], [value], None, [value], result, lines=lines, owned=owned)


def beside(found: Explanation, value: float) -> Explanation:
    """Says so where the engine's own number differs in the last digits that are shown."""
    if number(found.result) == number(value):
        return found
    line = f"the engine, which rounds every step to 32 bits, has {number(value)}"
    return attrs.evolve(found, lines=(*found.lines, line))


def largest_terms(found: Explanation, room: int, portion: int = 0) -> Explanation:
    """As many terms as there is room for in bytes: those that gave most, or a later portion; the rest as one number."""
    found = _small(found)
    columns: dict[str, Any] = {name: getattr(found, name) for name in COLUMNS if getattr(found, name) is not None}
    most = (room - (0 if found.kernels is None else found.kernels.nbytes)) // max(1, _bytes_each(columns))
    if len(found.parts) <= most:
        return found
    size = np.abs(found.parts)
    strongest = found.indices[:, 0] == np.bincount(found.indices[:, 0], size).argmax()
    if strongest.sum() <= most // 2:  # a whole channel, so that it can be shown as a patch
        size = np.where(strongest, np.inf, size)
    portions = -(-len(size) // most)
    portion = min(portion, portions - 1)
    kept = np.sort(np.argsort(-size, kind="stable")[portion * most : (portion + 1) * most])
    rest = float(np.delete(found.parts, kept).sum())
    kept_columns = {name: column[kept] for name, column in columns.items()}
    return attrs.evolve(found, **kept_columns, portion=portion, portions=portions, rest=rest)


def _small(found: Explanation) -> Explanation:
    """The same numbers in as few bytes as hold them exactly: most come from the engine, which has 32 bits."""
    small = dict[str, Any]()
    for name, kind in SMALL.items():
        column = getattr(found, name)
        if column is not None:
            with np.errstate(over="ignore"):
                shorter = column.astype(kind)
            same = np.array_equal(shorter, column, equal_nan=column.dtype.kind == "f")
            small[name] = shorter if same else column
    return attrs.evolve(found, **small)


def _bytes_each(columns: Mapping[str, Array]) -> int:
    """What a term takes."""
    return sum(column.itemsize * (column.shape[1] if column.ndim > 1 else 1) for column in columns.values())
