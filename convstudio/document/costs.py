"""What a block comes to: the output, parameters, multiply-adds and memory of all that it stands for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import attrs

from convstudio.document.nesting import around, copies
from convstudio.document.project import Block, Project
from convstudio.document.unfolding import copy_name, repeat_refusal
from engine.graph import Edge, Graph, Node
from engine.shapes import Inference, NodeShape
from engine.spec import Shape


@attrs.frozen
class LayerCosts:
    """A layer of the drawing, with all of its copies."""

    name: str
    copies: int
    parameters: int
    multiply_adds: int
    memory_bytes: int


@attrs.frozen
class CopyCosts:
    """One of the copies that a block stands for; those of blocks in it are part of it."""

    parameters: int
    multiply_adds: int
    memory_bytes: int
    output: Shape | None  # None where several layers are read outside, or a problem keeps it from one


@attrs.frozen
class BlockCosts:
    """All that stands under a block's name, as often as it is there; blocks around it count it once."""

    layers: tuple[LayerCosts, ...]  # in the order in which data pass through them
    input: Shape | None  # None where several wires lead into it
    copies: tuple[CopyCosts, ...]

    @property
    def output(self) -> Shape | None:
        """What leaves the last copy."""
        return self.copies[-1].output

    @property
    def parameters(self) -> int:
        return sum(copy.parameters for copy in self.copies)

    @property
    def multiply_adds(self) -> int:
        return sum(copy.multiply_adds for copy in self.copies)

    @property
    def memory_bytes(self) -> int:
        return sum(copy.memory_bytes for copy in self.copies)


def block_costs(project: Project, inference: Inference, block: Block) -> BlockCosts:
    """What is known of a block: layers that a problem keeps from a shape cost nothing yet."""
    times, holder = _copies(project)
    outer = next(around(project.blocks, block), None)
    outside = times[outer.id] if outer else 1
    members = set(project.contents[block.id])
    names = [node.id for node in ordered(project.graph) if node.id in members]
    counts = {name: times[holder[name]] // outside for name in names}
    into = [e for name in names for e in project.graph.incoming(name) if e.source not in members]
    fed = {shape.output for e in into if (shape := inference.nodes.get(e.source)) is not None}
    repeat = times[block.id] // outside
    return BlockCosts(
        tuple(_layer(name, counts[name], inference) for name in names),
        fed.pop() if len(fed) == 1 else None,
        tuple(_copy(project.graph, counts, number, repeat, inference) for number in range(repeat)),
    )


def layer_costs(project: Project, inference: Inference, names: Iterable[str]) -> tuple[LayerCosts, ...]:
    """What layers come to, as often as the blocks around them repeat them."""
    times, holder = _copies(project)
    return tuple(_layer(name, times[holder[name]] if name in holder else 1, inference) for name in names)


def carried(project: Project, inference: Inference, edge: Edge) -> Shape | None:
    """What a wire of the drawing carries: out of repeated blocks it leads from their last copy."""
    inner, times = project.block_of(edge.source), 1
    for block in (inner, *around(project.blocks, inner)) if inner else ():
        if edge.target in project.contents[block.id]:
            break
        times *= _as_it_is(project, block).repeat
    made = inference.nodes.get(copy_name(edge.source, times - 1))
    return made.output if made else None


def _copies(project: Project) -> tuple[Mapping[str, int], Mapping[str, str]]:
    """How often what is in each block is there, and the innermost block of each layer."""
    blocks = [_as_it_is(project, each) for each in project.blocks]
    return copies(blocks), {member: block.id for block in blocks for member in block.members}


def _as_it_is(project: Project, block: Block) -> Block:
    """A block that cannot be repeated is there once."""
    return attrs.evolve(block, repeat=1) if repeat_refusal(project, block) else block


def _layer(name: str, count: int, inference: Inference) -> LayerCosts:
    shapes = copies_of(name, range(count), inference)
    return LayerCosts(
        name,
        count,
        sum(shape.parameter_count for shape in shapes),
        sum(shape.multiply_adds for shape in shapes),
        sum(shape.memory_bytes for shape in shapes),
    )


def _copy(graph: Graph, counts: dict[str, int], number: int, repeat: int, inference: Inference) -> CopyCosts:
    """The layers of one copy: each stands in it so many times as blocks in the block repeat it."""
    own = {}
    for name, count in counts.items():
        each = count // repeat
        own[name] = copies_of(name, range(number * each, (number + 1) * each), inference)
    everything = [shape for found in own.values() for shape in found]
    last = [name for name in own if not any(edge.target in own for edge in graph.outgoing(name))]
    end = copy_name(last[0], (number + 1) * counts[last[0]] // repeat - 1) if len(last) == 1 else ""
    made = inference.nodes.get(end)
    return CopyCosts(
        sum(shape.parameter_count for shape in everything),
        sum(shape.multiply_adds for shape in everything),
        sum(shape.memory_bytes for shape in everything),
        made.output if made else None,
    )


def ordered(graph: Graph) -> tuple[Node, ...]:
    """The layers in the order in which data pass through them; those on a loop come last."""
    if len(graph.order) == len(graph.nodes):
        return graph.order
    placed = {node.id for node in graph.order}
    return (*graph.order, *(node for node in graph if node.id not in placed))


def copies_of(name: str, numbers: Iterable[int], inference: Inference) -> list[NodeShape]:
    """The shapes of some copies of a layer, as far as there are any; the first one has the number 0."""
    names = (copy_name(name, number) for number in numbers)
    return [inference.nodes[each] for each in names if each in inference.nodes]
