"""The layout: cards never overlap, wires run downwards and pass no card."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convstudio.document import edits
from convstudio.document.layout import NODE_WIDTH
from convstudio.document.project import ACROSS, DOWN, Project
from engine.graph import Edge, Graph, Node, chain
from engine.layout import COLUMN_PX, ROW_PX, layered
from engine.shapes import infer
from engine.spec import make
from engine.templates import template, template_names

CARD, CARD_HEIGHT = 84.0, 92.0  # of a card, and with the room that it needs for its ports
Place = tuple[float, float]


def crossed(graph: Graph, places: dict[str, Place]) -> list[tuple[Edge, str]]:
    """Wires, drawn as curves from the middle of a card's lower edge to that of another's upper, with the cards hit."""
    found = []
    for edge in graph.edges:
        points = curve(places[edge.source], places[edge.target])
        for node in graph:
            x, y = places[node.id]
            if node.id not in (edge.source, edge.target) and any(
                x < px < x + NODE_WIDTH and y < py < y + CARD_HEIGHT for px, py in points
            ):
                found.append((edge, node.id))
    return found


def curve(source: Place, target: Place) -> list[Place]:
    half = NODE_WIDTH / 2
    (ax, ay), (bx, by) = (source[0] + half, source[1] + CARD_HEIGHT), (target[0] + half, target[1])
    middle = (ay + by) / 2
    weights = [((1 - t) ** 3, 3 * (1 - t) ** 2 * t, 3 * (1 - t) * t**2, t**3) for t in (i / 40 for i in range(41))]
    return [((a + b) * ax + (c + d) * bx, a * ay + (b + c) * middle + d * by) for a, b, c, d in weights]


def overlapping(places: dict[str, Place], high: float = CARD_HEIGHT) -> list[tuple[str, str]]:
    return [
        (a, b)
        for (a, p), (b, q) in combinations(places.items(), 2)
        if abs(p[0] - q[0]) < NODE_WIDTH and abs(p[1] - q[1]) < high
    ]


@pytest.mark.parametrize("name", template_names())
def test_templates_are_laid_out_clean(name: str) -> None:
    graph = template(name)
    places = {node.id: node.position for node in graph}  # as it is opened
    assert graph.order[0].position == (0.0, 0.0)
    assert overlapping(places) == []
    assert crossed(graph, places) == []
    assert all(places[e.source][1] < places[e.target][1] for e in graph.edges)


def test_a_chain_is_one_column() -> None:
    graph = chain(*(make("relu") for _ in range(4)))
    assert list(layered(graph).values()) == [(0.0, row * ROW_PX) for row in range(4)]


def test_a_skip_runs_straight_beside_what_it_skips() -> None:
    graph = chain(make("input"), make("relu"), make("relu")).add(make("add"), "relu2", "input1")
    assert layered(graph) == {
        "input1": (0.0, 0.0),
        "relu1": (COLUMN_PX, ROW_PX),
        "relu2": (COLUMN_PX, 2 * ROW_PX),
        "add1": (0.0, 3 * ROW_PX),
    }


def test_branches_stand_side_by_side_below_the_middle() -> None:
    graph = Graph().add(make("input")).add(make("relu"), "input1").add(make("relu"), "input1")
    graph = graph.add(make("concatenate"), "relu1", "relu2")
    assert layered(graph) == {
        "input1": (COLUMN_PX / 2, 0.0),
        "relu1": (0.0, ROW_PX),
        "relu2": (COLUMN_PX, ROW_PX),
        "concatenate1": (COLUMN_PX / 2, 2 * ROW_PX),
    }


def test_nothing_and_loops_are_laid_out_too() -> None:
    assert layered(Graph()) == {}
    nodes = tuple(Node(name, make("relu")) for name in "abc")
    loop = Graph(nodes, (Edge("a", "b"), Edge("b", "c"), Edge("c", "a")))
    assert overlapping(layered(loop)) == []


def test_what_has_no_branches_is_laid_out_in_rows() -> None:
    graph = Graph().add(make("input")).add(make("relu"), "input1").add(make("relu"), "input1")
    graph = graph.add(make("add"), "relu1", "relu2").add(make("concatenate"), "relu1", "relu2")
    places = layered(graph)
    assert overlapping(places) == []
    assert crossed(graph, places) == []
    assert places["add1"][1] == places["concatenate1"][1] == 2 * ROW_PX


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=60), st.integers(0, 31))
def test_whatever_is_drawn_has_no_overlaps(pairs: list[tuple[int, int]], count: int) -> None:
    nodes = tuple(Node(f"n{i}", make("add")) for i in range(count))
    edges = tuple(Edge(f"n{a}", f"n{b}", port) for port, (a, b) in enumerate(pairs) if max(a, b) < count)
    places = layered(Graph(nodes, edges))
    assert len(places) == count
    assert overlapping(places) == []


@pytest.mark.parametrize("flow", [DOWN, ACROSS])
@pytest.mark.parametrize("name", ["resnet20", "unet"])
def test_a_layer_that_is_added_anywhere_lies_on_no_other(name: str, flow: str) -> None:
    project = edits.set_flow(Project(template(name)), flow).project
    graph = project.graph
    added = [edits.insert(project, make("relu"), edge) for edge in graph.edges]
    added += [edits.append(project, make(kind), node.id) for node in graph for kind in ("relu", "add")]
    for edit in added:
        assert overlapping({node.id: node.position for node in edit.project.graph}, CARD) == [], edit.text


def test_a_layer_in_a_branch_stands_in_its_column() -> None:
    project = edits.lay_out(Project(template("googlenet"))).project
    edge = Edge("max_pool2", "inception3a_5x5_reduce")
    before = project.graph[edge.target].position
    made = edits.insert(project, make("tanh"), edge).project.graph
    assert made["tanh1"].position == before
    assert made[edge.target].position == (before[0], before[1] + ROW_PX)
    assert made["inception3a_1x1"].position == project.graph["inception3a_1x1"].position


def test_an_input_that_a_fix_adds_lies_on_nothing() -> None:
    graph = Graph().add(make("relu"), position=(0.0, ROW_PX)).add(make("tanh"), position=(0.0, 0.0))
    problem = next(p for p in infer(graph).problems if not p.node)
    made = edits.apply_fix(Project(graph), problem, problem.fixes[0]).project.graph
    assert overlapping({node.id: node.position for node in made}, CARD) == []
