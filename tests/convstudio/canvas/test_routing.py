"""Wires that would pass behind cards take lanes beside them; all others are led as ever."""

from __future__ import annotations

from itertools import combinations

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QRectF

from convstudio.canvas.routing import APART_PX, BESIDE_PX, Face, Span, lanes
from convstudio.canvas.scene import CanvasScene
from convstudio.document import edits
from convstudio.document.document import Document
from convstudio.document.project import ACROSS, DOWN, Project
from engine.graph import Edge, Graph, Node
from engine.layout import COLUMN_PX, ROW_PX
from engine.spec import make
from engine.templates import template, template_names

STRAIGHT = 88.0  # below the middle of the first column's cards


def in_a_column(graph: Graph, flow: str = DOWN) -> Project:
    """As one draws by hand: every card straight behind the one before."""
    step = (COLUMN_PX, 0.0) if flow == ACROSS else (0.0, ROW_PX)
    places = {node.id: (step[0] * number, step[1] * number) for number, node in enumerate(graph.order)}
    return Project(attrs.evolve(graph, nodes=tuple(Node(n.id, n.layer, places[n.id]) for n in graph)), flow=flow)


def residual() -> Graph:
    """Two skips, one within the other."""
    graph = Graph().add(make("input", shape=(8, 16, 16)))
    for kind in ("relu", "relu", "relu", "relu"):
        graph = graph.add(make(kind), graph.nodes[-1].id)
    return graph.add(make("add"), "relu4", "relu1", "input1")


def behind(scene: CanvasScene) -> list[tuple[Edge, str]]:
    """Wires, with the cards that they are behind."""
    found = []
    for edge, wire in scene.wires.items():
        points = [wire._path.pointAtPercent(share / 200) for share in range(201)]
        for name, card in scene.cards.items():
            face = card.face().adjusted(1, 1, -1, -1)
            if name not in (edge.source, edge.target) and any(face.contains(point) for point in points):
                found.append((edge, name))
    return found


@pytest.mark.parametrize("name", template_names())
def test_what_is_laid_out_needs_no_lanes(qapp: object, name: str) -> None:
    scene = CanvasScene(Document(Project(template(name))))
    lanes = [(wire.span, wire.lane) for wire in scene.wires.values() if wire.lane is not None]
    assert all(span is not None and span.start == lane for span, lane in lanes)  # straight, up to its end
    assert behind(scene) == []


@pytest.mark.parametrize("flow", [DOWN, ACROSS])
@pytest.mark.parametrize("graph", [residual(), template("unet"), template("resnet20")], ids=lambda graph: graph.name)
def test_no_wire_is_behind_cards_that_were_drawn_in_a_column(qapp: object, graph: Graph, flow: str) -> None:
    scene = CanvasScene(Document(in_a_column(graph, flow)))
    assert behind(scene) == []
    skips = [wire for wire in scene.wires.values() if wire.lane is not None]
    row = {node.id: number for number, node in enumerate(graph.order)}
    assert len(skips) == sum(row[edge.target] - row[edge.source] > 1 for edge in graph.edges)
    for a, b in combinations(skips, 2):
        assert a.span is not None
        assert b.span is not None
        side_by_side = a.span.begin < b.span.end and b.span.begin < a.span.end
        assert not side_by_side or abs((a.lane or 0) - (b.lane or 0)) >= APART_PX


def test_a_card_that_is_put_on_a_wire_or_taken_off_it_leads_the_wire_another_way(qapp: object) -> None:
    document = Document(in_a_column(residual()))
    scene, skip = CanvasScene(document), Edge("relu1", "add1", 1)
    assert scene.wires[skip].lane == -BESIDE_PX
    aside = {name: (600.0, 132.0 * number) for number, name in enumerate(("relu2", "relu3", "relu4"))}
    document.perform(edits.move(document.project, aside))
    assert scene.wires[skip].lane == STRAIGHT
    document.perform(edits.move(document.project, {"relu3": (0.0, 400.0)}))  # no wire of its own is the skip
    assert scene.wires[skip].lane == -BESIDE_PX
    assert behind(scene) == []
    document.undo_stack.undo()
    assert scene.wires[skip].lane == STRAIGHT


