"""The columns of the table: what each shows of a layer, what is said of it to those who listen, and how it sorts."""

from __future__ import annotations

import re
from collections.abc import Callable
from math import prod
from typing import Any

import attrs

from convstudio.document.edits import field_words, value_text
from convstudio.panels.layers.rows import Row, Total
from convstudio.wording import (
    KIND,
    LAYER,
    MEMORY,
    MULTIPLY_ADDS,
    OUTPUT,
    PARAMETERS,
    SEES,
    SETTINGS,
    TIMES,
    counted,
    kilobytes,
    sizes,
)

NO_SHAPE = "no shape yet"  # what its card says, too
AND = " and "
TOTAL = "All layers"


@attrs.frozen
class Column:
    """One fact about each layer."""

    title: str
    tip: str
    text: Callable[[Row], str]
    spoken: Callable[[Row], str]  # a text that is understood without the others
    order: Callable[[Row], Any]
    total: Callable[[Total], str] = lambda total: ""
    plain: Callable[[Row], str] | None = None  # as programs that calculate read it, where that is another text
    plain_title: str = ""
    is_number: bool = False
    more: Callable[[Row], str] = lambda row: ""  # what stands beside the mouse


def natural(name: str) -> list[tuple[int, int, str]]:
    """conv2 before conv10."""
    parts = re.split(r"(\d+)", name.casefold())
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts if part]


def first_sentence(text: str) -> str:
    """Without what could be done about it."""
    first, dot, _ = text.partition(". ")
    return first + dot.strip()


def _name(row: Row) -> str:
    return f"{row.name} {TIMES.strip()} {row.copies}" if row.copies > 1 else row.name


def _spoken_name(row: Row) -> str:
    return f"{row.name}, {row.copies} copies" if row.copies > 1 else row.name


def _settings(row: Row) -> list[str]:
    return [f"{field_words(row.layer, name)} {value_text(value)}" for name, value in row.layer.settings().items()]


def _spoken_settings(row: Row) -> str:
    return ", ".join(_settings(row)).replace(TIMES.strip(), " by ") or "no settings"


def _spoken_sources(row: Row) -> str:
    if not row.layer.ports:
        return f"{row.name} is where data enters"
    *others, last = row.sources or ("nothing yet",)
    return f"{row.name} takes {AND.join(filter(None, (', '.join(others), last)))}"


def _spoken_output(row: Row) -> str:
    if row.output is None:
        return NO_SHAPE
    channels, *rest = row.output
    if not rest:
        return f"{channels} features" if channels != 1 else "1 feature"
    return f"{channels} {'channels' if channels != 1 else 'channel'} of {' by '.join(map(str, rest))}"


def _together(row: Row) -> str:
    return f" in {row.copies} copies" if row.copies > 1 else ""


def _all_copies(row: Row) -> str:
    return f"All {row.copies} copies together" if row.copies > 1 else ""


def _spoken_sight(row: Row) -> str:
    if row.sees is None:
        return NO_SHAPE if row.output is None else "it does not see a part of the input"
    if not row.sees:
        return "the input has no pixels"
    return f"a pixel sees {' by '.join(map(str, row.sees))} of the input"


def trouble(row: Row) -> tuple[str, ...]:
    """Sentences about what is wrong: what keeps it from being computed first."""
    return (*row.problems, *row.findings)


def _first_trouble(row: Row) -> str:
    return next(map(first_sentence, trouble(row)), "")


COLUMNS = (
    Column(
        LAYER,
        "Its name; F2 writes another one",
        _name,
        _spoken_name,
        lambda row: natural(row.name),
        more=lambda row: "\n".join(trouble(row)),
    ),
    Column(
        KIND,
        "What kind of layer it is",
        lambda row: row.layer.title,
        lambda row: row.layer.title,
        lambda row: row.layer.title,
        more=lambda row: row.layer.summary(),
    ),
    Column(
        SETTINGS,
        "The main ones, as on its card",
        lambda row: row.layer.brief(),
        _spoken_settings,
        lambda row: natural(row.layer.brief()),
        more=lambda row: "\n".join(_settings(row)),
    ),
    Column(
        "Takes",
        "The layers whose outputs it takes",
        lambda row: ", ".join(row.sources),
        _spoken_sources,
        lambda row: [natural(name) for name in row.sources],
    ),
    Column(
        OUTPUT,
        "The shape of what it makes of one sample: channels, then the size of its maps",
        lambda row: sizes(row.output) if row.output else "",
        _spoken_output,
        lambda row: prod(row.output) if row.output else 0,
        is_number=True,
        more=lambda row: "" if row.output else NO_SHAPE.capitalize(),
    ),
    Column(
        PARAMETERS,
        "The numbers that it learns",
        lambda row: counted(row.parameters),
        lambda row: f"{row.parameters or 'no'} parameters{_together(row)}",
        lambda row: row.parameters,
        lambda total: counted(total.parameters),
        lambda row: str(row.parameters),
        is_number=True,
        more=_all_copies,
    ),
    Column(
        MULTIPLY_ADDS,
        "Multiplications, each with an addition, for one sample",
        lambda row: counted(row.multiply_adds),
        lambda row: f"{row.multiply_adds or 'no'} multiply-adds{_together(row)}",
        lambda row: row.multiply_adds,
        lambda total: counted(total.multiply_adds),
        lambda row: str(row.multiply_adds),
        is_number=True,
        more=_all_copies,
    ),
    Column(
        MEMORY,
        "Its output and that output's gradient for one sample",
        lambda row: kilobytes(row.memory_bytes) if row.memory_bytes else "",
        lambda row: f"{kilobytes(row.memory_bytes)} of memory{_together(row)}" if row.memory_bytes else NO_SHAPE,
        lambda row: row.memory_bytes,
        lambda total: kilobytes(total.memory_bytes),
        lambda row: str(row.memory_bytes),
        f"{MEMORY} in bytes",
        is_number=True,
        more=_all_copies,
    ),
    Column(
        SEES,
        "The part of the input that one of its pixels sees",
        lambda row: sizes(row.sees or ()),
        _spoken_sight,
        lambda row: prod(row.sees) if row.sees else 0,
        is_number=True,
    ),
    Column(
        "Problem",
        "What keeps it from being computed, or is wrong while it trains",
        _first_trouble,
        lambda row: " ".join(trouble(row)) or "no problem",
        lambda row: (not row.problems, not row.findings, _first_trouble(row)),
        more=lambda row: "\n".join(trouble(row)),
    ),
)
TITLES = tuple(column.title for column in COLUMNS)
NAME, PROBLEM = 0, len(COLUMNS) - 1


def as_text(rows: list[Row], whole: Total) -> str:
    """The table for other programs: cells between tabs, numbers without spaces in them."""
    lines = ["\t".join(column.plain_title or column.title for column in COLUMNS)]
    lines += ["\t".join((column.plain or column.text)(row) for column in COLUMNS) for row in rows]
    numbers = str(whole.parameters), str(whole.multiply_adds), str(whole.memory_bytes)
    sums = dict(zip((PARAMETERS, MULTIPLY_ADDS, MEMORY), numbers, strict=True))
    lines.append("\t".join([TOTAL, *(sums.get(column.title, "") for column in COLUMNS[1:])]))
    return "\n".join(lines) + "\n"
