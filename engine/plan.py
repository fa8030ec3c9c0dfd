"""From a graph and a batch size to buffers and an ordered list of kernel calls.

A plan is made in three movements.  Every layer *records* the kernels it needs, with symbolic tensors as arguments;
then each tensor gets a place in one arena, shared by tensors whose lives do not overlap; then every kernel is *bound*
to its real arrays.  Running a step is nothing but calling those one after the other.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from math import prod
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np

from engine import memory
from engine.graph import Graph, Node
from engine.jit import LANES, Kernel
from engine.kernels.elementwise import combine, copy_numbers
from engine.kernels.simd import ACCUMULATE, GATE
from engine.memory import Tensor
from engine.shapes import Inference
from engine.spec import NO_HALO, Shape, Span, wider

if TYPE_CHECKING:
    from engine.store import Store

Array = np.ndarray[Any, Any]
SHARES = 8  # of a long kernel


def five(shape: Shape, blocks: int) -> tuple[int, int, int, int, int]:
    """A sample's shape as blocks, channels, depth, height, width."""
    channels, *space = shape
    depth, height, width = (1,) * (3 - len(space)) + tuple(space)
    return blocks, channels, depth, height, width


@attrs.frozen
class Step:
    """One kernel call of a node."""

    node: str
    phase: str  # "forward" or "backward"
    kernel: Kernel
    args: tuple[Any, ...]
    in_shares: bool = False  # whether the kernel can do a share of its work alone

    def arguments(self, share: int = 0, shares: int = 1) -> tuple[Any, ...]:
        """What the kernel is called with for a share of its work: arrays in place of tensors."""
        args = tuple(a.array if isinstance(a, Tensor) else a for a in self.args)
        return (*args, share, shares) if self.in_shares else args


@attrs.frozen
class Target:
    """Where a layer writes the gradient of one input, and how: see `kernels.simd.put`."""

    tensor: Tensor
    gate: Tensor
    mode: int


@attrs.define
class Recorder:
    """What a layer sees while it records its kernels."""

    plan: Plan
    node: Node
    phase: str

    @property
    def training(self) -> bool:
        return self.plan.training

    @property
    def blocks(self) -> int:
        return self.plan.blocks

    @property
    def samples(self) -> Array:
        """How many of the lanes hold samples, as an array of one number that changes from batch to batch."""
        return self.plan.samples

    @property
    def random(self) -> Array:
        """Seed and number of the step, for layers that draw lots."""
        return self.plan.store.random

    @property
    def node_number(self) -> int:
        """The node's place among all, so that two layers draw different lots."""
        return self.plan.numbers[self.node.id]

    @property
    def input_shapes(self) -> tuple[Shape, ...]:
        return self.plan.inference.nodes[self.node.id].inputs

    @property
    def output_shape(self) -> Shape:
        return self.plan.inference.nodes[self.node.id].output

    @property
    def xs(self) -> list[Tensor]:
        return [self.plan.values[edge.source] for edge in self.plan.graph.incoming(self.node.id)]

    @property
    def x(self) -> Tensor:
        return self.xs[0]

    @property
    def y(self) -> Tensor:
        return self.plan.values[self.node.id]

    @property
    def relu(self) -> bool:
        """Whether this layer applies the ReLU that follows it."""
        return self.node.id in self.plan.fused

    def parameter(self, name: str) -> Array:
        """The values of one of the node's parameters, flat."""
        return self.plan.store.flat(self.node.id, name)

    def has(self, name: str) -> bool:
        return name in self.plan.inference.nodes[self.node.id].parameters

    def scratch(self, *shape: int, dtype: Any = np.float32) -> Tensor:
        """Memory for this step alone, as a flat array."""
        return Tensor.flat(prod(shape), dtype)

    def keep(self, name: str, *shape: int, dtype: Any = np.float32) -> Tensor:
        """Flat memory that backward finds again under its name."""
        return self.plan.kept.setdefault((self.node.id, name), Tensor.flat(prod(shape), dtype))

    def keep_image(self, name: str, shape: tuple[int, ...]) -> Tensor:
        """The same for blocks, channels, depth, height and width of lanes."""
        return self.plan.kept.setdefault((self.node.id, name), Tensor.image(shape))

    def run(self, kernel: Kernel, *args: Any) -> None:
        """Records one kernel call."""
        self.plan.record(Step(self.node.id, self.phase, kernel, args))

    def run_in_shares(self, kernel: Kernel, *args: Any) -> None:
        """The same for a kernel that takes long: whoever cannot wait for its end gets a word in between its shares."""
        self.plan.record(Step(self.node.id, self.phase, kernel, args, in_shares=True))


