"""Ready-made chains: sizes, parameter counts, and what a taken-apart kernel has to equal."""

import numpy as np
import pytest

from engine import EngineError, Graph, Network, chain, infer, make
from engine.blocks import BLOCKS, block_layers


def network_of(name: str, shape: tuple[int, ...], **settings: object) -> Graph:
    return chain(make("input", shape=shape), *block_layers(name, shape[0], **settings))


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("depthwise_separable", 8 * 3 * 5 + (8 * 12 + 12)),
        ("spatially_separable", 8 * 3 * 12 + (12 * 5 * 12 + 12)),
        ("flattened", 8 * 12 + 3 * 12 + (5 * 12 + 12)),
    ],
)
def test_sizes_and_parameters(name: str, parameters: int) -> None:
    graph = network_of(name, (8, 11, 14), out_channels=12, kernel_size=(3, 5), stride=2)
    found = infer(graph)
    assert not found.problems
    last = found.nodes[graph.outputs[0].id]
    assert last.output == (12, 6, 7)
    assert found.parameter_count == parameters
    assert last.receptive_field is not None
    assert last.receptive_field.size == (3, 5)
    assert last.receptive_field.step == (2.0, 2.0)


@pytest.mark.parametrize("name", BLOCKS)
@pytest.mark.parametrize("padding", ["same", "valid", "full", (2, 1)])
def test_padding_means_the_same_as_for_the_whole_kernel(name: str, padding: object) -> None:
    settings = {"out_channels": 4, "kernel_size": (5, 3), "padding": padding}
    whole = chain(make("input", shape=(2, 9, 8)), make("conv2d", **settings))
    apart = network_of(name, (2, 9, 8), **settings)
    assert infer(apart).nodes[apart.outputs[0].id].output == infer(whole).nodes["conv1"].output


def test_a_column_and_a_row_are_the_kernel_that_is_their_product() -> None:
    settings = {"out_channels": 1, "kernel_size": 3, "padding": 1}
    apart = Network(network_of("spatially_separable", (1, 7, 6), **settings))
    whole = Network(chain(make("input", shape=(1, 7, 6)), make("conv2d", **settings)))
    rng = np.random.default_rng(1)
    column, row = rng.standard_normal((2, 3))
    apart.parameters["conv1.weight"][...] = column[:, None]
    apart.parameters["conv2.weight"][...] = row
    apart.parameters["conv2.bias"][...] = whole.parameters["conv1.bias"][...] = 0.3
    whole.parameters["conv1.weight"][...] = np.outer(column, row)
    x = rng.standard_normal((5, 1, 7, 6))
    np.testing.assert_allclose(apart.predict(x), whole.predict(x), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("name", BLOCKS)
def test_blocks_are_declared_like_layers(name: str) -> None:
    block = BLOCKS[name]
    assert block.name == name
    assert block.title
    assert block.summary().endswith(".")
    assert all(field.help.endswith(".") for field in block.fields().values())
    assert [layer.settings()["bias"] for layer in block().layers(4)][:-1] == [False] * (len(block().layers(4)) - 1)


def test_refusals() -> None:
    with pytest.raises(EngineError) as unknown:
        block_layers("inception", 3)
    assert str(unknown.value) == (
        "There is no block 'inception'; there are depthwise_separable, spatially_separable, flattened."
    )
    with pytest.raises(EngineError) as empty:
        block_layers("flattened", 0)
    assert str(empty.value) == "A block needs an input with at least one channel; 0 was given."
    with pytest.raises(EngineError) as outside:
        block_layers("flattened", 3, kernel_size=0)
    assert str(outside.value) == "kernel_size must be a whole number from 1 to 255 px or 2 of them; 0 was given."
