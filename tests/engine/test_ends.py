"""A network with several ends: what mends it, in words that say exactly what is done."""

from __future__ import annotations

from engine.graph import Graph, chain
from engine.shapes import infer
from engine.spec import Fix, make

IMAGE, RELU, CONV = make("input", shape=(1, 8, 8)), make("relu"), make("conv2d", out_channels=4, kernel_size=3)


def fixes(graph: Graph) -> dict[str, Fix]:
    """The ones of the problem that the network has several outputs, by their titles."""
    (problem,) = [one for one in infer(graph).problems if "several outputs" in one.text]
    return {fix.title: fix for fix in problem.fixes}


def test_a_layer_that_leads_nowhere_is_removed() -> None:
    found = fixes(chain(IMAGE, CONV, RELU).add(RELU, "input1", id="stray"))
    assert list(found) == ["Remove stray"]  # 1 × 8 × 8 and 4 × 6 × 6 cannot be joined
    assert (found["Remove stray"].action, found["Remove stray"].value) == ("remove", ("stray",))


def test_a_branch_that_leads_nowhere_is_removed_with_all_that_leads_only_to_it() -> None:
    graph = (
        chain(IMAGE, CONV, RELU, CONV, RELU, RELU).add(CONV, "relu1", id="a").add(RELU, "a", id="b").add(RELU, id="c")
    )
    assert fixes(graph)["Remove what does not lead to relu3"].value == ("a", "b", "c")


def test_where_two_ends_are_alike_there_is_a_choice_and_they_can_be_joined() -> None:
    found = fixes(chain(IMAGE, RELU).add(RELU, "input1"))
    assert list(found) == [
        "Remove relu1",
        "Remove relu2",
        "Join relu1 and relu2 by Add",
        "Join relu1 and relu2 by Concatenate",
    ]
    assert found["Join relu1 and relu2 by Add"].value == ("relu1", "relu2")
    assert found["Join relu1 and relu2 by Add"].field == "add"


def test_channels_that_differ_are_concatenated_only() -> None:
    graph = chain(IMAGE, make("conv2d", out_channels=4, kernel_size=3, padding="same"), RELU).add(
        RELU, "input1", id="z"
    )
    assert list(fixes(graph)) == ["Remove z", "Join relu1 and z by Concatenate"]


def test_many_ends_are_joined_all_together() -> None:
    graph = chain(IMAGE, RELU).add(RELU, "input1").add(RELU, "input1")
    assert list(fixes(graph)) == ["Join all 3 ends by Add", "Join all 3 ends by Concatenate"]


def test_an_input_that_nobody_reads_is_removed_and_never_joined() -> None:
    assert list(fixes(chain(IMAGE, RELU).add(IMAGE, id="other"))) == ["Remove other"]


def test_a_loop_is_mended_first() -> None:
    graph = chain(IMAGE, RELU).add(RELU, "input1").add(RELU, id="x").add(RELU, "x", id="y").connect("y", "x")
    assert fixes(graph) == {}
