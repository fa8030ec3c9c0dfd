"""What each layer makes of its input, or why it cannot, in a sentence."""

from typing import Any

import pytest

from engine import EngineError, Graph, chain, infer, make, template
from engine.shapes import ReceptiveField, checked
from engine.spec import Fix

IMAGE = make("input", shape=(3, 8, 6))


def small(**settings: Any) -> Graph:
    """A 5 px kernel on a 4 px image."""
    conv = {"kernel_size": 5} | settings
    return chain(make("input", shape=(1, 4, 4)), make("conv2d", kernel_size=1), make("conv2d", **conv))


def join(kind: str, *shapes: tuple[int, ...]) -> Graph:
    graph = Graph()
    for index, shape in enumerate(shapes):
        graph = graph.add(make("input", shape=shape), id=f"in{index}")
    return graph.add(make(kind), *(f"in{index}" for index in range(len(shapes))), id="join")


def test_lenet5_layer_by_layer() -> None:
    nodes = infer(template("lenet5")).nodes
    assert {name: node.output for name, node in nodes.items() if node.parameter_count or "pool" in name} == {
        "conv1": (6, 28, 28),
        "max_pool1": (6, 14, 14),
        "conv2": (16, 10, 10),
        "max_pool2": (16, 5, 5),
        "dense1": (120,),
        "dense2": (84,),
        "dense3": (10,),
    }
    assert nodes["conv2"].parameter_count == 16 * (6 * 5 * 5 + 1)
    assert nodes["conv2"].multiply_adds == 16 * 10 * 10 * 6 * 5 * 5
    assert nodes["conv2"].memory_bytes == 2 * 4 * 16 * 10 * 10
    assert nodes["conv1"].receptive_field == ReceptiveField((5, 5), (1.0, 1.0), (-2.0, -2.0), (32, 32))
    assert nodes["conv2"].receptive_field == ReceptiveField((14, 14), (2.0, 2.0), (-2.0, -2.0), (32, 32))
    field = nodes["dense1"].receptive_field
    assert field is not None
    assert field.size == (32, 32)


def test_totals_are_sums_over_layers() -> None:
    inference = infer(template("lenet5"))
    assert inference.parameter_count == 61_706
    assert inference.multiply_adds == 117_600 + 240_000 + 48_000 + 10_080 + 840
    assert inference.memory_bytes == sum(node.memory_bytes for node in inference.nodes.values())


def test_measured_statistics_are_not_counted_as_trained() -> None:
    node = infer(chain(IMAGE, make("batch_norm"))).nodes["batch_norm1"]
    assert set(node.parameters) == {"weight", "bias", "running_mean", "running_var"}
    assert node.parameter_count == 6


def test_receptive_field_with_stride_and_dilation() -> None:
    layers = [make("conv2d", kernel_size=3, stride=(2, 1)), make("conv2d", kernel_size=2, dilation=3)]
    field = infer(chain(make("input", shape=(1, 32, 32)), *layers)).nodes["conv2"].receptive_field
    assert field is not None
    assert field.size == (3 + 3 * 2, 3 + 3)
    assert field.step == (2.0, 1.0)


def test_receptive_field_of_a_join_reaches_over_all_paths() -> None:
    graph = chain(IMAGE, make("conv2d", kernel_size=3, padding=1))
    graph = graph.add(make("conv2d", kernel_size=5, padding=2), "input1", id="wide")
    graph = graph.add(make("add"), "conv1", "wide", id="join")
    field = infer(graph).nodes["join"].receptive_field
    assert field is not None
    assert (field.size, field.start) == ((5, 5), (-2.0, -2.0))


def test_global_pooling_sees_everything() -> None:
    field = infer(chain(IMAGE, make("global_avg_pool"))).nodes["global_avg_pool1"].receptive_field
    assert field is not None
    assert field.size == (8, 6)


@pytest.mark.parametrize(
    ("graph", "sentence"),
    [
        (
            small(),
            "conv2 makes its image 0 px high: the 5 px kernel does not fit into 4 px. "
            "Use padding 1 or more, or a smaller kernel.",
        ),
        (
            small(kernel_size=(1, 7), padding=1),
            "conv2 makes its image 0 px wide: the 7 px kernel does not fit into 4 px with 2 px of padding. "
            "Use padding 2 or more, or a smaller kernel.",
        ),
        (
            small(kernel_size=3, dilation=4),
            "conv2 makes its image 0 px high: the 3 px kernel, dilated to 9 px, does not fit into 4 px. "
            "Use padding 3 or more, or a smaller kernel.",
        ),
        (
            small(kernel_size=1, groups=3),
            "conv2 splits 16 input channels into 3 groups, which does not come out even. "
            "Use groups that divide 16 and 16.",
        ),
        (
            small(padding=4, padding_mode="reflect"),
            "conv2 pads 4 px by reflect, but its input is only 4 px there. "
            "Use padding 3 or less, or padding mode zeros.",
        ),
        (
            chain(IMAGE, make("conv1d")),
            "conv1 works on 1-D images (channels × long), but its input has the shape 3 × 8 × 6. "
            "Feed it from a layer with 1 axis of space.",
        ),
        (
            chain(IMAGE, make("max_pool2d", padding=2)),
            "max_pool1 pads 2 px around a window of 2 px, so that some windows would see nothing but padding. "
            "Use padding 1 or less.",
        ),
        (
            chain(IMAGE, make("dense")),
            "dense1 needs a row of features, but its input has the shape 3 × 8 × 6. Put a Flatten layer before it.",
        ),
        (
            join("add", (3, 8, 6), (3, 8, 7)),
            "join joins inputs number by number, so they must have the same shape; "
            "input 0 has 3 × 8 × 6 and input 1 has 3 × 8 × 7. "
            "Bring them to one shape, for example with a 1 × 1 convolution.",
        ),
        (
            join("concatenate", (3, 8, 6), (5, 8, 6), (3, 8, 7)),
            "join puts channels one after the other, so its inputs must agree in space; "
            "input 0 has 3 × 8 × 6 and input 2 has 3 × 8 × 7. Pad, crop or pool one of them.",
        ),
    ],
)
def test_impossible_layers_are_explained(graph: Graph, sentence: str) -> None:
    [problem] = infer(graph).problems
    assert problem.text == sentence
    with pytest.raises(EngineError) as raised:
        checked(graph)
    assert str(raised.value) == sentence


