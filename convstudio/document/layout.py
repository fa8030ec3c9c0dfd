"""Puts a network in order: rows by distance from the input, paths that run in parallel side by side."""

from __future__ import annotations

from itertools import pairwise

import attrs

from convstudio.document.edits import Edit
from convstudio.document.project import Project
from engine.architectures import COLUMN_PX, ROW_PX
from engine.graph import Graph

SWEEPS = 6  # how often rows are sorted by their neighbours, down and up again


def layered(graph: Graph) -> dict[str, tuple[float, float]]:
    """A place for each node, so that wires run downwards, cross little and pass no card."""
    rows = _rows(graph)
    level = {name: depth for depth, row in enumerate(rows) for name in row}
    lanes = {name: float(place) for row in rows for place, name in enumerate(row)}
    for sweep in range(SWEEPS):
        down = sweep % 2 == 0
        for row in rows if down else reversed(rows):
            for name in row:
                edges = graph.incoming(name) if down else graph.outgoing(name)
                near = [lanes[e.source if down else e.target] for e in edges if e.source in level and e.target in level]
                if near:
                    lanes[name] = sum(near) / len(near)
            _spread(row, lanes)
    middle = lanes[rows[0][0]] if rows and rows[0] else 0.0
    placed = {name: ((lanes[name] - middle) * COLUMN_PX, depth * ROW_PX) for name, depth in level.items()}
    loose = [node.id for node in graph if node.id not in placed]  # on a loop of wires: beside the rest
    right = max((x for x, _ in placed.values()), default=-COLUMN_PX) + COLUMN_PX
    return placed | {name: (right, place * ROW_PX) for place, name in enumerate(loose)}


def _rows(graph: Graph) -> list[list[str]]:
    depth: dict[str, int] = {}
    for node in graph.order:
        depth[node.id] = 1 + max((depth[edge.source] for edge in graph.incoming(node.id)), default=-1)
    rows: list[list[str]] = [[] for _ in range(max(depth.values(), default=-1) + 1)]
    for node in graph.order:
        rows[depth[node.id]].append(node.id)
    return rows


def _spread(row: list[str], lanes: dict[str, float]) -> None:
    """Neighbours in a row stay a column apart, around the middle that they wanted."""
    row.sort(key=lambda name: lanes[name])
    if len(row) < 2:
        return
    wanted = sum(lanes[name] for name in row) / len(row)
    for left, right in pairwise(row):
        lanes[right] = max(lanes[right], lanes[left] + 1)
    shift = wanted - sum(lanes[name] for name in row) / len(row)
    for name in row:
        lanes[name] += shift


def lay_out(project: Project) -> Edit:
    """All cards in order."""
    places = layered(project.graph)
    nodes = tuple(attrs.evolve(node, position=places[node.id]) for node in project.graph)
    graph = attrs.evolve(project.graph, nodes=nodes)
    return Edit("Arrange the network", attrs.evolve(project, graph=graph))
