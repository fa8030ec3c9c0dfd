"""Measures how a network in training is: what fires, how large gradients are, and how far weights move.

Nothing here changes what training does. Activations come from a plan for inference of its own, on few samples, and only
as often as their cost allows; gradients and weights are looked at around one step, on a part of the numbers.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Generator, Iterator
from math import prod
from statistics import median
from typing import Any

import numpy as np

from engine.families.activation import Activation
from engine.health import (
    FEWEST_READINGS,
    FIRST_STEP,
    SILENT_SAMPLES,
    Evidence,
    Health,
    Reading,
    Units,
    WeightReading,
    findings,
)
from engine.jit import LANES
from engine.network import Network
from engine.plan import Plan
from engine.progress import TRAINING
from engine.trainer import Trainer

Array = np.ndarray[Any, Any]
Clock = Callable[[], float]
READINGS = 5  # that are remembered: rules look at medians
MOST_VALUES = 1 << 22  # of activations, looked at together
MOST_WORK = 1 << 28  # multiply-adds of a look
MOST_BLOCKS = 8
MOST_SAMPLED = 1 << 14  # weights of an array
COST_SHARE = 0.02  # of the time, that looking at activations may take
VALUES_A_PIECE = 1 << 21
FLAT_SHARE = 0.0127  # of the span, from its ends: there a sigmoid has 5 % of its steepest slope
STEP_WAITS = 3  # pieces of work after which the next step is not waited for: training rests, or measures


class Monitor:
    """Remembers what was seen of one trainer, whose end it does not delay: it keeps its network alone."""

    def __init__(self, network: Network, clock: Clock = time.perf_counter) -> None:
        self._network, self._clock = network, clock
        nodes = [node for node in network.graph.order if node.id != network.output]
        self._relus = tuple(node.id for node in nodes if node.layer.is_relu)
        activations = ((node.id, node.layer) for node in nodes if isinstance(node.layer, Activation))
        self._bounded = {name: layer.bounds for name, layer in activations if layer.bounds}
        self._plan: Plan | None = None
        self._sample, self._looked_at, self._look_cost = 0, -1.0, 0.0
        self._silent: dict[str, Array] = {}  # for how many samples each unit of a ReLU has not fired
        self._flat: dict[str, deque[float]] = {}
        self._readings: deque[Reading] = deque(maxlen=READINGS)
        self._first_loss = 0.0

    def check(self, trainer: Trainer) -> Generator[None, None, Health]:
        """One look at everything; pauses between pieces of it, and once for a step."""
        if trainer.progress.steps < FIRST_STEP:
            return self._health(trainer)
        now = self._clock()
        if self._looked_at < 0 or (now - self._looked_at) * COST_SHARE >= self._look_cost:
            self._looked_at, spent = now, 0.0
            for seconds in self._look(trainer):
                spent += seconds
                yield
            self._look_cost = spent
        yield from self._watch_a_step(trainer)
        return self._health(trainer)

    def _health(self, trainer: Trainer) -> Health:
        readings = tuple(self._readings)
        units = {name: self._units(name, silent) for name, silent in self._silent.items()}
        flat = {n: median(shares) for n, shares in self._flat.items() if len(shares) >= FEWEST_READINGS}
        evidence = Evidence(trainer.graph, trainer.settings, readings, self._first_loss, units, flat)
        newest = readings[-1].weights if readings else {}
        return Health(
            trainer.progress.steps,
            findings(evidence),
            {name: weight.gradient for name, weight in newest.items()},
            {name: weight.ratio for name, weight in newest.items()},
            settled=len(readings) >= FEWEST_READINGS,
        )

    def _units(self, name: str, silent: Array) -> Units:
        what = "channels" if len(self._network.inference.nodes[name].output) > 1 else "units"
        return Units(silent.size, int((silent >= SILENT_SAMPLES).sum()), what)

    # --- activations -------------------------------------------------------------------------------------------------

    def _look(self, trainer: Trainer) -> Iterator[float]:
        """Sees which units fire and which functions are flat; the seconds of each piece."""
        if not self._relus and not self._bounded:
            return
        start = self._clock()
        plan = self._run(trainer)
        yield self._clock() - start
        start, values = self._clock(), 0
        for name in (*self._relus, *self._bounded):
            array = plan.values[name].array
            self._note(name, array)
            values += array.size
            if values > VALUES_A_PIECE:
                yield self._clock() - start
                start, values = self._clock(), 0
        yield self._clock() - start

    def _run(self, trainer: Trainer) -> Plan:
        network = self._network
        if self._plan is None:
            watched = (*self._relus, *self._bounded)
            values = sum(prod(network.inference.nodes[name].output) for name in watched)
            work = max(1, network.inference.multiply_adds)
            samples = min(MOST_VALUES // max(1, values), MOST_WORK // work, MOST_BLOCKS * LANES)
            blocks = max(1, samples // LANES)
            self._plan = Plan(network.graph, network.inference, network.store, blocks, watch=watched)
        count = self._plan.blocks * LANES
        images = np.stack([trainer.sample(self._sample + number) for number in range(count)])
        self._sample += count
        network.load(self._plan, {next(iter(network.input_shapes)): images})
        self._plan.forward(trainer.between)
        return self._plan

    def _note(self, name: str, array: Array) -> None:
        if name in self._bounded:
            low, high = self._bounded[name]
            edge = FLAT_SHARE * (high - low)
            share = float(np.mean((array < low + edge) | (array > high - edge)))
            self._flat.setdefault(name, deque(maxlen=READINGS)).append(share)
            return
        fired = array.max(axis=(0, 2, 3, 4, 5)) > 0
        before = self._silent.get(name, np.zeros(fired.shape, np.int64))
        self._silent[name] = np.where(fired, 0, before + array.shape[0] * LANES)

    # --- a step ------------------------------------------------------------------------------------------------------

    def _watch_a_step(self, trainer: Trainer) -> Generator[None, None, None]:
        """Weights before and after the next step, and its gradients; nothing where no step comes."""
        if trainer.phase != TRAINING:
            return
        step, before = trainer.progress.steps, self._weights()
        for _ in range(STEP_WAITS):
            yield
            if trainer.progress.steps > step:
                self._readings.append(self._reading(trainer, before, trainer.progress.steps - step))
                return

    def _weights(self) -> dict[str, Array]:
        """A part of the weights of every layer that multiplies by them."""
        parameters = self._network.parameters
        return {n.removesuffix(".weight"): _part(a).copy() for n, a in parameters.items() if _multiplies(n, a)}

    def _reading(self, trainer: Trainer, before: dict[str, Array], steps: int) -> Reading:
        found = {}
        gradients = self._network.store.gradient_arrays
        for name, after in self._weights().items():
            gradient = gradients[f"{name}.weight"]
            update = _rms(after - before[name]) / steps
            found[name] = WeightReading(_rms(after), _rms(_part(gradient)), update, gradient.size)
        progress = trainer.progress
        loss = progress.loss_sum / progress.seen if progress.seen else float("nan")
        self._first_loss = max(self._first_loss, loss)  # of those that were seen
        return Reading(progress.steps, loss, trainer.learning_rate, found)


def _multiplies(name: str, array: Array) -> bool:
    return name.endswith(".weight") and array.ndim > 1


def _part(array: Array) -> Array:
    flat = array.reshape(-1)
    return flat[:: -(-flat.size // MOST_SAMPLED)]


def _rms(values: Array) -> float:
    return float(np.sqrt(np.mean(np.square(values, dtype=np.float64))))
