"""What the table knows of each layer, made from the project and its shapes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import attrs

from convstudio.document.costs import copies_of, ordered
from convstudio.document.nesting import copies
from convstudio.document.project import Project
from convstudio.document.unfolding import COPY_MARK
from engine.health import Finding
from engine.shapes import Inference
from engine.spec import Layer, Shape


@attrs.frozen
class Row:
    """A layer of the drawing; where a block repeats it, all of its copies count."""

    name: str
    layer: Layer
    sources: tuple[str, ...]  # whose outputs it takes, by port
    copies: int
    output: Shape | None  # of the first copy, as its card shows it; None while a problem keeps it from one
    sees: tuple[int, ...] | None
    parameters: int
    multiply_adds: int
    memory_bytes: int
    problems: tuple[str, ...]
    findings: tuple[str, ...]  # what is wrong in training


@attrs.frozen
class Total:
    """All layers together."""

    parameters: int
    multiply_adds: int
    memory_bytes: int


def made(project: Project, inference: Inference, findings: Iterable[Finding] = ()) -> list[Row]:
    """A row for each layer, in the order in which data pass through them; those on a loop come last."""
    graph = project.graph
    times, holder = copies(project.blocks), {member: b.id for b in project.blocks for member in b.members}
    wrong = _sentences((problem.node, problem.text) for problem in inference.problems)
    found = _sentences((finding.node, finding.text) for finding in findings)
    rows = []
    for node in ordered(graph):
        count = times[holder[node.id]] if node.id in holder else 1
        shape = inference.nodes.get(node.id)
        known = copies_of(node.id, range(count), inference)
        rows.append(
            Row(
                node.id,
                node.layer,
                tuple([edge.source for edge in graph.incoming(node.id)]),
                count,
                shape.output if shape else None,
                shape.receptive_field.size if shape and shape.receptive_field else None,
                sum([one.parameter_count for one in known]),
                sum([one.multiply_adds for one in known]),
                sum([one.memory_bytes for one in known]),
                wrong.get(node.id, ()),
                found.get(node.id, ()),
            )
        )
    return rows


def total(rows: Sequence[Row]) -> Total:
    """What the last line says."""
    return Total(
        sum(row.parameters for row in rows),
        sum(row.multiply_adds for row in rows),
        sum(row.memory_bytes for row in rows),
    )


def _sentences(said: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    """By the layer of the drawing that each is about."""
    found: dict[str, tuple[str, ...]] = {}
    for node, text in said:
        name = node.partition(COPY_MARK)[0]
        found[name] = (*found.get(name, ()), text)
    return found