@attrs.define
class Forward(Recorder):
    """What `Layer.forward` sees."""

    def be_same_as(self, x: Tensor) -> None:
        """The output is the input's memory seen with another shape, or a copy where a halo is in the way."""
        if x.shape == self.y.shape and x.halo == self.y.halo:
            self.plan.values[self.node.id] = x
        elif x.has_halo or self.y.has_halo:
            self.run(copy_numbers, x, self.y)
        else:
            self.plan.values[self.node.id] = x.reshaped(self.y.shape)


@attrs.define
class Backward(Recorder):
    """What `Layer.backward` sees."""

    @property
    def dy(self) -> Tensor:
        return self.plan.gradients[self.node.id]

    def kept(self, name: str) -> Tensor:
        return self.plan.kept[self.node.id, name]

    def gradient(self, name: str) -> Array:
        """Where the gradient of one of the node's parameters goes, flat."""
        return self.plan.store.flat_gradient(self.node.id, name)

    def wants_dx(self, port: int = 0) -> bool:
        return self._source(port) in self.plan.needs_gradient

    def dx(self, port: int = 0) -> Target:
        """Where the gradient of an input goes, for kernels that end in `put`."""
        source = self._source(port)
        first = source not in self.plan.gradients
        if first:
            self.plan.gradients[source] = self.plan.new_gradient(source)
        elif source in self.plan.borrowed:
            self.plan.borrowed.discard(source)
        last = self.plan.contribute(source)
        tensor = self.plan.gradients[source]
        gated = last and source in self.plan.fused_relus
        gate = self.plan.values[source] if gated else tensor
        return Target(tensor, gate, (0 if first else ACCUMULATE) | (GATE if gated else 0))

    @contextmanager
    def plain_dx(self, port: int = 0) -> Iterator[Tensor]:
        """A tensor to be overwritten with the gradient of an input, for kernels that only store."""
        source = self._source(port)
        only = source not in self.plan.gradients and self.plan.pending[source] == 1
        if only and source not in self.plan.fused_relus:
            yield self.dx(port).tensor
            return
        result = self.plan.new_gradient(source)
        yield result
        self._combine(result, port)

    def pass_dx(self, port: int = 0) -> None:
        """The gradient of an input is dy itself, in the input's shape: shared where that is safe, else copied."""
        source = self._source(port)
        dy, shape = self.dy, self.plan.values[source].shape
        if shape != dy.shape:
            if dy.has_halo:
                flat = Tensor.image(dy.shape)
                self.run(copy_numbers, dy, flat)
                dy = flat
            dy = dy.reshaped(shape)
        if self.plan.may_share(self.node.id, source, dy):
            self.plan.gradients[source] = dy
            self.plan.contribute(source)
        else:
            self._combine(dy, port)

    def _combine(self, result: Tensor, port: int) -> None:
        target = self.dx(port)
        self.run(combine, result, target.tensor, target.gate, target.mode)

    def _source(self, port: int) -> str:
        return self.plan.graph.incoming(self.node.id)[port].source


