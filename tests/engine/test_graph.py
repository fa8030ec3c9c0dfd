"""Graphs are values: edits return new ones, files read back the same, and hostile files get a sentence."""

import json
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import Edge, EngineError, Graph, Node, chain, infer, load, make, save, template, template_names
from engine.graph import MAX_NODES, dumps, from_json, loads, to_json

LAYERS = [
    make("conv2d", out_channels=8, kernel_size=(3, 5), padding="same"),
    make("conv2d", out_channels=4, kernel_size=1, bias=False),
    make("relu"),
    make("batch_norm", momentum=0.3),
    make("dropout", p=0.25),
    make("add"),
    make("concatenate"),
]


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    """Networks as they may be drawn, sensible or not."""
    graph = Graph(name=draw(st.text(max_size=8)), description=draw(st.text(max_size=8)))
    graph = graph.add(make("input", shape=(3, 16, 16)), id="input")
    places = st.floats(-1e6, 1e6)
    for _ in range(draw(st.integers(0, 8))):
        names = [node.id for node in graph]
        sources = draw(st.lists(st.sampled_from(names), max_size=3))
        graph = graph.add(draw(st.sampled_from(LAYERS)), *sources, position=(draw(places), draw(places)))
    return graph


@pytest.fixture
def diamond() -> Graph:
    graph = Graph().add(make("input"), id="in").add(make("relu"), "in", id="left").add(make("tanh"), "in", id="right")
    return graph.add(make("add"), "left", "right", id="join")


@given(graphs())
def test_file_reads_back_the_same(graph: Graph) -> None:
    assert loads(dumps(graph)) == graph
    assert dumps(loads(dumps(graph))) == dumps(graph)


@given(graphs())
def test_order_puts_every_node_after_its_inputs(graph: Graph) -> None:
    seen: set[str] = set()
    for node in graph.order:
        assert {edge.source for edge in graph.incoming(node.id)} <= seen
        seen.add(node.id)
    assert seen == {node.id for node in graph}


@given(graphs(), st.data())
def test_edits_can_be_taken_back_and_leave_the_old_graph_alone(graph: Graph, data: st.DataObject) -> None:
    before = dumps(graph)
    source = data.draw(st.sampled_from([node.id for node in graph]))
    bigger = graph.add(make("relu"), source, id="new")
    assert bigger != graph
    assert bigger.remove("new") == graph
    assert bigger.disconnect(Edge(source, "new")).connect(source, "new").remove("new") == graph
    moved = graph.replace(Node(source, graph[source].layer, (7.0, 7.0)))
    assert moved.replace(graph[source]) == graph
    assert dumps(graph) == before


@given(graphs())
def test_whatever_can_be_drawn_is_inferred_or_explained(graph: Graph) -> None:
    inference = infer(graph)
    assert inference.problems or inference.nodes.keys() == {node.id for node in graph}
    assert all(problem.text.endswith((".", ".)")) for problem in inference.problems)


def test_wires_by_port_and_outputs(diamond: Graph) -> None:
    assert diamond.incoming("join") == (Edge("left", "join", 0), Edge("right", "join", 1))
    assert [edge.target for edge in diamond.outgoing("in")] == ["left", "right"]
    assert [node.id for node in diamond.outputs] == ["join"]
    assert [node.id for node in diamond.remove("join").outputs] == ["left", "right"]
    assert "left" in diamond
    assert "middle" not in diamond


def test_removing_a_node_takes_its_wires_along(diamond: Graph) -> None:
    assert diamond.remove("left").edges == (Edge("in", "right", 0), Edge("right", "join", 1))


def test_free_names_count_on_from_the_kind_without_its_axes() -> None:
    graph = chain(make("input"), make("conv2d"), make("conv2d"), make("max_pool2d"), make("flatten"))
    assert [node.id for node in graph] == ["input1", "conv1", "conv2", "max_pool1", "flatten1"]
    assert graph.remove("conv1").free_id("conv2d") == "conv1"


