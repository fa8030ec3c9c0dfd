"""Blocks in blocks, and networks that run from left to right."""

from __future__ import annotations

from itertools import combinations, pairwise
from typing import Any

import pytest

from convstudio.document import edits
from convstudio.document.nesting import around
from convstudio.document.project import ACROSS, DOWN, Project, ProjectError, place_of, project_from_json
from convstudio.document.room import frame
from engine.graph import Edge, chain
from engine.spec import make
from engine.templates import template


def nested() -> Project:
    """Layers of the same size, the first two in a block, and that with the third in another one."""
    layers = make("input"), make("conv2d", out_channels=1, padding=1), make("relu"), make("dropout"), make("flatten")
    project = edits.lay_out(Project(chain(*layers))).project
    inner = edits.group(project, {"conv1", "relu1"}, "Inner").project
    return edits.group(inner, {"block1", "dropout1"}, "Outer").project


def told(project: Project) -> list[tuple[str, tuple[str, ...], str]]:
    return [(b.title, b.members, b.parent) for b in project.blocks]


def test_a_block_can_be_in_a_block() -> None:
    project = nested()
    assert told(project) == [("Inner", ("conv1", "relu1"), "block2"), ("Outer", ("dropout1",), "")]
    assert project.contents == {"block1": ("conv1", "relu1"), "block2": ("dropout1", "conv1", "relu1")}
    assert project_from_json(project.to_json()) == project


def test_layers_of_a_block_become_a_block_in_it() -> None:
    project = edits.group(nested(), {"relu1"}, "Innermost").project
    assert told(project)[0] == ("Inner", ("conv1",), "block2")
    assert told(project)[2] == ("Innermost", ("relu1",), "block1")


def test_what_is_taken_from_several_blocks_leaves_them() -> None:
    project = edits.group(nested(), {"relu1", "dropout1"}, "Both").project
    assert told(project) == [
        ("Inner", ("conv1",), "block2"),
        ("Outer", (), ""),
        ("Both", ("relu1", "dropout1"), "block2"),
    ]


def test_ungrouping_leaves_what_is_inside_in_the_block_around() -> None:
    assert told(edits.ungroup(nested(), "block1").project) == [("Outer", ("dropout1", "conv1", "relu1"), "")]
    edit = edits.ungroup(nested(), "block2")
    assert told(edit.project) == [("Inner", ("conv1", "relu1"), "")]
    assert edit.selection == {"dropout1", "block1"}


def test_blocks_that_become_empty_are_gone_with_those_around_them() -> None:
    assert told(edits.delete(nested(), {"block2"}).project) == []
    assert told(edits.delete(nested(), {"block1"}).project) == [("Outer", ("dropout1",), "")]
    assert told(edits.delete(nested(), {"dropout1"}).project) == [
        ("Inner", ("conv1", "relu1"), "block2"),
        ("Outer", (), ""),
    ]


def test_repeats_multiply_and_copies_are_numbered_in_the_order_of_the_data() -> None:
    project = edits.set_repeat(nested(), "block1", 2).project
    project = edits.set_repeat(project, "block2", 3).project
    names = [node.id for node in project.unfolded.order]
    assert names == [
        *("input1", "conv1", "relu1", "conv1·2", "relu1·2", "dropout1"),
        *("conv1·3", "relu1·3", "conv1·4", "relu1·4", "dropout1·2"),
        *("conv1·5", "relu1·5", "conv1·6", "relu1·6", "dropout1·3", "flatten1"),
    ]
    assert all(len(project.unfolded.incoming(name)) == 1 for name in names[1:])


def test_repeats_in_repeats_have_a_limit() -> None:
    project = nested()
    for name, times in (("block1", 64), ("block2", 64)):
        project = edits.set_repeat(project, name, times).project
    wider = edits.group(project, {"block2", "flatten1"}, "All").project
    with pytest.raises(ProjectError, match=r"^All cannot be repeated so often: the network would have more than 10000"):
        edits.set_repeat(wider, "block3", 2)


def test_a_copied_block_keeps_what_is_in_it() -> None:
    project = nested()
    pasted = edits.paste(project, edits.copy_text(project, {"block2"}), (500.0, 0.0)).project
    assert told(pasted)[2:] == [("Inner", ("conv2", "relu2"), "block4"), ("Outer", ("dropout2",), "")]
    alone = edits.duplicate(project, {"block1"}).project
    assert told(alone)[2:] == [("Inner", ("conv2", "relu2"), "")]


def test_a_block_takes_everything_in_it_along() -> None:
    before = nested()
    after = edits.move(before, {"block2": (300.0, 10.0)}).project
    moved = {n.id for n in after.graph if n.position != before.graph[n.id].position}
    assert moved == {"conv1", "relu1", "dropout1"}