def test_cards_that_glide_past_are_in_nobodys_way(qapp: object) -> None:
    scene, skip = CanvasScene(Document(in_a_column(residual()))), Edge("relu1", "add1", 1)
    scene.settle(at_rest=False)
    assert scene.wires[skip].lane is None
    scene.settle()
    assert scene.wires[skip].lane == -BESIDE_PX


def test_wires_of_others_stay_until_a_card_is_put_down(qapp: object) -> None:
    document = Document(in_a_column(residual()))
    document.perform(edits.move(document.project, dict.fromkeys(("relu2", "relu3", "relu4"), (600.0, 0.0))))
    scene, skip = CanvasScene(document), Edge("relu1", "add1", 1)
    scene.lift(["relu3"])
    document.perform(edits.move(document.project, {"relu3": (0.0, 400.0)}))
    assert scene.cards["relu3"].lifted
    assert scene.wires[skip].lane == STRAIGHT
    scene.lift([])
    assert not scene.cards["relu3"].lifted
    assert scene.wires[skip].lane == -BESIDE_PX


def test_wires_go_around_folded_blocks_too(qapp: object) -> None:
    document = Document(in_a_column(residual()))
    document.perform(edits.group(document.project, {"relu2", "relu3", "relu4"}, "Three"))
    document.perform(edits.set_collapsed(document.project, document.project.blocks[0].id, True))
    scene = CanvasScene(document)
    block = scene.folded()[0].face()
    for port, source in ((1, "relu1"), (2, "input1")):
        lane = scene.wires[Edge(source, "add1", port)].lane
        assert lane is not None
        assert not block.left() < lane < block.right()


def test_a_lane_is_beside_all_cards_on_its_way_and_the_shortest_is_the_nearest() -> None:
    cards = [Face(100, 190, 0, 176), Face(220, 310, 0, 176), Face(340, 430, 150, 326)]
    short, long = Edge("b", "d"), Edge("a", "d", 1)
    found = lanes({long: Span(0, 600, 88, 88), short: Span(200, 600, 88, 88)}, cards, {})
    assert found[short] == 0 - BESIDE_PX  # to the right it would have to pass the third card, too
    assert found[long] == found[short] - APART_PX
    assert lanes({short: Span(320, 600, 20, 20)}, cards, {}) == {}


@given(
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=25),
    st.lists(
        st.tuples(st.integers(0, 1500), st.integers(0, 600), st.integers(0, 1500), st.integers(0, 600)), max_size=8
    ),
)
def test_lanes_are_free_wherever_cards_are(corners: list[tuple[int, int]], ends: list[tuple[int, ...]]) -> None:
    cards = sorted(Face(40.0 * a, 40.0 * a + 92, 20.0 * b, 20.0 * b + 176) for a, b in corners)
    wires = {Edge("a", "b", port): Span(*map(float, (a, b, c, d))) for port, (a, c, b, d) in enumerate(ends)}
    found = lanes(wires, cards, {})
    for edge, lane in found.items():
        span = wires[edge]
        way = QRectF(lane - BESIDE_PX + 1, span.begin + 1, 2 * BESIDE_PX - 2, span.end - span.begin - 2)
        assert not any(way.intersects(QRectF(c.low, c.begin, c.high - c.low, c.end - c.begin)) for c in cards)
    taken = list(found.items())
    for (a, lane), (b, other) in combinations(taken, 2):
        beside = wires[a].begin < wires[b].end and wires[b].begin < wires[a].end
        one_output = wires[a].begin == wires[b].begin and wires[a].start == wires[b].start
        assert not beside or one_output or abs(lane - other) >= APART_PX
