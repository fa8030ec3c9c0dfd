"""What a fix changes: a layer, a setting, or every layer of a kind; and undo takes it back in one step."""

from __future__ import annotations

import pytest

from convstudio.document import edits
from convstudio.document.document import Document
from convstudio.document.project import Block, Project, ProjectError
from engine.graph import Graph, chain
from engine.shapes import Problem, infer
from engine.spec import Fix, make


def sigmoids() -> Graph:
    return chain(
        make("input", shape=(1, 8, 8)),
        make("flatten"),
        make("dense", out_features=8, initial="zeros"),
        make("sigmoid"),
        make("dense", out_features=8, initial="lecun_normal"),
        make("sigmoid"),
        make("dense", out_features=1),
        make("sigmoid"),
    )


def mended(project: Project, node: str, fix: Fix) -> Project:
    document = Document(project)
    edit = edits.apply_fix(project, Problem(node, "Something.", (fix,)), fix)
    assert edit.text == fix.title
    document.perform(edit)
    assert not infer(document.graph).problems
    made = document.project
    document.undo_stack.undo()
    assert document.project == project
    return made


def kinds(project: Project) -> list[str]:
    return [node.layer.kind for node in project.graph.order]


def test_a_layer_is_replaced_and_its_automatic_name_follows() -> None:
    project = Project(sigmoids(), blocks=(Block("b", "middle", ("dense2", "sigmoid2")),))
    made = mended(project, "sigmoid2", Fix("Replace sigmoid2 by ReLU", "replace", value="relu"))
    assert [node.id for node in made.graph.order] == [
        "input1", "flatten1", "dense1", "sigmoid1", "dense2", "relu1", "dense3", "sigmoid3",
    ]  # fmt: skip
    assert made.graph["relu1"].layer == make("relu")
    assert made.graph["relu1"].position == project.graph["sigmoid2"].position
    assert made.blocks[0].members == ("dense2", "relu1")


def test_a_name_of_ones_own_stays() -> None:
    named = edits.rename(Project(sigmoids()), "sigmoid1", "squash").project
    made = mended(named, "squash", Fix("Replace squash by ReLU", "replace", value="relu"))
    assert made.graph["squash"].layer == make("relu")


def test_all_layers_of_a_kind_are_replaced_but_the_last() -> None:
    made = mended(Project(sigmoids()), "dense1", Fix("Replace every Sigmoid by ReLU", "replace_all", "sigmoid", "relu"))
    assert kinds(made) == ["input", "flatten", "dense", "relu", "dense", "relu", "dense", "sigmoid"]
    assert [node.id for node in made.graph.order if node.layer.kind == "relu"] == ["relu1", "relu2"]


def test_all_layers_get_a_field() -> None:
    made = mended(Project(sigmoids()), "dense1", Fix("Draw all", "set_all", "initial", "he_normal"))
    assert {made.graph[name].layer.settings()["initial"] for name in ("dense1", "dense2", "dense3")} == {"he_normal"}


def test_a_setting_of_training() -> None:
    made = mended(
        Project(sigmoids()), "", Fix("Lower the learning rate to 0.0001", "set_setting", "learning_rate", 1e-4)
    )
    assert made.settings.learning_rate == 1e-4
    assert made.graph == sigmoids()


def test_a_layer_is_put_after_another_one() -> None:
    made = mended(Project(sigmoids()), "dense2", Fix("Put batch norm after dense2", "insert_after", value="batch_norm"))
    assert kinds(made)[4:6] == ["dense", "batch_norm"]
    fix = Fix("Put batch norm after sigmoid3", "insert_after", value="batch_norm")
    with pytest.raises(ProjectError, match=r"^That wire is gone, and its problem with it\.$"):
        edits.apply_fix(Project(sigmoids()), Problem("sigmoid3", "", (fix,)), fix)


def test_a_layer_that_is_gone() -> None:
    fix = Fix("Replace relu9 by Leaky ReLU", "replace", value="leaky_relu")
    with pytest.raises(ProjectError, match=r"^That layer is gone, and its problem with it\.$"):
        edits.apply_fix(Project(sigmoids()), Problem("relu9", "", (fix,)), fix)
