"""Two networks side by side."""

from __future__ import annotations

from convstudio.document import edits
from convstudio.document.comparison import FieldChange, compare
from convstudio.document.project import Project
from engine.graph import Edge, Graph, Node
from engine.spec import make
from engine.templates import template


def test_a_network_and_itself_do_not_differ() -> None:
    assert compare(template("unet"), template("unet")).differences == ()


def test_fields_shapes_and_parameters_that_changed_are_told() -> None:
    before = Project(template("lenet5"))
    after = edits.set_field(before, {"conv2"}, "out_channels", 32).project
    rows = {row.after.id: row for row in compare(before.graph, after.graph).differences if row.after}
    assert rows["conv2"].fields == (FieldChange("out_channels", 16, 32),)
    assert rows["conv2"].shapes == ((16, 10, 10), (32, 10, 10))
    assert rows["conv2"].parameters == (2416, 4832)
    assert rows["conv2"].multiply_adds == (240_000, 480_000)
    assert rows["conv2"].words == ("settings", "shape", "parameters", "multiply-adds")
    assert rows["relu2"].words == ("shape",)
    assert rows["relu2"].fields == ()
    assert rows["relu2"].state == "changed"
    assert "conv1" not in rows


def test_layers_that_came_and_went_stand_where_they_were() -> None:
    before = Project(template("lenet5"))
    removed = edits.delete(before, {"relu1"}).project
    after = edits.append(removed, before.graph["relu1"].layer.__class__(), "relu2").project
    states = [(row.state, (row.after or row.before).id) for row in compare(before.graph, removed.graph).differences]  # type: ignore[union-attr]
    assert ("removed", "relu1") in states
    assert compare(removed.graph, after.graph).differences[0].state == "added"


def test_layers_on_a_loop_are_compared_too() -> None:
    loop = Graph((Node("a", make("relu")), Node("b", make("relu"))), (Edge("a", "b"), Edge("b", "a")))
    assert [row.state for row in compare(loop, loop).rows] == ["same", "same"]


def test_layers_of_other_names_are_matched_by_kind_and_place() -> None:
    before = Project(template("lenet5"))
    after = edits.rename(before, "conv1", "first").project
    changed = compare(before.graph, after.graph).differences
    assert [(row.before.id, row.after.id, row.fields) for row in changed if row.before and row.after] == [
        ("conv1", "first", ())
    ]