def test_a_layer_put_on_a_wire_is_in_the_innermost_block_of_both_ends() -> None:
    within = edits.insert(nested(), make("sigmoid"), Edge("conv1", "relu1")).project
    assert told(within)[0] == ("Inner", ("conv1", "relu1", "sigmoid1"), "block2")
    between = edits.insert(nested(), make("sigmoid"), Edge("relu1", "dropout1")).project
    assert told(between)[1] == ("Outer", ("dropout1", "sigmoid1"), "")
    outside = edits.insert(nested(), make("sigmoid"), Edge("input1", "conv1")).project
    assert told(outside) == told(nested())


@pytest.mark.parametrize(
    ("blocks", "sentence"),
    [
        ([{"parent": "ghost"}], "Block 'a' of the project is in a block that is not there."),
        ([{"parent": ["a"]}], "Block 'a' of the project is in a block that is not there."),
        ([{"parent": "a"}], "Block 'a' of the project is in itself."),
        ([{"members": []}], "Block 'a' of the project holds no layers."),
        ([{"members": [], "parent": "b"}, {"id": "b"}], "Block 'a' of the project holds no layers."),
    ],
)
def test_files_with_impossible_blocks_are_refused(blocks: list[dict[str, Any]], sentence: str) -> None:
    content = Project(chain(make("input"), make("relu"))).to_json()
    content["blocks"] = [{"id": "a", "title": "A", "members": ["relu1"], **block} for block in blocks]
    with pytest.raises(ProjectError) as refused:
        project_from_json(content)
    assert str(refused.value) == sentence


# --- from left to right ----------------------------------------------------------------------------------------------


def test_a_network_can_run_from_left_to_right() -> None:
    edit = edits.set_flow(Project(template("lenet5")), ACROSS)
    assert edit.text == "Lay out from left to right"
    places = [node.position for node in edit.project.graph.order]
    assert {y for _, y in places} == {places[0][1]}
    assert [b[0] - a[0] for a, b in pairwise(places)] == [224.0] * (len(places) - 1)
    assert project_from_json(edit.project.to_json()) == edit.project
    back = edits.set_flow(edit.project, DOWN)
    assert back.text == "Lay out from top to bottom"
    assert {x for x, _ in (node.position for node in back.project.graph)} == {places[0][0]}


def test_files_without_a_direction_run_downwards() -> None:
    content = edits.set_flow(Project(template("lenet5")), ACROSS).project.to_json()
    del content["flow"]
    assert project_from_json(content).flow == DOWN


def test_layers_are_added_along_the_way_that_data_flow() -> None:
    project = edits.set_flow(Project(chain(make("input"), make("relu"))), ACROSS).project
    appended = edits.append(project, make("flatten")).project.graph
    assert appended["flatten1"].position == (448.0, 0.0)
    inserted = edits.insert(project, make("flatten"), Edge("input1", "relu1")).project.graph
    assert (inserted["flatten1"].position, inserted["relu1"].position) == ((224.0, 0.0), (448.0, 0.0))
    assert edits.append(project, make("input")).project.graph["input2"].position == (448.0, 0.0)


def test_a_folded_block_is_laid_out_as_one_card() -> None:
    project = edits.set_collapsed(nested(), "block2", True).project
    graph = edits.lay_out(project).project.graph
    assert [graph[name].position[1] for name in ("input1", "conv1", "flatten1")] == [0.0, 132.0, 264.0]
    assert graph["dropout1"].position[1] - graph["conv1"].position[1] == 264.0  # as it was


def test_frames_that_begin_above_the_same_card_have_room() -> None:
    graph = edits.lay_out(nested()).project.graph
    assert [graph[name].position[1] for name in ("input1", "conv1", "relu1")] == [0.0, 172.0, 304.0]


def overlapping(project: Project) -> list[tuple[str, str]]:
    """Cards that lie on each other or in the frame of a block that they are not in, as one sees them."""
    seen: dict[str, tuple[tuple[float, float], tuple[float, float]]] = {}
    held: dict[str, set[str]] = {}
    folded = {m for b in project.blocks if b.collapsed for m in project.contents[b.id]}
    for node in project.graph:
        if node.id not in folded:
            (x, y), held[node.id] = node.position, set()
            seen[node.id] = (x, y), (x + 176, y + 84)
    for block in project.blocks:
        if not any(outer.collapsed for outer in around(project.blocks, block)):
            x, y = place_of(project, block)
            seen[block.id] = ((x, y), (x + 176, y + 84)) if block.collapsed else frame(project, block)
            within = {b.id for b in project.blocks if block in around(project.blocks, b)}
            held[block.id] = {*project.contents[block.id], *within}
    return [
        (a, b)
        for a, b in combinations(seen, 2)
        if a not in held[b] and b not in held[a]
        if all(seen[a][0][i] < seen[b][1][i] and seen[b][0][i] < seen[a][1][i] for i in (0, 1))
    ]


