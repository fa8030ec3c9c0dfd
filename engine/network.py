"""A network that computes: parameters, and plans for the batch sizes it has met."""

from __future__ import annotations

from collections.abc import Collection, Mapping
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
from engine.plan import Plan, five
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


class Network:
    """A graph with numbers: predicts, explains its activations, and computes gradients.

    Arrays go in and come out as `[N, C, H, W]` (or with fewer or more axes of space).
    """

    def __init__(self, graph: Graph, *, seed: int = 0) -> None:
        self.graph = graph
        self.inference: Inference = checked(graph)
        self.store = Store([node.id for node in graph.order], self.inference, seed)
        self.output = graph.outputs[0].id
        self._predicting: dict[tuple[int, frozenset[str]], Plan] = {}
        self._training: dict[tuple[int, Loss], Training] = {}

    @property
    def parameters(self) -> Mapping[str, Array]:
        """Every parameter by "node.name", in PyTorch's shapes; writing into them changes the network."""
        return self.store.parameters

    @property
    def input_shape(self) -> Shape:
        return self.inference.nodes[next(n.id for n in self.graph if not n.layer.ports)].output

    @property
    def output_shape(self) -> Shape:
        return self.inference.nodes[self.output].output

    def predict(self, x: Any, *, batch: int = 256) -> Array:
        """The network's output for every sample."""
        samples = self._checked_input(x)
        parts = [self._predict_part(samples[i : i + batch], ())[self.output] for i in range(0, len(samples), batch)]
        return np.concatenate(parts)

    def activations(self, x: Any, nodes: Collection[str] | None = None) -> dict[str, Array]:
        """The values of the named nodes (of all where none are named) for every sample."""
        watch = tuple(nodes) if nodes is not None else tuple(node.id for node in self.graph)
        for name in watch:
            if name not in self.graph:
                raise InputError(f"There is no node {name!r}; there are {', '.join(n.id for n in self.graph)}.")
        return self._predict_part(self._checked_input(x), watch)

    def gradients(self, x: Any, target: Any, *, loss: Loss | None = None) -> dict[str, Array]:
        """The loss's gradient for every parameter."""
        self.backpropagate(x, target, loss=loss)
        return {name: array.copy() for name, array in self.store.gradient_arrays.items()}

    def backpropagate(self, x: Any, target: Any, *, loss: Loss | None = None) -> float:
        """Computes the loss of a batch and leaves its gradients in the store."""
        samples = self._checked_input(x)
        training = self.training(len(samples), loss or CrossEntropy())
        wanted = (loss or CrossEntropy()).checked(target, self.output_shape, len(samples))
        training.targets[: len(wanted)] = wanted
        self._load(training.plan, samples)
        training.plan.forward()
        training.plan.backward()
        return float(training.losses[: len(samples)].sum(dtype=np.float64))

    def training(self, samples: int, loss: Loss) -> Training:
        """The plan for training steps of up to so many samples."""
        blocks = -(-samples // LANES)
        if (blocks, loss) not in self._training:
            limits.check_memory(self.inference, samples, training=True)
            targets = loss.targets(self.output_shape, blocks * LANES)
            losses = np.zeros(blocks * LANES, np.float32)
            plan = Plan(self.graph, self.inference, self.store, blocks, loss=loss.recorder(targets, losses))
            self._training[blocks, loss] = Training(plan, targets, losses)
        return self._training[blocks, loss]

    def _predict_part(self, samples: Array, watch: Collection[str]) -> dict[str, Array]:
        blocks, watched = -(-len(samples) // LANES), frozenset(watch)
        if (blocks, watched) not in self._predicting:
            limits.check_memory(self.inference, len(samples), training=False)
            self._predicting[blocks, watched] = Plan(self.graph, self.inference, self.store, blocks, watch=watched)
        plan = self._predicting[blocks, watched]
        self._load(plan, samples)
        plan.forward()
        return {name: self.read(plan, plan.values[name], name) for name in (watched or {self.output})}

    def read(self, plan: Plan, tensor: Tensor, node: str) -> Array:
        """A tensor's samples, as everyone outside the engine sees them."""
        count = int(plan.samples[0])
        shape = five(self.inference.nodes[node].output, 1)[1:]
        result = np.empty((count, *shape), np.float32)
        unpack_samples(tensor.array, plan.samples, result)
        return result.reshape(count, *self.inference.nodes[node].output)

    def _load(self, plan: Plan, samples: Array) -> None:
        plan.samples[0] = len(samples)
        for name in plan.input_ids():
            shape = five(self.inference.nodes[name].output, 1)[1:]
            pack_samples(samples.reshape(len(samples), *shape), plan.samples, plan.values[name].array)

    def _checked_input(self, x: Any) -> Array:
        samples = np.ascontiguousarray(x, np.float32)
        if samples.shape[1:] != self.input_shape or samples.ndim == 0:
            wanted = ", ".join(map(str, self.input_shape))
            raise InputError(f"The samples have the shape {samples.shape}; the network needs (samples, {wanted}).")
        if not len(samples):
            raise InputError("The batch is empty; give at least one sample.")
        if not np.isfinite(samples).all():
            raise InputError("The samples hold numbers that are not finite (NaN or infinity). Remove them first.")
        return samples