def test_joins_of_fitting_shapes() -> None:
    assert infer(join("add", (3, 8, 6), (3, 8, 6))).nodes["join"].output == (3, 8, 6)
    assert infer(join("concatenate", (3, 8, 6), (5, 8, 6), (1, 8, 6))).nodes["join"].output == (9, 8, 6)


def test_layers_after_a_problem_are_silent() -> None:
    graph = small().add(make("relu"), "conv2").add(make("flatten"), "relu1")
    inference = infer(graph)
    assert [problem.node for problem in inference.problems] == ["conv2"]
    assert set(inference.nodes) == {"input1", "conv1"}


RELU = make("relu")
LOOP = Graph().add(IMAGE, id="in").add(make("add"), "in", id="a").add(RELU, "a", id="b").connect("b", "a", 1)
TWICE = Graph().add(IMAGE, id="in").add(IMAGE, id="in2").add(RELU, "in", "in2", id="r")
INTO_INPUT = Graph().add(IMAGE, id="in").add(IMAGE, "in", id="in2")


@pytest.mark.parametrize(
    ("graph", "node", "sentence"),
    [
        (Graph(), "", "The network has no input. Add an Input layer and wire it to the first layer."),
        (
            chain(IMAGE, RELU).add(RELU, id="lonely"),
            "lonely",
            "lonely has no input. Draw a wire to it from the layer that should feed it.",
        ),
        (
            chain(IMAGE, RELU).add(make("add"), id="sum"),
            "sum",
            "sum joins two or more inputs, and none is wired to it yet. Wire two.",
        ),
        (join("add", (1,)), "join", "join joins two or more inputs, and 1 is wired to it. Wire another one."),
        (
            TWICE,
            "r",
            "r takes one input, and 2 are wired to it. Remove one, or join them with add or concatenate.",
        ),
        (
            INTO_INPUT,
            "in2",
            "in2 is where data enters, so nothing can be wired into it. Remove the wire from in.",
        ),
        (LOOP, "a", "a feeds itself through a loop of wires. Remove one wire of the loop, for example from b."),
        (
            chain(IMAGE, RELU).add(RELU, "input1"),
            "",
            "The network has several outputs: relu1, relu2. Wire them together or remove all but one.",
        ),
    ],
)
def test_wiring_is_explained(graph: Graph, node: str, sentence: str) -> None:
    problem = infer(graph).problems[0]
    assert (problem.node, problem.text) == (node, sentence)


def mended(graph: Graph) -> Graph:
    """The graph after the first problem's fix that removes a wire."""
    [problem] = infer(graph).problems[:1]
    assert problem.edge is not None
    assert problem.fixes[0] == Fix("Remove this edge", "remove_edge", port=problem.edge.port)
    return graph.disconnect(problem.edge)


def test_offered_fixes_mend() -> None:
    [problem] = infer(small()).problems
    assert problem.fixes == (Fix("Set padding to 1", "set_field", "padding", 1),)
    assert infer(small(padding=1)).problems == ()
    [problem] = infer(chain(IMAGE, make("dense"))).problems
    assert problem.fixes == (Fix("Add Flatten", "insert_before", value="flatten"),)
    assert not any("loop" in problem.text for problem in infer(mended(LOOP)).problems)
    assert not any("takes one" in problem.text for problem in infer(mended(TWICE)).problems)
    assert not any("enters" in problem.text for problem in infer(mended(INTO_INPUT)).problems)


def test_the_loop_is_named_and_not_what_hangs_on_it() -> None:
    """Drawn in this order, the node behind the loop comes first."""
    graph = Graph().add(IMAGE, id="in").add(RELU, id="behind").add(make("add"), "in", id="a").add(RELU, "a", id="b")
    graph = graph.connect("b", "a", 1).connect("b", "behind")
    [problem] = infer(graph).problems[:1]
    assert problem.text.startswith(("a feeds itself", "b feeds itself"))