@pytest.mark.parametrize("flow", [DOWN, ACROSS])
@pytest.mark.parametrize("name", ["lenet5", "resnet18", "googlenet"])
def test_a_block_that_opens_has_room(name: str, flow: str) -> None:
    project = edits.set_flow(Project(template(name)), flow).project
    names = [node.id for node in project.graph.order]
    project = edits.group(project, names[1:4]).project
    project = edits.group(project, {"block1", names[4]}).project
    assert overlapping(project) == []
    folded = edits.lay_out(edits.set_collapsed(project, "block2", True).project).project
    assert overlapping(folded) == []
    opened = edits.set_collapsed(folded, "block2", False).project
    assert overlapping(opened) == []
    assert edits.set_collapsed(opened, "block2", False).project == opened  # what has room already stays


def test_what_is_folded_moves_on_as_a_whole() -> None:
    project = edits.lay_out(Project(template("lenet5"))).project
    project = edits.group(project, {"conv1", "relu1"}).project
    project = edits.group(project, {"conv2", "relu2", "max_pool2"}).project
    for block in ("block1", "block2"):
        project = edits.set_collapsed(project, block, True).project
    project = edits.lay_out(project).project
    opened = edits.set_collapsed(project, "block1", False).project
    assert overlapping(opened) == []
    for graph in (project.graph, opened.graph):
        (x, y), (rx, ry) = graph["conv2"].position, graph["relu2"].position
        assert (rx - x, ry - y) == (0, 132)


# --- layers that are no neighbours -----------------------------------------------------------------------------------


def test_layers_between_those_that_are_grouped_come_along() -> None:
    project = edits.lay_out(Project(template("lenet5"))).project
    edit = edits.group(project, {"conv1", "conv2"}, "Eyes")
    assert edit.project.blocks[0].members == ("conv1", "relu1", "max_pool1", "conv2")
    assert edit.text == "Group 4 layers as Eyes"
    told = "max_pool1 and relu1 stand between the layers that you grouped, and came along into the block."
    assert edit.told == told
    assert edits.group(project, {"conv1", "relu1"}).told == ""
    one = edits.group(project, {"conv1", "max_pool1"}).told
    assert one == "relu1 stands between the layers that you grouped, and came along into the block."


@pytest.mark.parametrize("flow", [DOWN, ACROSS])
def test_branches_that_are_grouped_leave_the_one_between_them_out(flow: str) -> None:
    image, conv = make("input", shape=(4, 8, 8)), make("conv2d", out_channels=4, padding="same")
    graph = chain(image, make("relu"))
    for name in "abcd":
        graph = graph.add(conv, "relu1", id=f"{name}1").add(conv, f"{name}1", id=f"{name}2")
    graph = graph.add(make("concatenate"), "a2", "b2", "c2", "d2")
    project = edits.set_flow(Project(graph), flow).project
    for names in ({"a1", "a2", "c1", "c2"}, {"b1", "d1"}, {"a1", "c2"}, {"a2", "b2", "d2"}, {"a1", "a2", "b1"}):
        made = edits.group(project, names).project
        assert overlapping(made) == [], names
        assert set(made.blocks[0].members) == names
    joined = edits.group(project, {"a1", "a2", "c1", "c2", "concatenate1"}).project
    assert overlapping(joined) == []


def test_layers_far_apart_are_brought_together() -> None:
    project = edits.lay_out(Project(template("lenet5"))).project
    project = edits.add(project, make("relu"), (900.0, 1300.0)).project
    made = edits.group(project, {"conv1", "relu5"}).project
    assert overlapping(made) == []
    (left, top), (right, bottom) = frame(made, made.blocks[0])
    assert right - left < 3 * 176
    assert bottom - top < 2 * 132
    moved = [n.id for n in project.graph if made.graph[n.id].position != n.position]
    assert moved == ["relu5"]  # the network stands as it stood


@pytest.mark.parametrize("flow", [DOWN, ACROSS])
@pytest.mark.parametrize("name", ["resnet18", "googlenet", "unet"])
def test_whatever_is_grouped_has_a_frame_of_its_own(name: str, flow: str) -> None:
    project = edits.set_flow(Project(template(name)), flow).project
    names = [node.id for node in project.graph.order]
    for first in range(1, len(names) - 8, 5):
        for step in (1, 2, 4):
            chosen = names[first : first + 8 : step]
            assert overlapping(edits.group(project, chosen).project) == [], chosen


@pytest.mark.parametrize("flow", [DOWN, ACROSS])
def test_frames_of_neighbours_keep_off_each_other(flow: str) -> None:
    project = edits.set_flow(Project(template("lenet5")), flow).project
    project = edits.group(project, {"max_pool1", "conv2"}).project
    project = edits.group(project, {"relu2", "max_pool2"}).project
    project = edits.group(project, {"conv1", "relu1"}).project
    assert overlapping(project) == []