class Plan:
    """Buffers and kernel calls for up to `blocks * LANES` samples at a time."""

    def __init__(
        self,
        graph: Graph,
        inference: Inference,
        store: Store,
        blocks: int,
        *,
        loss: Callable[[Recorder, Tensor, Tensor], None] | None = None,
        watch: Collection[str] = (),
        input_gradients: bool = False,
    ) -> None:
        self.graph, self.inference, self.store, self.blocks = graph, inference, store, blocks
        self.training, self._input_gradients = loss is not None, input_gradients
        self.samples = np.array([blocks * LANES], np.int64)
        self.numbers = {node.id: number for number, node in enumerate(graph.order)}
        self.values: dict[str, Tensor] = {}
        self.gradients: dict[str, Tensor] = {}
        self.kept: dict[tuple[str, str], Tensor] = {}
        self.borrowed: set[str] = set()
        self.steps: list[Step] = []
        self.watch = frozenset(watch)
        self.fused = _fused(graph, self.watch)
        self.fused_relus = set(self.fused.values())
        self._halos, self._gradient_halos = self._gather_halos()
        self._record_forward()
        if loss:
            self._record_backward(loss)
        self._finish()

    # --- recording ---------------------------------------------------------------------------------------------------

    def record(self, step: Step) -> None:
        for arg in step.args:
            if isinstance(arg, Tensor):
                arg.storage.touch(len(self.steps))
        self.steps.append(step)

    def _gather_halos(self) -> tuple[dict[str, tuple[Span, ...]], dict[str, tuple[Span, ...]]]:
        halos = {node.id: NO_HALO for node in self.graph}
        for node in self.graph.order:
            wanted = node.layer.halo(*self.inference.nodes[node.id].inputs)
            for edge in self.graph.incoming(node.id):
                halos[edge.source] = wider(halos[edge.source], wanted)
        for conv, relu in self.fused.items():  # one buffer for both
            halos[conv] = halos[relu] = wider(halos[conv], halos[relu])
        gradient_halos: dict[str, tuple[Span, ...]] = {}
        shapes = {name: shape.output for name, shape in self.inference.nodes.items()}
        for node in self.graph.order:
            halo = node.layer.gradient_halo(*self.inference.nodes[node.id].inputs)
            if node.layer.passes_gradient or node.id in self.fused_relus:
                for edge in self.graph.incoming(node.id):
                    if shapes[edge.source] == shapes[node.id]:  # a halo means nothing once the shape is another
                        halo = wider(halo, gradient_halos[edge.source])
            gradient_halos[node.id] = halo
        return halos, gradient_halos

    def _record_forward(self) -> None:
        for node in self.graph.order:
            if node.id in self.fused_relus:
                self.values[node.id] = self.values[self.graph.incoming(node.id)[0].source]
                continue
            shape = five(self.inference.nodes[node.id].output, self.blocks)
            self.values[node.id] = Tensor.image(shape, self._halos[node.id])
            if node.layer.ports:
                node.layer.forward(Forward(self, node, "forward"))
        for node_id in (*self.watch, self.graph.outputs[0].id):
            self.values[node_id].storage.keep_forever()
        for node in self.graph:
            if not node.layer.ports:
                self.values[node.id].storage.keep_forever()

    def _record_backward(self, loss: Callable[[Recorder, Tensor, Tensor], None]) -> None:
        self.needs_gradient = self._nodes_that_need_gradients()
        self.pending = {
            node.id: sum(edge.target in self.needs_gradient for edge in self.graph.outgoing(node.id))
            for node in self.graph
        }
        self._done: set[str] = set()
        output = self.graph.outputs[0]
        self.gradients[output.id] = self.new_gradient(output.id)
        loss(Recorder(self, output, "backward"), self.values[output.id], self.gradients[output.id])
        for node in reversed(self.graph.order):
            if node.id not in self.needs_gradient:
                continue
            if not node.layer.ports:
                self.gradients[node.id].storage.keep_forever()
                continue
            if node.id in self.fused_relus:  # whoever wrote the gradient last has gated it
                self.gradients[self.graph.incoming(node.id)[0].source] = self.gradients[node.id]
            else:
                node.layer.backward(Backward(self, node, "backward"))
            self._done.add(node.id)

    def _nodes_that_need_gradients(self) -> set[str]:
        needing: set[str] = set()
        for node in self.graph.order:
            trained = any(p.trained for p in self.inference.nodes[node.id].parameters.values())
            wanted = trained or (self._input_gradients and not node.layer.ports)
            if wanted or any(edge.source in needing for edge in self.graph.incoming(node.id)):
                needing.add(node.id)
        return needing

    def new_gradient(self, node_id: str) -> Tensor:
        return Tensor.image(self.values[node_id].shape, self._gradient_halos[node_id])

    def contribute(self, source: str) -> bool:
        """Counts one consumer's share of a gradient; whether it was the last."""
        self.pending[source] -= 1
        return not self.pending[source]

    def may_share(self, node_id: str, source: str, dy: Tensor) -> bool:
        """Whether the gradient of `source` may be dy's own memory.

        It may while nobody adds to it before everybody else has read it: backward goes from the last node to the
        first, so the other readers must come later in the order than those who will add.
        """
        if source in self.gradients or dy.halo != self._gradient_halos[source]:
            return False
        others = [
            n for n, g in self.gradients.items() if g.storage is dy.storage and n not in self._done and n != node_id
        ]
        adds_later = self.pending[source] > 1
        if adds_later or source in self.fused_relus:
            if not adds_later:
                return False  # it must be gated, and there is no later addition to do it
            if any(n in self.borrowed for n in others):
                return False
            waiting = [
                self.numbers[e.target]
                for e in self.graph.outgoing(source)
                if e.target in self.needs_gradient and e.target not in self._done and e.target != node_id
            ]
            if any(self.numbers[n] <= max(waiting) for n in others):
                return False
            self.borrowed.add(source)
            return True
        return not any(n in self.borrowed and self.numbers[source] <= self.numbers[n] for n in others)

    # --- placing and binding -----------------------------------------------------------------------------------------

    def _finish(self) -> None:
        tensors = [*self.values.values(), *self.gradients.values(), *self.kept.values()]
        tensors += [a for step in self.steps for a in step.args if isinstance(a, Tensor)]
        self.arena = memory.place(t.storage for t in tensors)
        self.calls: list[tuple[Step, Callable[[], None]]] = []
        self._whole: dict[str, list[Callable[[], None]]] = {"forward": [], "backward": []}
        self._in_shares: dict[str, list[Callable[[], None]]] = {"forward": [], "backward": []}
        for step in self.steps:
            whole, shares = step.kernel.bind(*step.arguments()), SHARES if step.in_shares else 1
            self.calls.append((step, whole))
            self._whole[step.phase].append(whole)
            self._in_shares[step.phase] += [step.kernel.bind(*step.arguments(n, shares)) for n in range(shares)]

    @property
    def memory_bytes(self) -> int:
        return int(self.arena.nbytes)

    # --- running -----------------------------------------------------------------------------------------------------

    def forward(self, between: Callable[[], None] | None = None, *, in_shares: bool = False) -> None:
        self._run("forward", between, in_shares)

    def backward(self, between: Callable[[], None] | None = None, *, in_shares: bool = False) -> None:
        self._run("backward", between, in_shares)

    def _run(self, phase: str, between: Callable[[], None] | None, in_shares: bool) -> None:
        for call in self._in_shares[phase] if in_shares else self._whole[phase]:
            call()
            if between:
                between()


def _fused(graph: Graph, watch: Collection[str]) -> Mapping[str, str]:
    """Layers that can apply the ReLU behind them, and that ReLU; nobody else may look at the value between."""
    fused = {}
    for node in graph:
        after = graph.outgoing(node.id)
        alone = node.layer.fuses_relu and len(after) == 1 and node.id not in watch
        read = alone and graph.outgoing(after[0].target)  # the loss does not gate what it writes
        if read and graph[after[0].target].layer.is_relu:
            fused[node.id] = after[0].target
    return fused