@pytest.mark.parametrize(
    ("edit", "sentence"),
    [
        (lambda g: g.add(make("relu"), id="join"), "There is already a node named 'join'; choose another name."),
        (lambda g: g.connect("in", "nowhere"), "A wire from 'in' to 'nowhere' needs 'nowhere', which does not exist."),
        (lambda g: g.connect("in", "join", 1), "Input 1 of join takes one wire, and right is wired to it already."),
        (lambda g: g.connect("left", "join", 0), "Input 0 of join takes one wire, and left is wired to it already."),
    ],
)
def test_impossible_edits_are_refused(diamond: Graph, edit: Any, sentence: str) -> None:
    with pytest.raises(EngineError) as raised:
        edit(diamond)
    assert str(raised.value) == sentence


def test_file_is_written_and_read(diamond: Graph, tmp_path: Any) -> None:
    save(diamond, tmp_path / "net.json")
    assert load(tmp_path / "net.json") == diamond
    text = (tmp_path / "net.json").read_text(encoding="utf-8")
    assert sum('"kind"' in line for line in text.splitlines()) == len(diamond.nodes)


@pytest.mark.parametrize("name", template_names())
def test_templates_read_back_the_same(name: str) -> None:
    assert from_json(json.loads(json.dumps(to_json(template(name))))) == template(name)


def content(**changes: Any) -> dict[str, Any]:
    return {"format": "convstudio-network", "version": 1, "nodes": [], "edges": []} | changes


def node(**changes: Any) -> dict[str, Any]:
    return content(nodes=[{"id": "a", "kind": "relu"} | changes])


def wire(**changes: Any) -> dict[str, Any]:
    nodes = [{"id": "a", "kind": "input"}, {"id": "b", "kind": "relu"}]
    return content(nodes=nodes, edges=[{"from": "a", "to": "b"} | changes])


