"""Every edit: what it makes of the project, and the words that undo shows."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from convstudio.document import edits
from convstudio.document.edits import Edit
from convstudio.document.project import Project, ProjectError
from engine.data.source import DataSource
from engine.errors import EngineError, FieldError
from engine.graph import Edge, Graph, chain
from engine.settings import TrainingSettings
from engine.shapes import infer
from engine.spec import Layer, make

ROW = 132.0


def in_rows(*layers: Layer) -> Project:
    """A chain whose cards stand one below the other."""
    graph = chain(*layers)
    places = {node.id: (0.0, ROW * row) for row, node in enumerate(graph)}
    return edits.move(Project(graph), places).project


@pytest.fixture
def small() -> Project:
    return in_rows(make("input"), make("conv2d"), make("relu"), make("flatten"), make("dense"))


def wires(graph: Graph) -> list[tuple[str, str, int]]:
    return sorted((e.source, e.target, e.port) for e in graph.edges)


def names(project: Project) -> list[str]:
    return [node.id for node in project.graph.order]


def residual() -> Project:
    graph = chain(make("input"), make("conv2d", padding=1), make("relu"))
    return Project(graph.add(make("add"), "relu1", "conv1", "input1"))


# --- words -----------------------------------------------------------------------------------------------------------

WORDS: list[tuple[str, Callable[[Project], Edit]]] = [
    ("Add conv2", lambda p: edits.add(p, make("conv2d"), (5.0, 6.0))),
    ("Add conv2 after relu1", lambda p: edits.append(p, make("conv2d"), "relu1")),
    ("Insert relu2 between conv1 and relu1", lambda p: edits.insert(p, make("relu"), Edge("conv1", "relu1"))),
    ("Delete relu1", lambda p: edits.delete(p, {"relu1"})),
    ("Delete conv1 and relu1", lambda p: edits.delete(p, {"relu1", "conv1"})),
    ("Delete 3 layers", lambda p: edits.delete(p, {"relu1", "conv1", "dense1"})),
    ("Set kernel size of conv1 to 5×5", lambda p: edits.set_field(p, {"conv1"}, "kernel_size", 5)),
    ("Set padding of conv1 to same", lambda p: edits.set_field(p, {"conv1"}, "padding", "same")),
    ("Set bias of conv1 and dense1 to off", lambda p: edits.set_field(p, {"conv1", "dense1"}, "bias", False)),
    ("Set shape of input1 to 3×32×32", lambda p: edits.set_field(p, {"input1"}, "shape", (3, 32, 32))),
    ("Move conv1", lambda p: edits.move(p, {"conv1": (1.0, 2.0)})),
    ("Move 3 layers", lambda p: edits.move(p, dict.fromkeys(("conv1", "relu1", "dense1"), (1.0, 2.0)))),
    ("Disconnect conv1 from relu1", lambda p: edits.disconnect(p, Edge("conv1", "relu1"))),
    ("Rename conv1 to first", lambda p: edits.rename(p, "conv1", " first ")),
    ("Name the network Mine", lambda p: edits.describe(p, name="Mine")),
    ("Describe the network", lambda p: edits.describe(p, description="Mine")),
    ("Paste conv1 and relu1", lambda p: edits.paste(p, edits.copy_text(p, {"conv1", "relu1"}), (9.0, 9.0))),
    ("Duplicate conv1", lambda p: edits.duplicate(p, {"conv1"})),
    ("Align conv1 and relu1 at the left", lambda p: edits.align(p, {"conv1", "relu1"}, "left")),
    ("Align conv1 and relu1 at their centres", lambda p: edits.align(p, {"conv1", "relu1"}, "centre")),
    ("Spread 3 layers vertically", lambda p: edits.distribute(p, {"conv1", "relu1", "dense1"}, "vertical")),
    ("Arrange the network", edits.lay_out),
    ("Group conv1 and relu1 as Stage", lambda p: edits.group(p, {"conv1", "relu1"}, "Stage")),
    ("Add a comment", lambda p: edits.add_comment(p, (0.0, 0.0))),
    ("Change how to train", lambda p: edits.set_settings(p, TrainingSettings(batch=3))),
    ("Use cifar10", lambda p: edits.set_data(p, DataSource("cifar10"))),
    ("New network", lambda p: edits.set_network(p, Graph(), "New network")),
]


@pytest.mark.parametrize(("text", "edit"), WORDS, ids=[text for text, _ in WORDS])
def test_an_edit_says_what_it_does(small: Project, text: str, edit: Callable[[Project], Edit]) -> None:
    assert edit(small).text == text


def test_edits_of_wires_say_what_they_do() -> None:
    project = residual()
    loose = edits.add(project, make("relu"), (0.0, 0.0)).project
    assert edits.connect(loose, "add1", "relu2").text == "Connect add1 to relu2"
    assert edits.reroute(loose, Edge("input1", "add1", 2), "relu2").text == "Lead input1 to relu2"


def test_edits_of_blocks_and_comments_say_what_they_do(small: Project) -> None:
    grouped = edits.group(small, {"conv1", "relu1"}, "Stage").project
    noted = edits.add_comment(grouped, (0.0, 0.0)).project
    assert [
        edits.set_repeat(grouped, "block1", 3).text,
        edits.set_repeat(grouped, "block1", 1).text,
        edits.set_collapsed(grouped, "block1", True).text,
        edits.set_collapsed(grouped, "block1", False).text,
        edits.rename_block(grouped, "block1", "Head").text,
        edits.ungroup(grouped, "block1").text,
        edits.delete(grouped, {"block1"}).text,
        edits.set_comment_text(noted, "comment1", "Look").text,
        edits.resize_comment(noted, "comment1", (300.0, 100.0)).text,
        edits.delete(noted, {"comment1"}).text,
        edits.delete(noted, {"comment1", "relu1"}).text,
        edits.move(noted, {"comment1": (3.0, 3.0)}).text,
    ] == [
        "Repeat Stage 3 times",
        "Repeat Stage once",
        "Collapse Stage",
        "Expand Stage",
        "Rename Stage to Head",
        "Ungroup Stage",
        "Delete conv1 and relu1",
        "Write a comment",
        "Resize a comment",
        "Delete a comment",
        "Delete relu1 and a comment",
        "Move a comment",
    ]


REFUSALS: list[tuple[str, Callable[[Project], Edit]]] = [
    ("Nothing is selected that could be deleted.", lambda p: edits.delete(p, {"nobody"})),
    ("None of the selected layers has a stride.", lambda p: edits.set_field(p, {"relu1"}, "stride", 2)),
    ("A layer needs a name; give it at least one letter.", lambda p: edits.rename(p, "conv1", "  ")),
    ("There is already something named relu1; choose another name.", lambda p: edits.rename(p, "conv1", "relu1")),
    ("A layer's name has at most 64 letters; 65 were given.", lambda p: edits.rename(p, "conv1", "a" * 65)),
    (
        "A layer's name holds letters, digits and signs, but no ·; choose another name.",
        lambda p: edits.rename(p, "conv1", "relu1·2"),
    ),
    ("That layer is gone.", lambda p: edits.rename(p, "nobody", "a")),
    (
        "Input is where data enters, so it cannot stand in the middle of a wire.",
        lambda p: edits.insert(p, make("input"), Edge("conv1", "relu1")),
    ),
    (
        "kernel_size must be a whole number from 1 to 255 px or 2 of them; 0 was given.",
        lambda p: edits.set_field(p, {"conv1"}, "kernel_size", 0),
    ),
    ("Select two or more layers to line them up.", lambda p: edits.align(p, {"conv1"}, "left")),
    (
        "Layers line up by left, centre, right, top, middle, bottom; 'up' was given.",
        lambda p: edits.align(p, {"conv1", "relu1"}, "up"),
    ),
    (
        "Select three or more layers to spread them evenly.",
        lambda p: edits.distribute(p, {"conv1", "relu1"}, "vertical"),
    ),
    (
        "Layers are spread horizontal or vertical; 'up' was given.",
        lambda p: edits.distribute(p, {"conv1", "relu1", "dense1"}, "up"),
    ),
    ("Select one or more layers to group them.", lambda p: edits.group(p, set(), "Stage")),
    ("That block is gone.", lambda p: edits.ungroup(p, "block1")),
    ("That comment is gone.", lambda p: edits.set_comment_text(p, "comment1", "")),
    ("There are no layers to arrange yet.", lambda p: edits.lay_out(Project())),
    ("Nothing is selected that could be duplicated.", lambda p: edits.duplicate(p, set())),
    ("The text on the clipboard holds no layers: it is not JSON.", lambda p: edits.paste(p, "hello", (0.0, 0.0))),
    (
        "The text on the clipboard holds no layers: it is JSON of another kind.",
        lambda p: edits.paste(p, "[1]", (0.0, 0.0)),
    ),
]


@pytest.mark.parametrize(("text", "edit"), REFUSALS, ids=[text for text, _ in REFUSALS])
def test_an_edit_that_cannot_be_says_why(small: Project, text: str, edit: Callable[[Project], Edit]) -> None:
    with pytest.raises(EngineError) as refused:
        edit(small)
    assert str(refused.value) == text


def test_a_field_that_does_not_fit_is_named(small: Project) -> None:
    with pytest.raises(FieldError) as refused:
        edits.set_field(small, {"conv1"}, "stride", -1)
    assert refused.value.field == "stride"


# --- what they do ----------------------------------------------------------------------------------------------------


def test_append_puts_a_layer_into_the_chain_and_makes_room(small: Project) -> None:
    edit = edits.append(small, make("max_pool2d"), "relu1")
    assert names(edit.project) == ["input1", "conv1", "relu1", "max_pool1", "flatten1", "dense1"]
    assert edit.selection == {"max_pool1"}
    assert [edit.project.graph[n].position[1] / ROW for n in names(edit.project)] == [0, 1, 2, 3, 4, 5]


def test_append_without_a_place_goes_to_the_end(small: Project) -> None:
    assert names(edits.append(small, make("softmax"), None).project)[-1] == "softmax1"
    first = edits.append(Project(), make("input"), None).project
    assert names(first) == ["input1"]


def test_a_join_is_appended_beside_the_chain(small: Project) -> None:
    graph = edits.append(small, make("add"), "conv1").project.graph
    assert ("conv1", "add1", 0) in wires(graph)
    assert ("conv1", "relu1", 0) in wires(graph)


def test_deleting_in_a_chain_heals_it(small: Project) -> None:
    edit = edits.delete(small, {"conv1", "relu1"})
    assert wires(edit.project.graph) == [("flatten1", "dense1", 0), ("input1", "flatten1", 0)]
    assert edit.selection == frozenset()


def test_ports_of_a_join_close_up_when_a_branch_goes() -> None:
    project = residual()
    graph = edits.disconnect(project, Edge("conv1", "add1", 1)).project.graph
    assert graph.incoming("add1") == (Edge("relu1", "add1", 0), Edge("input1", "add1", 1))
    inputs = Graph().add(make("input"), id="a").add(make("input"), id="b").add(make("input"), id="c")
    joined = Project(inputs.add(make("add"), "a", "b", "c"))
    assert edits.delete(joined, {"b"}).project.graph.incoming("add1") == (Edge("a", "add1", 0), Edge("c", "add1", 1))


def test_several_layers_are_set_together_and_others_left_alone(small: Project) -> None:
    graph = edits.set_field(small, {"conv1", "dense1", "relu1"}, "initial", "glorot_normal").project.graph
    assert graph["conv1"].layer.settings()["initial"] == graph["dense1"].layer.settings()["initial"] == "glorot_normal"


def test_renaming_keeps_wires_and_blocks(small: Project) -> None:
    project = edits.rename(edits.group(small, {"conv1"}, "").project, "conv1", "first").project
    assert names(project) == ["input1", "first", "relu1", "flatten1", "dense1"]
    assert project.blocks[0].members == ("first",)


def test_every_fix_mends_its_problem() -> None:
    project = in_rows(make("input"), make("conv2d"), make("dense"))
    (problem,) = infer(project.graph).problems
    edit = edits.apply_fix(project, problem, problem.fixes[0])
    assert edit.text == "Add Flatten"
    assert not infer(edit.project.graph).problems
    large = in_rows(make("input"), make("conv2d", kernel_size=31))
    (problem,) = infer(large.graph).problems
    edit = edits.apply_fix(large, problem, problem.fixes[0])
    assert edit.text == "Set padding to 2"
    assert not infer(edit.project.graph).problems
    with pytest.raises(ProjectError, match=r"^That layer is gone, and its problem with it\.$"):
        edits.apply_fix(Project(), problem, problem.fixes[0])


def test_a_wire_is_removed_by_a_fix() -> None:
    graph = Graph().add(make("input")).add(make("input"), "input1")
    (problem,) = [p for p in infer(graph).problems if p.fixes]
    edit = edits.apply_fix(Project(graph), problem, problem.fixes[0])
    assert edit.text == "Remove this edge"
    assert edit.project.graph.edges == ()


def test_copies_get_new_names_and_keep_wires_between_them(small: Project) -> None:
    text = edits.copy_text(small, {"conv1", "relu1"})
    edit = edits.paste(small, text, (500.0, 40.0))
    assert edit.selection == {"conv2", "relu2"}
    graph = edit.project.graph
    assert graph.incoming("relu2") == (Edge("conv2", "relu2"),)
    assert graph.incoming("conv2") == ()
    assert graph["conv2"].position == (500.0, 40.0)
    assert graph["relu2"].position == (500.0, 40.0 + ROW)
    elsewhere = edits.paste(Project(), text, (0.0, 0.0)).project
    assert names(elsewhere) == ["conv1", "relu1"]


def test_whole_blocks_are_copied_with_their_repeats(small: Project) -> None:
    grouped = edits.group(small, {"conv1", "relu1"}, "Stage").project
    noted = edits.add_comment(edits.set_repeat(grouped, "block1", 2).project, (0.0, 0.0), "Look").project
    pasted = edits.paste(noted, edits.copy_text(noted, {"block1", "comment1"}), (0.0, 0.0)).project
    assert [(b.id, b.title, b.members, b.repeat) for b in pasted.blocks] == [
        ("block1", "Stage", ("conv1", "relu1"), 2),
        ("block2", "Stage", ("conv2", "relu2"), 2),
    ]
    assert [(c.id, c.text) for c in pasted.comments] == [("comment1", "Look"), ("comment2", "Look")]


def test_a_copied_join_has_no_gaps_before_its_inputs() -> None:
    edit = edits.duplicate(residual(), {"conv1", "add1"})
    assert edit.project.graph.incoming("add2") == (Edge("conv2", "add2", 0),)


def test_a_whole_network_file_can_be_pasted(small: Project) -> None:
    from engine.graph import dumps

    assert len(edits.paste(small, dumps(small.graph), (0.0, 0.0)).project.graph.nodes) == 10


@pytest.mark.parametrize("size", [[0, 0], [-300, 20], [1, 500]])
def test_a_comment_that_is_pasted_is_large_enough_to_be_taken_hold_of(size: list[int]) -> None:
    text = edits.copy_text(edits.add_comment(Project(), (0.0, 0.0), "Look").project, {"comment1"})
    content = json.loads(text)
    content["comments"][0]["size"] = size
    (comment,) = edits.paste(Project(), json.dumps(content), (0.0, 0.0)).project.comments
    assert comment.size == (80, max(40, size[1]))


@pytest.mark.parametrize(
    ("line", "places"),
    [
        ("left", [(0, 0), (0, 200)]),
        ("centre", [(50, 0), (50, 200)]),
        ("right", [(100, 0), (100, 200)]),
        ("top", [(0, 0), (100, 0)]),
        ("middle", [(0, 100), (100, 100)]),
        ("bottom", [(0, 200), (100, 200)]),
    ],
)
def test_layers_line_up(line: str, places: list[tuple[float, float]]) -> None:
    project = edits.move(in_rows(make("input"), make("relu")), {"input1": (0.0, 0.0), "relu1": (100.0, 200.0)}).project
    graph = edits.align(project, {"input1", "relu1"}, line).project.graph
    assert [node.position for node in graph] == places


def test_layers_spread_evenly_between_the_outermost() -> None:
    project = in_rows(make("input"), make("relu"), make("relu"))
    moved = edits.move(project, {"relu1": (30.0, 400.0), "relu2": (7.0, 1000.0)}).project
    graph = edits.distribute(moved, {"input1", "relu1", "relu2"}, "vertical").project.graph
    assert [node.position for node in graph] == [(0.0, 0.0), (30.0, 500.0), (7.0, 1000.0)]


def test_a_block_moves_with_its_layers(small: Project) -> None:
    grouped = edits.group(small, {"conv1", "relu1"}, "Stage").project
    graph = edits.move(grouped, {"block1": (100.0, 0.0)}).project.graph
    assert [graph[n].position for n in ("conv1", "relu1")] == [(100.0, 0.0), (100.0, ROW)]


def test_places_stay_where_a_file_can_hold_them(small: Project) -> None:
    assert edits.move(small, {"conv1": (1e300, -1e300)}).project.graph["conv1"].position == (1e9, -1e9)


# --- blocks ----------------------------------------------------------------------------------------------------------


def test_a_repeated_block_is_written_out(small: Project) -> None:
    padded = edits.set_field(small, {"conv1"}, "padding", 1).project
    project = edits.set_repeat(edits.group(padded, {"conv1", "relu1"}, "Stage").project, "block1", 3).project
    written = project.unfolded
    assert [n.id for n in written.order] == [
        "input1", "conv1", "relu1", "conv1·2", "relu1·2", "conv1·3", "relu1·3", "flatten1", "dense1",
    ]  # fmt: skip
    assert not infer(written).problems
    assert project.graph is padded.graph


def test_a_residual_block_repeats_with_both_of_its_ways() -> None:
    project = residual()
    grouped = edits.group(project, {"conv1", "relu1", "add1"}, "Unit").project
    with pytest.raises(ProjectError) as refused:
        edits.set_repeat(grouped, "block1", 2)
    assert str(refused.value) == (
        "Unit cannot be repeated: 2 wires lead into it and 1 of its layers are read outside. "
        "A repeated block needs one wire in and one layer that feeds the next."
    )


def test_layers_added_inside_a_block_belong_to_it(small: Project) -> None:
    grouped = edits.group(small, {"conv1", "relu1"}, "Stage").project
    assert edits.append(grouped, make("dropout"), "conv1").project.blocks[0].members == ("conv1", "relu1", "dropout1")
    inserted = edits.insert(grouped, make("dropout"), Edge("relu1", "flatten1")).project
    assert inserted.blocks[0].members == ("conv1", "relu1")


def test_a_layer_is_in_one_block_at_most(small: Project) -> None:
    project = edits.group(edits.group(small, {"conv1", "relu1"}, "A").project, {"relu1", "flatten1"}, "B").project
    assert [(b.title, b.members) for b in project.blocks] == [("A", ("conv1",)), ("B", ("relu1", "flatten1"))]
    assert edits.delete(project, {"conv1"}).project.blocks == project.blocks[1:]
