"""What each layer costs: time of its kernels, forward and backward, how fast they compute, and their memory.

The trainer's own kernels are timed where they are, a whole round of them between two steps: every step begins by
loading its samples and computes all the rest from them, so nothing but the running means of batch norm outlives a
round, and those are put back.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator
from math import ceil
from statistics import median
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np

from engine.optimizers import Updater
from engine.shapes import FLOAT_BYTES, Inference, NodeShape
from engine.spec import Parameter
from engine.store import Store

if TYPE_CHECKING:
    from engine.network import Training
    from engine.plan import Plan
    from engine.trainer import Trainer

Array = np.ndarray[Any, Any]
Clock = Callable[[], float]
FEWEST_ROUNDS, MOST_ROUNDS, FIRST_ROUNDS = 3, 60, 3
WANTED_SECONDS = 1.0  # of measuring layers, in all
PIECE_SECONDS = 0.015  # between two steps; a round is not cut, since later kernels read what earlier ones wrote
MEASURING_REPEATS = 4


@attrs.frozen
class LayerCost:
    """What one layer costs for one batch."""

    node: str
    forward_ms: float
    backward_ms: float
    forward_gflops: float  # achieved; 0 where nothing is multiplied
    backward_gflops: float
    memory_bytes: int  # its numbers for a batch, their gradients, and what it keeps for the way back
    parameter_bytes: int  # with their gradients and what the optimiser remembers

    @property
    def total_ms(self) -> float:
        return self.forward_ms + self.backward_ms


@attrs.frozen
class Profile:
    """What a step and an epoch of training cost, layer by layer."""

    layers: tuple[LayerCost, ...]
    batch: int
    threads: int
    loading_ms: float  # a batch of samples, with their augmentation
    update_ms: float  # all parameters by the optimiser
    measuring_ms: float  # validation and test samples at the end of an epoch
    steps_per_epoch: int
    samples_per_epoch: int
    arena_bytes: int  # of all layers' memory, since they take turns

    @property
    def layers_ms(self) -> float:
        """All layers of one step."""
        return sum(layer.total_ms for layer in self.layers)

    @property
    def step_ms(self) -> float:
        """One step of training."""
        return self.layers_ms + self.loading_ms + self.update_ms

    @property
    def samples_per_second(self) -> float:
        """While it trains, without measuring in between."""
        return 1000 * self.batch / self.step_ms

    @property
    def seconds_per_epoch(self) -> float:
        """One walk through all samples, and measuring at its end."""
        return (self.step_ms * self.steps_per_epoch + self.measuring_ms) / 1000


def measure(trainer: Trainer, clock: Clock = time.perf_counter) -> Iterator[Profile | None]:
    """A profile of the trainer's network, first roughly and then well; None where there is more to do."""
    measuring_ms = yield from _time_measuring(trainer, clock)
    watch, done = _Stopwatch(trainer, clock), 0
    while watch.rounds < FEWEST_ROUNDS or (watch.seconds < WANTED_SECONDS and watch.rounds < MOST_ROUNDS):
        watch.piece()
        first = done < FIRST_ROUNDS <= watch.rounds
        done = watch.rounds
        yield watch.profile(measuring_ms) if first else None
    yield watch.profile(measuring_ms)


