"""Numbers as people read them: thin spaces between thousands, the multiplication sign, units that fit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from engine.graph import Graph
from engine.numerals import written
from engine.shapes import Inference, ReceptiveField

TIMES = " × "
NO_BREAK = "\u00a0"  # a space where no line ends


def thousands(number: int) -> str:
    """61 706, with narrow spaces that do not break."""
    return f"{number:,}".replace(",", "\u202f").replace("-", "−")


def on_button(text: str) -> str:
    """For buttons and menus, in which a single & marks a key and is not seen."""
    return text.replace("&", "&&")


def apart(text: str) -> str:
    """Words that may be written from right to left, or have marks that say so, turn nothing round beside them."""
    return f"\u2068{text}\u2069"


def from_button(text: str) -> str:
    """The words of a button or an entry as they are read."""
    return "&".join(part.replace("&", "") for part in text.split("&&"))


def sizes(shape: Iterable[int]) -> str:
    """16 × 14 × 14."""
    return TIMES.join(map(str, shape))


def difference(before: int, after: int) -> str:
    """+1 536 (+2.5 %), with a true minus; = where both are the same."""
    if before == after:
        return "="
    sign, percent = "+" if after > before else "", ""
    if before:
        share = 100 * (after - before) / before
        percent = f" ({share:+.1f} %)" if abs(share) < 1000 else f" (× {after / before:.1f})"
    return f"{sign}{thousands(after - before)}{percent}".replace("-", "−")


def moment(seconds: float, now: datetime) -> str:
    """A time as one says it: today at 09:12, yesterday at 23:40, 3 May 2026 at 10:00."""
    then = datetime.fromtimestamp(seconds)
    days = (now.date() - then.date()).days
    day = {0: "today", 1: "yesterday"}.get(days) or f"{then.day} {then:%B %Y}"
    return f"{day} at {then:%H:%M}"


def seen(field: ReceptiveField | None) -> str:
    """The size of a receptive field; nothing where there is none."""
    return sizes(field.size) if field else ""


def time_text(seconds: float) -> str:
    """2.4 s, 45 s, 3 min 20 s or 2 h 5 min."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s" if seconds >= 10 or seconds == whole else f"{seconds:.1f} s"
    return f"{whole // 60} min {whole % 60} s" if whole < 3600 else f"{whole // 3600} h {whole % 3600 // 60} min"


def counted(number: int) -> str:
    """How many parameters or multiply-adds there are; nothing where there are none."""
    return thousands(number) if number else ""


def rounded(number: int) -> str:
    """2.36 M or 590 k, where there is no room for all digits."""
    if number < 1000:
        return str(number)
    unit, letter = (1e6, "M") if number >= 999_500 else (1e3, "k")
    return f"{written(number / unit, 3)}\u202f{letter}"


def kilobytes(size: int) -> str:
    """Memory in kB, from 10 MB on in MB, from 10 GB on in GB."""
    if size < 10_000_000:
        return f"{thousands(round(size / 1000))} kB"
    return f"{size / 1e6:.1f} MB" if size < 10_000_000_000 else f"{size / 1e9:.1f} GB"


def class_words(name: str) -> str:
    """A class where its name alone would not say what it is: class 8, but cat."""
    return f"class {name}" if name.isdecimal() else name


def class_names(known: Sequence[str], outputs: int) -> list[str]:
    """A name for each output of a network, which may have more or fewer than its data have classes."""
    return [str(known[k]) if k < len(known) else str(k) for k in range(outputs)]


COLUMNS = ("Layer", "Kind", "Settings", "Output", "Parameters", "Multiply-adds", "Sees", "Memory")
LAYER, KIND, SETTINGS, OUTPUT, PARAMETERS, MULTIPLY_ADDS, SEES, MEMORY = COLUMNS
FIRST_NUMBER = 3  # the columns from here on stand to the right


def rows(graph: Graph, inference: Inference) -> list[tuple[str, ...]]:
    """A network in a table: what each layer makes of its input; empty cells where a problem keeps it from that."""
    found: list[tuple[str, ...]] = []
    for node in graph.order:
        names, shape = (node.id, node.layer.title, node.layer.brief()), inference.nodes.get(node.id)
        if shape is None:
            found.append((*names, *("" for _ in COLUMNS[FIRST_NUMBER:])))
            continue
        counts = (counted(n) for n in (shape.parameter_count, shape.multiply_adds))
        numbers = (sizes(shape.output), *counts, seen(shape.receptive_field), kilobytes(shape.memory_bytes))
        found.append((*names, *numbers))
    return found


def totals(inference: Inference) -> str:
    """All of a network in one line."""
    parameters, work = thousands(inference.parameter_count), thousands(inference.multiply_adds)
    memory = kilobytes(inference.memory_bytes)
    return f"{parameters} parameters · {work} multiply-adds and {memory} of memory for one sample"


def table(graph: Graph, inference: Inference) -> str:
    """The table as plain text: what the canvas is exported as, and what `convstudio summary` writes into files."""
    lines = [COLUMNS, *rows(graph, inference)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(COLUMNS))]
    text = [graph.name]
    for line in lines:
        cells = [
            cell.rjust(width) if column >= FIRST_NUMBER else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ]
        text.append("  ".join(cells).rstrip())
    end = [graph.description] if graph.description else []
    return "\n".join([*text, *end, totals(inference), ""])
