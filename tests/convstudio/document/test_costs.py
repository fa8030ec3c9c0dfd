"""What a block comes to, with all copies that it stands for."""

from __future__ import annotations

from convstudio.document.costs import BlockCosts, block_costs, carried
from convstudio.document.document import Document
from convstudio.document.project import Block, Project
from engine.graph import Graph, chain
from engine.spec import make


def growing() -> Graph:
    """A convolution whose copies differ: the first one sees one channel, the others four; each shrinks the image."""
    conv = make("conv2d", out_channels=4, kernel_size=3)
    return chain(make("input", shape=(1, 12, 12)), conv, make("relu"), make("flatten"), make("dense", out_features=2))


def costs(graph: Graph, *blocks: Block, name: str = "b") -> BlockCosts:
    document = Document(Project(graph, blocks=blocks))
    block = document.project.block(name)
    assert block is not None
    return block_costs(document.project, document.inference, block)


def test_copies_that_differ_are_added_up_as_they_are() -> None:
    found = costs(growing(), Block("b", "Stage", ("conv1", "relu1"), repeat=3))
    assert [copy.parameters for copy in found.copies] == [40, 148, 148]
    assert found.parameters == 336
    assert found.input == (1, 12, 12)
    assert [copy.output for copy in found.copies] == [(4, 10, 10), (4, 8, 8), (4, 6, 6)]
    assert found.output == (4, 6, 6)
    assert [(one.name, one.copies, one.parameters) for one in found.layers] == [("conv1", 3, 336), ("relu1", 3, 0)]


def test_the_sum_is_that_of_the_network() -> None:
    document = Document(Project(growing(), blocks=(Block("b", "All", ("conv1", "relu1", "input1"), repeat=1),)))
    found = block_costs(document.project, document.inference, document.project.blocks[0])
    nodes = document.inference.nodes
    assert found.multiply_adds == nodes["conv1"].multiply_adds + nodes["relu1"].multiply_adds
    assert found.memory_bytes == sum(nodes[name].memory_bytes for name in ("input1", "conv1", "relu1"))


def test_blocks_in_a_block_are_part_of_each_copy_and_count_once_for_themselves() -> None:
    outer = Block("b", "Stage", ("relu1",), repeat=2)
    inner = Block("c", "Inner", ("conv1",), repeat=2, parent="b")
    found = costs(growing(), outer, inner)
    assert [copy.parameters for copy in found.copies] == [40 + 148, 2 * 148]
    assert found.output == (4, 4, 4)
    alone = costs(growing(), outer, inner, name="c")
    assert [copy.parameters for copy in alone.copies] == [40, 148]
    assert alone.output == (4, 8, 8)


def test_a_block_that_cannot_be_repeated_is_there_once() -> None:
    graph = growing().add(make("relu"), "conv1", id="other")
    found = costs(graph, Block("b", "Stage", ("conv1", "relu1"), repeat=3))
    assert [copy.parameters for copy in found.copies] == [40]
    assert found.layers[0].copies == 1


def test_a_copy_that_has_no_shape_costs_nothing_and_makes_nothing() -> None:
    found = costs(growing(), Block("b", "Stage", ("conv1", "relu1"), repeat=7))
    assert [copy.parameters for copy in found.copies][4:] == [148, 0, 0]
    assert found.copies[-1].output is None
    assert found.output is None


def test_a_block_with_several_ends_makes_no_one_thing() -> None:
    graph = growing().add(make("relu"), "input1", id="other")
    assert costs(graph, Block("b", "Stage", ("conv1", "other"))).output is None


def carries(source: str, *blocks: Block, graph: Graph | None = None) -> object:
    document = Document(Project(graph or growing(), blocks=blocks))
    (edge,) = (edge for edge in document.graph.edges if edge.source == source and edge.target != "other")
    return carried(document.project, document.inference, edge)


def test_a_wire_out_of_a_repeated_block_carries_what_its_last_copy_makes() -> None:
    assert carries("relu1") == (4, 10, 10)
    stage = Block("b", "Stage", ("conv1", "relu1"), repeat=3)
    assert carries("input1", stage) == (1, 12, 12)
    assert carries("conv1", stage) == (4, 10, 10)  # within the first copy, which is the one that is drawn
    assert carries("relu1", stage) == (4, 6, 6)


def test_a_wire_out_of_a_block_in_a_block_counts_the_blocks_that_it_leaves() -> None:
    outer = Block("b", "Stage", ("relu1",), repeat=2)
    inner = Block("c", "Inner", ("conv1",), repeat=2, parent="b")
    assert carries("conv1", outer, inner) == (4, 8, 8)
    assert carries("relu1", outer, inner) == (4, 4, 4)
    alone = Block("b", "Stage", (), repeat=2), Block("c", "Inner", ("conv1", "relu1"), repeat=2, parent="b")
    assert carries("relu1", *alone) == (4, 4, 4)


def test_a_wire_out_of_a_block_that_cannot_be_repeated_carries_what_is_there() -> None:
    branched = growing().add(make("relu"), "conv1", id="other")
    assert carries("relu1", Block("b", "Stage", ("conv1", "relu1"), repeat=3), graph=branched) == (4, 10, 10)
