"""What each node of a graph does to the shape: computed at once for the whole network, or a Problem in a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from math import ceil, inf, prod

import attrs

from engine.ends import end_fixes
from engine.graph import Edge, Graph, Node
from engine.spec import Fix, Impossible, Layer, Parameter, Shape

FLOAT_BYTES = 4


@attrs.frozen
class ReceptiveField:
    """The part of the input that one output pixel sees, along each axis: size, step and the first one's start."""

    size: tuple[int, ...]
    step: tuple[float, ...]
    start: tuple[float, ...]
    together: tuple[int, ...] = ()  # what all pixels see together: this is what a dense layer sees


@attrs.frozen
class Problem:
    """Why a network cannot be computed, and what to do about it."""

    node: str
    text: str
    fixes: tuple[Fix, ...] = ()
    edge: Edge | None = None


@attrs.frozen
class NodeShape:
    """What a node makes of its inputs."""

    inputs: tuple[Shape, ...]
    output: Shape
    parameters: Mapping[str, Parameter]
    parameter_count: int
    multiply_adds: int
    receptive_field: ReceptiveField | None
    memory_bytes: int  # one sample's output and its gradient while training


@attrs.frozen
class Inference:
    """Shapes of every node that has one, and the problems of the others."""

    nodes: Mapping[str, NodeShape]
    problems: tuple[Problem, ...]

    @property
    def parameter_count(self) -> int:
        return sum(node.parameter_count for node in self.nodes.values())

    @property
    def multiply_adds(self) -> int:
        return sum(node.multiply_adds for node in self.nodes.values())

    @property
    def memory_bytes(self) -> int:
        return sum(node.memory_bytes for node in self.nodes.values())


@lru_cache(maxsize=4096)
def _layer_shape(layer: Layer, inputs: tuple[Shape, ...]) -> NodeShape:
    """All that depends on the layer and its inputs alone, remembered so that an edit costs only what it touches."""
    output = layer.output_shape(*inputs)
    parameters = layer.parameters(*inputs)
    trained = sum(prod(p.shape) for p in parameters.values() if p.trained)
    memory = 2 * FLOAT_BYTES * prod(output)
    return NodeShape(inputs, output, parameters, trained, layer.multiply_adds(*inputs), None, memory)


def infer(graph: Graph) -> Inference:
    """Shape, parameters, multiply-adds, receptive field and memory of every node, or why it has none."""
    shapes: dict[str, NodeShape] = {}
    problems: list[Problem] = []
    for node in graph.order:
        problem = _wiring_problem(graph, node)
        if problem:
            problems.append(problem)
            continue
        edges = graph.incoming(node.id)
        if any(edge.source not in shapes for edge in edges):
            continue  # the cause is told where it arose
        below = [shapes[edge.source] for edge in edges]
        try:
            shape = _layer_shape(node.layer, tuple(s.output for s in below))
        except Impossible as impossible:
            problems.append(Problem(node.id, f"{node.id} {impossible}", impossible.fixes))
            continue
        field = _receptive_field(node.layer, shape, [s.receptive_field for s in below])
        shapes[node.id] = attrs.evolve(shape, receptive_field=field)
    return Inference(shapes, tuple(problems + _whole_graph_problems(graph, shapes)))


def _wiring_problem(graph: Graph, node: Node) -> Problem | None:
    wanted, edges = node.layer.ports, graph.incoming(node.id)
    ports = [edge.port for edge in edges]
    if wanted == 0 and edges:
        fix = Fix("Remove this edge", "remove_edge", port=edges[0].port)
        text = (
            f"{node.id} is where data enters, so nothing can be wired into it. Remove the wire from {edges[0].source}."
        )
        return Problem(node.id, text, (fix,), edges[0])
    if wanted == 1 and not edges:
        return Problem(node.id, f"{node.id} has no input. Draw a wire to it from the layer that should feed it.")
    if wanted == 1 and ports != [0]:
        edge = edges[-1]
        text = (
            f"{node.id} takes one input, and {len(edges)} are wired to it. "
            "Remove one, or join them with add or concatenate."
        )
        return Problem(node.id, text, (Fix("Remove this edge", "remove_edge", port=edge.port),), edge)
    if wanted == -1 and len(edges) < 2:
        wired = "1 is wired to it. Wire another one." if edges else "none is wired to it yet. Wire two."
        return Problem(node.id, f"{node.id} joins two or more inputs, and {wired}")
    return None


