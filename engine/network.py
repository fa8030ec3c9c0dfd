"""A network that computes: parameters, and plans for the batch sizes it has met."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

import attrs
import numpy as np

from engine import limits
from engine.errors import InputError
from engine.graph import Graph
from engine.jit import LANES
from engine.kernels.elementwise import pack_samples, unpack_samples
from engine.losses import CrossEntropy, Loss
from engine.memory import Tensor
from engine.plan import Plan, Recorder, five
from engine.shapes import Inference, checked
from engine.spec import Shape
from engine.store import Store

Array = np.ndarray[Any, Any]


@attrs.frozen
class Training:
    """A plan for training steps, with the arrays that go in and out."""

    plan: Plan
    targets: Array
    losses: Array
    others: Array  # where samples are blends: the target of the other one, for losses that count hits
    shares: Array  # and how much of each sample is its own


class Network:
    """A graph with numbers: predicts, explains its activations, and computes gradients.

    Arrays go in and come out as `[N, C, H, W]` (or with fewer or more axes of space).
    """

    def __init__(self, graph: Graph, *, seed: int = 0, drawn: bool = True) -> None:
        """With first values, or not `drawn`: all zero, and no memory is taken until something is written."""
        self.graph = graph
        self.inference: Inference = checked(graph)
        self.store = Store([node.id for node in graph.order], self.inference, seed, drawn=drawn)
        self.output = graph.outputs[0].id
        self._predicting: dict[tuple[int, frozenset[str]], Plan] = {}
        self._training: dict[tuple[int, Loss], Training] = {}

    @property
    def parameters(self) -> Mapping[str, Array]:
        """Every parameter by "node.name", in PyTorch's shapes; writing into them changes the network."""
        return self.store.parameters

    @property
    def input_shapes(self) -> dict[str, Shape]:
        """The shape of one sample for each input."""
        return {node.id: self.inference.nodes[node.id].output for node in self.graph if not node.layer.ports}

    @property
    def output_shape(self) -> Shape:
        return self.inference.nodes[self.output].output

    def predict(self, x: Any, *, batch: int = 256) -> Array:
        """The network's output for every sample."""
        samples = self._checked_inputs(x)
        count = len(next(iter(samples.values())))
        parts = []
        for start in range(0, count, batch):
            part = {name: array[start : start + batch] for name, array in samples.items()}
            parts.append(self._predict_part(part, ())[self.output])
        return np.concatenate(parts)

    def activations(self, x: Any, nodes: Collection[str] | None = None, *, keep: bool = True) -> dict[str, Array]:
        """The values of the named nodes (of all where none are named) for every sample.

        The memory for these nodes is kept for the next time, or let go at once.
        """
        watch = tuple(nodes) if nodes is not None else tuple(node.id for node in self.graph)
        for name in watch:
            if name not in self.graph:
                raise InputError(f"There is no node {name!r}; there are {', '.join(n.id for n in self.graph)}.")
        samples = self._checked_inputs(x)
        known = set(self._predicting)
        found = self._predict_part(samples, watch)
        if not keep:
            self._predicting = {key: plan for key, plan in self._predicting.items() if key in known}
        return found

    def gradients(self, x: Any, target: Any, *, loss: Loss | None = None) -> dict[str, Array]:
        """The loss's gradient for every parameter."""
        self.backpropagate(x, target, loss=loss)
        return {name: array.copy() for name, array in self.store.gradient_arrays.items()}

    def backpropagate(self, x: Any, target: Any, *, loss: Loss | None = None) -> float:
        """Computes the loss of a batch and leaves its gradients in the store."""
        samples = self._checked_inputs(x)
        count = len(next(iter(samples.values())))
        wanted = (loss or CrossEntropy()).checked(target, self.output_shape, count)
        training = self.training(count, loss or CrossEntropy())
        training.targets[: len(wanted)] = wanted
        self.load(training.plan, samples)
        training.plan.forward()
        training.plan.backward()
        return float(training.losses[:count].sum(dtype=np.float64))

    def pullback(self, x: Any, dy: Any) -> dict[str, Array]:
        """What a gradient of the output means for every parameter ("node.name") and every input ("node")."""
        samples = self._checked_inputs(x)
        upstream = np.ascontiguousarray(dy, np.float32).reshape(-1, *five(self.output_shape, 1)[1:])
        count = len(upstream)

        def start(step: Recorder, z: Tensor, dz: Tensor) -> None:
            step.run(pack_samples, upstream, step.samples, dz)

        blocks = -(-count // LANES)
        plan = Plan(self.graph, self.inference, self.store, blocks, loss=start, input_gradients=True)
        self.load(plan, samples)
        plan.forward()
        plan.backward()
        found = {name: array.copy() for name, array in self.store.gradient_arrays.items()}
        return found | {name: self.read(plan, plan.gradients[name], name) for name in self.input_shapes}

    def training(self, samples: int, loss: Loss) -> Training:
        """The plan for training steps of up to so many samples."""
        blocks = -(-samples // LANES)
        if (blocks, loss) not in self._training:
            limits.check_memory(self.inference, samples, training=True)
            targets = loss.targets(self.output_shape, blocks * LANES)
            losses = np.zeros(blocks * LANES, np.float32)
            others, shares = np.zeros_like(targets), np.ones(blocks * LANES, np.float32)
            recorder = loss.recorder(targets, losses, (others, shares))
            plan = Plan(self.trained_graph(loss), self.inference, self.store, blocks, loss=recorder)
            self._training[blocks, loss] = Training(plan, targets, losses, others, shares)
        return self._training[blocks, loss]

    def forget_plans(self) -> None:
        """Lets the memory of all plans go; what is needed is planned again."""
        self._training.clear()
        self._predicting.clear()

    def trained_graph(self, loss: Loss) -> Graph:
        """The graph without a last softmax that is part of the loss already."""
        last = self.graph[self.output].layer.is_softmax and loss.includes_softmax
        return self.graph.remove(self.output) if last else self.graph

    def _predict_part(self, samples: Mapping[str, Array], watch: Collection[str]) -> dict[str, Array]:
        count = len(next(iter(samples.values())))
        blocks, watched = -(-count // LANES), frozenset(watch)
        if (blocks, watched) not in self._predicting:
            limits.check_memory(self.inference, count, training=False)
            self._predicting[blocks, watched] = Plan(self.graph, self.inference, self.store, blocks, watch=watched)
        plan = self._predicting[blocks, watched]
        self.load(plan, samples)
        for run in self._until(plan, watched or {self.output}):
            run()
        return {name: self.read(plan, plan.values[name], name) for name in (watched or {self.output})}

    def _until(self, plan: Plan, wanted: Collection[str]) -> list[Callable[[], None]]:
        """The kernel calls up to the last that these nodes need: what lies above them is not computed."""
        needed = set(wanted)
        for node in reversed(self.graph.order):
            if node.id in needed:
                needed.update(edge.source for edge in self.graph.incoming(node.id))
        last = max((place for place, (step, _) in enumerate(plan.calls) if step.node in needed), default=-1)
        return [run for _, run in plan.calls[: last + 1]]

    def read(self, plan: Plan, tensor: Tensor, node: str) -> Array:
        """A tensor's samples, as everyone outside the engine sees them."""
        count = int(plan.samples[0])
        shape = five(self.inference.nodes[node].output, 1)[1:]
        result = np.empty((count, *shape), np.float32)
        unpack_samples(tensor.array, plan.samples, result)
        return result.reshape(count, *self.inference.nodes[node].output)

    def load(self, plan: Plan, samples: Mapping[str, Array]) -> None:
        """Lays samples into the lanes of a plan's inputs."""
        for name, array in samples.items():
            plan.samples[0] = len(array)
            shape = five(self.inference.nodes[name].output, 1)[1:]
            pack_samples(array.reshape(len(array), *shape), plan.samples, plan.values[name].array)

    def _checked_inputs(self, x: Any) -> dict[str, Array]:
        """Every input's samples by name; a network with one input takes the array alone."""
        given = x if isinstance(x, Mapping) else dict.fromkeys(list(self.input_shapes)[:1], x)
        if set(given) != set(self.input_shapes):
            raise InputError(f"The network has the inputs {', '.join(self.input_shapes)}; give an array for each.")
        checked_arrays = {name: _checked(given[name], shape) for name, shape in self.input_shapes.items()}
        counts = {len(array) for array in checked_arrays.values()}
        if len(counts) > 1:
            raise InputError(f"The inputs hold different numbers of samples: {sorted(counts)}.")
        return checked_arrays


def _checked(x: Any, shape: Shape) -> Array:
    samples = np.ascontiguousarray(x, np.float32)
    if samples.ndim == 0 or samples.shape[1:] != shape:
        wanted = ", ".join(map(str, shape))
        raise InputError(f"The samples have the shape {samples.shape}; the network needs (samples, {wanted}).")
    if not len(samples):
        raise InputError("The batch is empty; give at least one sample.")
    if not np.isfinite(samples).all():
        raise InputError("The samples hold numbers that are not finite (NaN or infinity). Remove them first.")
    return samples