NEEDS_PORT = 'Edge 0 of the network file needs "from" and "to", names of nodes, and a port from 0.'
NEEDS_PLACE = "The position of node 'a' must be two numbers from -1e9 to 1e9."
NEEDS_ID = "Node 0 of the network file needs an id, a text that is not empty."
NO_NETWORK = 'This is not a network file: it should be a JSON object with "format": "convstudio-network".'
HOSTILE = {
    "nothing": (None, NO_NETWORK),
    "a list": ([], NO_NETWORK),
    "another format": (content(format="onnx"), NO_NETWORK),
    "later version": (content(version=2), "The network file has version 2; this program reads versions 1 to 1."),
    "true version": (content(version=True), "The network file has version True; this program reads versions 1 to 1."),
    "no nodes": (content(nodes=None), '"nodes" of the network file must be a list of at most 10000 items.'),
    "edges by name": (content(edges={}), '"edges" of the network file must be a list of at most 10000 items.'),
    "name": (content(name=7), '"name" of the network file must be text.'),
    "half a character": (content(description="\ud800"), '"description" of the network file must be text.'),
    "node is text": (content(nodes=["relu"]), NEEDS_ID),
    "empty id": (node(id=""), NEEDS_ID),
    "id that no file can hold": (node(id="\udfff"), NEEDS_ID),
    "no kind": (node(kind=None), "Node 'a' of the network file needs a kind and its fields."),
    "fields as list": (node(fields=[1]), "Node 'a' of the network file needs a kind and its fields."),
    "unknown kind": (
        node(kind="conv2"),
        "Node 'a' of the network file: There is no layer kind 'conv2'. Did you mean 'conv2d'?",
    ),
    "unknown field": (
        node(kind="conv2d", fields={"kernel": 3}),
        "Node 'a' of the network file: conv2d has no field 'kernel'. Did you mean 'kernel_size'?",
    ),
    "field called kind": (
        node(kind="dropout", fields={"kind": "relu"}),
        "Node 'a' of the network file: dropout has no field 'kind'. There are p.",
    ),
    "field out of limits": (
        node(kind="conv2d", fields={"kernel_size": 0}),
        "Node 'a' of the network file: kernel_size must be a whole number from 1 to 255 px or 2 of them; 0 was given.",
    ),
    "field of another type": (
        node(kind="dense", fields={"bias": "yes"}),
        "Node 'a' of the network file: bias must be true or false; 'yes' was given.",
    ),
    "no place": (node(position=[1]), NEEDS_PLACE),
    "place not a number": (node(position=[0, float("nan")]), NEEDS_PLACE),
    "place beyond floats": (node(position=[0, 10**400]), NEEDS_PLACE),
    "place true": (node(position=[True, 0]), NEEDS_PLACE),
    "wire from nowhere": (wire(**{"from": "z"}), "A wire from 'z' to 'b' needs 'z', which does not exist."),
    "wire without end": (wire(to=None), NEEDS_PORT),
    "port below 0": (wire(port=-1), NEEDS_PORT),
    "port true": (wire(port=True), NEEDS_PORT),
    "port beyond all": (wire(port=10**9), NEEDS_PORT),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_content_gets_a_sentence(name: str) -> None:
    given_content, sentence = HOSTILE[name]
    with pytest.raises(EngineError) as raised:
        from_json(given_content)
    assert str(raised.value) == sentence


def test_names_and_wires_must_differ() -> None:
    twice = content(nodes=[{"id": "a", "kind": "relu"}] * 2)
    with pytest.raises(EngineError) as raised:
        from_json(twice)
    assert str(raised.value) == "Two nodes of the network file are named 'a'; names must differ."
    same = wire()
    same["edges"] *= 2
    with pytest.raises(EngineError) as raised:
        from_json(same)
    assert str(raised.value) == "Input 0 of b takes one wire, and a is wired to it already."


def test_largest_file_is_read_without_delay() -> None:
    """Ten thousand nodes in a row: whatever grew with their square would take minutes."""
    names = [f"n{i}" for i in range(MAX_NODES)]
    nodes = [{"id": n, "kind": "relu" if i else "input"} for i, n in enumerate(names)]
    edges = [{"from": a, "to": b} for a, b in pairwise(names)]
    assert len(infer(from_json(content(nodes=nodes, edges=edges))).nodes) == MAX_NODES
    with pytest.raises(EngineError):
        from_json(content(nodes=[*nodes, nodes[0]]))


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, '{"version": 1' + "0" * 5000 + "}", "\x00"])
def test_text_that_is_no_json_gets_a_sentence(text: str) -> None:
    with pytest.raises(EngineError, match=r"^The text is not JSON: .*\.$"):
        loads(text)


def test_files_that_cannot_be_read_get_a_sentence(tmp_path: Any) -> None:
    with pytest.raises(EngineError, match=r"net\.json cannot be read: .*No such file"):
        load(tmp_path / "net.json")
    (tmp_path / "net.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(EngineError, match=r"net\.json cannot be read: 'utf-8' codec can't decode"):
        load(tmp_path / "net.json")


@given(st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(
        ["format", "version", "nodes", "edges", "id", "kind", "fields", "position", "from", "to", "port", "shape"]
    ), inner, max_size=4),
    max_leaves=12,
), st.sampled_from(["name", "version", "nodes", "edges"]))  # fmt: skip
def test_no_content_crashes(value: Any, key: str) -> None:
    for tried in (value, content(**{key: value}), content(nodes=[value]), node(fields=value), wire(port=value)):
        with suppress(EngineError):
            graph = from_json(tried)
            assert loads(dumps(graph)) == graph


def test_a_file_that_an_editor_of_windows_has_saved_is_read(tmp_path: Path) -> None:
    """Some put a mark before everything else."""
    path = tmp_path / "network.json"
    path.write_bytes(b"\xef\xbb\xbf" + dumps(template("lenet5")).encode())
    assert load(path) == template("lenet5")
