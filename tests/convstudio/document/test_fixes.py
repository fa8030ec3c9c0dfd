"""What a fix changes: a layer, a setting, or every layer of a kind; and undo takes it back in one step."""

from __future__ import annotations

import pytest

from convstudio.document import edits
from convstudio.document.document import Document
from convstudio.document.project import Block, Project, ProjectError
from engine.graph import Graph, chain
from engine.shapes import Problem, infer
from engine.spec import Fix, Layer, make


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


def two_ends() -> Graph:
    image, conv = make("input", shape=(1, 8, 8)), make("conv2d", out_channels=4, kernel_size=3)
    graph = chain(image, conv, make("relu"), make("flatten"), make("dense", out_features=3))
    return graph.add(make("dense", out_features=3), "flatten1", id="other", position=(300.0, 500.0))


def fix_of(project: Project, title: str) -> Fix:
    (problem,) = Document(project).problems
    return next(fix for fix in problem.fixes if fix.title == title)


def test_an_end_that_leads_nowhere_is_removed_and_told() -> None:
    project = Project(two_ends())
    fix = fix_of(project, "Remove other")
    assert [node.id for node in mended(project, "", fix).graph] == ["input1", "conv1", "relu1", "flatten1", "dense1"]
    assert edits.apply_fix(project, Problem("", "", (fix,)), fix).told == "Deleted other."


def test_ends_are_joined_by_a_layer_that_lies_on_nothing() -> None:
    project = edits.lay_out(Project(two_ends())).project
    made = mended(project, "", fix_of(project, "Join dense1 and other by Add")).graph
    assert [edge.source for edge in made.incoming("add1")] == ["dense1", "other"]
    x, y = made["add1"].position
    assert y > max(made[name].position[1] for name in ("dense1", "other"))
    assert (
        min(made[n].position[0] for n in ("dense1", "other"))
        < x
        < max(made[n].position[0] for n in ("dense1", "other"))
    )


def test_the_end_of_a_repeated_block_is_joined_as_what_leaves_its_last_copy() -> None:
    graph = chain(make("input", shape=(4, 8, 8)), make("conv2d", out_channels=4, kernel_size=3, padding="same"))
    graph = graph.add(make("relu"), "input1")
    project = Project(graph, blocks=(Block("b", "Stage", ("conv1",), repeat=3),))
    made = mended(project, "", fix_of(project, "Join relu1 and conv1·3 by Add"))
    assert [edge.source for edge in made.unfolded.incoming("add1")] == ["relu1", "conv1·3"]


def test_a_fix_for_layers_that_are_gone_says_so() -> None:
    project = Project(two_ends())
    fix = fix_of(project, "Remove other")
    with pytest.raises(ProjectError, match="One of these layers is gone, and the problem with it"):
        edits.apply_fix(edits.delete(project, {"other"}).project, Problem("", "", (fix,)), fix)


@pytest.mark.parametrize(
    ("shape", "layer", "title"),
    [
        ((1, 9, 9), make("crop", low=12, high=1), "Cut off nothing at the start"),
        ((1, 9, 9), make("crop", low=4, high=12), "Cut off nothing at the end"),
        ((1, 10, 10), make("max_pool2d", kernel_size=2, dilation=11), "Set kernel size to 1"),
        ((1, 6, 2), make("avg_pool2d", kernel_size=4), "Set kernel size to 4×2"),
        ((1, 9, 9), make("avg_pool2d", kernel_size=(2, 4), padding=2), "Set padding to 1×2"),
        ((1, 10, 7), make("conv2d", kernel_size=10, dilation=2), "Set padding to 5×6"),
        ((1, 3, 9, 9), make("conv3d", kernel_size=5), "Set padding to 1×0×0"),
        ((1, 4, 6), make("locally_connected2d", kernel_size=9), "Set padding to 3×2"),
        ((1, 2, 9), make("transposed_conv2d", kernel_size=2, stride=1, padding=3), "Set padding to 1×3"),
    ],
)
def test_what_does_not_fit_is_mended_along_every_axis(shape: tuple[int, ...], layer: Layer, title: str) -> None:
    graph = chain(make("input", shape=shape), layer)
    [problem] = infer(graph).problems
    assert [fix.title for fix in problem.fixes] == [title]
    mended(Project(graph), problem.node, problem.fixes[0])


@pytest.mark.parametrize(
    ("shape", "layer"),
    [
        ((1, 5, 5), make("crop", low=7, high=6)),  # either side alone takes all
        ((1, 9, 9), make("conv2d", kernel_size=200, dilation=9)),  # more padding than there can be
    ],
)
def test_no_fix_is_offered_that_would_not_mend(shape: tuple[int, ...], layer: Layer) -> None:
    [problem] = infer(chain(make("input", shape=shape), layer)).problems
    assert problem.fixes == ()