def _whole_graph_problems(graph: Graph, shapes: Mapping[str, NodeShape]) -> list[Problem]:
    problems = []
    if len(graph.order) < len(graph.nodes):
        edge = _edge_of_a_loop(graph)
        text = (
            f"{edge.target} feeds itself through a loop of wires. "
            f"Remove one wire of the loop, for example from {edge.source}."
        )
        problems.append(Problem(edge.target, text, (Fix("Remove this edge", "remove_edge", port=edge.port),), edge))
    if not any(node.layer.ports == 0 for node in graph.nodes):
        text = "The network has no input. Add an Input layer and wire it to the first layer."
        problems.append(Problem("", text, (Fix("Add an input", "add_input"),) if graph.nodes else ()))
    elif len(graph.outputs) > 1:
        names = ", ".join(node.id for node in graph.outputs)
        text = f"The network has several outputs: {names}. Wire them together or remove all but one."
        problems.append(Problem("", text, end_fixes(graph, {name: shape.output for name, shape in shapes.items()})))
    return problems


def _edge_of_a_loop(graph: Graph) -> Edge:
    """Walks up from a node that has no place in the order: it may hang on the loop only, but the walk ends in it."""
    ordered = {node.id for node in graph.order}
    current = next(node.id for node in graph.nodes if node.id not in ordered)
    seen: set[str] = set()
    while True:
        edge = next(e for e in graph.incoming(current) if e.source not in ordered)
        if current in seen:
            return edge
        seen.add(current)
        current = edge.source


def _receptive_field(layer: Layer, shape: NodeShape, below: list[ReceptiveField | None]) -> ReceptiveField | None:
    if not below:
        axes = len(shape.output) - 1
        return ReceptiveField((1,) * axes, (1.0,) * axes, (0.0,) * axes, shape.output[1:])
    fields = [field for field in below if field]
    if len(fields) < len(below):
        return None
    field = fields[0] if len(fields) == 1 else _union(fields)
    if layer.sees_everything(*shape.inputs):
        return ReceptiveField(field.together, (0.0,) * len(field.size), field.start, field.together)
    window = layer.window(*shape.inputs)
    if window is None or len(window.size) != len(field.size):
        return field
    size = tuple(ceil(f + (w - 1) * s) for f, w, s in zip(field.size, window.size, field.step, strict=True))
    step = tuple(f * w for f, w in zip(field.step, window.step, strict=True))
    start = tuple(f + w * s for f, w, s in zip(field.start, window.start, field.step, strict=True))
    sides = zip(size, shape.output[1:], step, window.step, field.together, strict=True)
    together = (min(round(f + (n - 1) * s), limit if w < 1 else inf) for f, n, s, w, limit in sides)
    return ReceptiveField(size, step, start, tuple(map(int, together)))  # growing shows nothing new


def _union(fields: list[ReceptiveField]) -> ReceptiveField:
    """What a pixel sees that joins several paths: from the first start to the last end."""
    axes = range(min(len(field.size) for field in fields))
    start = tuple(min(field.start[a] for field in fields) for a in axes)
    end = tuple(max(field.start[a] + field.size[a] for field in fields) for a in axes)
    last = tuple(max(field.start[a] + field.together[a] for field in fields) for a in axes)
    step = tuple(max(field.step[a] for field in fields) for a in axes)
    size = tuple(round(e - s) for s, e in zip(start, end, strict=True))
    return ReceptiveField(size, step, start, tuple(round(e - s) for s, e in zip(start, last, strict=True)))


def checked(graph: Graph) -> Inference:
    """The inference of a network that can be computed, or an error with its first problem's sentence."""
    inference = infer(graph)
    if inference.problems:
        raise Impossible(inference.problems[0].text, *inference.problems[0].fixes)
    return inference