class _Stopwatch:
    """Times every kernel of the plan for training, one round after the other; a round is like a step."""

    def __init__(self, trainer: Trainer, clock: Clock) -> None:
        self._trainer, self._clock = trainer, clock
        self._training: Training | None = None
        self._updater = _stand_in(trainer)
        self._spent: list[list[float]] = []
        self._loading: list[float] = []
        self._updating: list[float] = []
        self.rounds, self.seconds = 0, 0.0

    def piece(self) -> None:
        """As many rounds as fit between two steps, one at least."""
        measured = self._trainer.network.store.measured
        kept = {name: array.copy() for name, array in measured.items()}
        start, rounds = self._clock(), 0
        while True:
            self._round()
            rounds += 1
            seconds = self._clock() - start
            if seconds + seconds / rounds > PIECE_SECONDS:
                break
        self.seconds += seconds
        for name, array in kept.items():
            measured[name][...] = array

    def _round(self) -> None:
        clock = self._clock
        start = clock()
        training = _ready(self._trainer, self.rounds)
        self._loading.append(clock() - start)
        if training is not self._training:  # another size of batch: what was measured is of no use
            self._training, self.rounds, self.seconds = training, 0, 0.0
            self._spent = [[] for _ in training.plan.calls]
            self._loading, self._updating = self._loading[-1:], []
        for (_, run), spent in zip(training.plan.calls, self._spent, strict=True):
            start = clock()
            run()
            spent.append(clock() - start)
            if self._trainer.between:
                self._trainer.between()
        start = clock()
        self._updater()
        self._updating.append(clock() - start)
        self.rounds += 1

    def profile(self, measuring_ms: float) -> Profile:
        """What is known so far."""
        trainer, training = self._trainer, self._training
        assert training is not None
        batch = min(trainer.settings.batch, trainer.samples_per_epoch)
        spent: dict[tuple[str, str], float] = {}
        for (step, _), times in zip(training.plan.calls, self._spent, strict=True):
            key = step.node, step.phase
            spent[key] = spent.get(key, 0.0) + 1000 * median(times)
        memory = _memory(training.plan)
        return Profile(
            tuple(_cost(trainer, training.plan, node.id, spent, memory, batch) for node in trainer.graph.order),
            batch,
            _threads(trainer),
            1000 * median(self._loading),
            1000 * median(self._updating),
            measuring_ms,
            steps_per_epoch=ceil(trainer.samples_per_epoch / batch),
            samples_per_epoch=trainer.samples_per_epoch,
            arena_bytes=training.plan.memory_bytes,
        )


def _cost(
    trainer: Trainer, plan: Plan, node: str, spent: dict[tuple[str, str], float], memory: dict[str, int], batch: int
) -> LayerCost:
    shape = trainer.network.inference.nodes[node]
    forward, backward = spent.get((node, "forward"), 0.0), spent.get((node, "backward"), 0.0)
    products = bool(shape.parameter_count) + any(e.source in plan.needs_gradient for e in trainer.graph.incoming(node))
    work = 2e-6 * shape.multiply_adds * batch  # million operations: a multiplication and an addition each
    copies = 2 + len(trainer.settings.optimizer.state_names)
    return LayerCost(
        node,
        forward,
        backward,
        work / forward if forward else 0.0,
        work * products / backward if backward else 0.0,
        memory.get(node, 0),
        shape.parameter_count * FLOAT_BYTES * copies,
    )


def _memory(plan: Plan) -> dict[str, int]:
    """The bytes that each layer brought into the plan: what it shares with an earlier one counts there."""
    found: dict[str, int] = {}
    known: set[int] = set()

    def count(node: str, tensor: Any) -> None:
        storage = getattr(tensor, "storage", None)
        if storage is not None and id(storage) not in known:
            known.add(id(storage))
            found[node] = found.get(node, 0) + storage.nbytes

    for node in plan.graph.order:
        for tensors in (plan.values, plan.gradients):
            count(node.id, tensors.get(node.id))
    for (owner, _), tensor in plan.kept.items():
        count(owner, tensor)
    for step in plan.steps:
        for argument in step.args:
            count(step.node, argument)
    return found


# --- what is not a layer ---------------------------------------------------------------------------------------------


def _time_measuring(trainer: Trainer, clock: Clock) -> Generator[None, None, float]:
    """Milliseconds of measuring all parts at the end of an epoch."""
    found = 0.0
    for part, steps in trainer.measuring_steps.items():
        seconds = []
        for number in range(1 + MEASURING_REPEATS):  # the first one makes the plan
            _ready(trainer, number)
            start = clock()
            trainer.rehearse_measuring(part)
            seconds.append(clock() - start)
            yield
        found += 1000 * steps * median(seconds[1:])
    return found


def _stand_in(trainer: Trainer) -> Callable[[], object]:
    """The optimiser at work on as many numbers of its own: it must not move those of the network."""
    size = trainer.network.store.values.size
    shape = NodeShape((), (1,), {"weight": Parameter((size,), "zeros")}, size, 0, None, 0)
    store = Store(["all"], Inference({"all": shape}, ()), seed=0)
    updater = Updater(trainer.settings.optimizer, store, clip_norm=trainer.settings.clip_norm or None)
    return lambda: updater.step(trainer.settings.learning_rate)


def _ready(trainer: Trainer, number: int) -> Training:
    """The plan with a whole batch in it, and as many threads as training has."""
    from engine import jit  # loads the compiler, which the window must not

    jit.set_threads(_threads(trainer))
    return trainer.rehearse(number)


def _threads(trainer: Trainer) -> int:
    from engine import jit

    return min(trainer.settings.threads or jit.MAX_THREADS, jit.MAX_THREADS)
