"""Training: one step a call, without a clock, without waiting and without files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import isfinite, prod
from typing import Any

import attrs
import numpy as np

from engine import jit
from engine.augmenter import Augmenter, Blend
from engine.batches import Batches, Data, Part, check_fits
from engine.divergence import Diverged, describe_loss, diverged, first_broken_layer
from engine.errors import EngineError, InputError
from engine.graph import Graph
from engine.kernels.packing import count_hits
from engine.losses import CrossEntropy
from engine.metrics import Evaluation, Tally, evaluation_from_json
from engine.network import Network, Training
from engine.optimizers import Updater
from engine.plan import Plan
from engine.progress import (
    FINISHED,
    TEST,
    TRAINING,
    VALIDATION,
    EpochResult,
    Progress,
    State,
    StepResult,
    read_plain,
)
from engine.settings import TrainingSettings
from engine.splitting import split
from engine.targets import loss_sum, targets_of

Array = np.ndarray[Any, Any]


@attrs.define(eq=False)
class _Measuring:
    """An evaluation on its way: `step` counts one batch at a time, so that nobody waits for a whole test set."""

    phase: str
    batches: Batches
    targets: Callable[[Array], Array]
    tally: Tally
    seen: int = 0


class Trainer:
    """Trains a network, one step a call of `step`, until `finished`."""

    def __init__(self, graph: Graph, data: Data, settings: TrainingSettings) -> None:
        self.graph, self.data = graph, data
        self.settings, self.loss = settings, settings.make_loss()
        self.network = Network(graph, seed=settings.seed)
        if len(self.network.input_shapes) != 1:
            raise InputError("Training feeds one input; this network has several.")
        self._input, self._shape = next(iter(self.network.input_shapes.items()))
        self._classes = self.network.output_shape[0] if self.loss.counts_hits else None
        self._gather_parts()
        self.network.store.random[0] = settings.seed
        self._updater = Updater(settings.optimizer, self.network.store, clip_norm=settings.clip_norm or None)
        self._plan: Training | None = None
        self._inference: Plan | None = None
        self._hits = np.zeros(1, np.int64)
        self._count_hits_in: Callable[..., None] | None = None
        self.between: Callable[[], None] | None = None  # called after each kernel, while no weight changes
        self.spared = 0  # cores that are left to others for a while
        self.progress = Progress()
        self.history: list[EpochResult] = []
        self.evaluations: dict[str, Evaluation] = {}  # the newest of each part
        self.best_evaluations: dict[str, Evaluation] = {}
        self._best: dict[str, Array] = {}
        self._to_measure: list[_Measuring] | None = None

    def _gather_parts(self) -> None:
        data, settings = self.data, self.settings
        kept: Array | None = None
        parts: dict[str, tuple[Part, Array | None]] = {}
        if data.validation is not None and len(data.validation.labels):
            parts[VALIDATION] = data.validation, None
        elif settings.validation_fraction:
            kept, held = split(data.train.labels, settings.validation_fraction, settings.seed)
            if len(held):
                parts[VALIDATION] = data.train, held
        if data.test is not None and len(data.test.labels):
            parts[TEST] = data.test, None
        if settings.patience and VALIDATION not in parts:
            raise EngineError("Stopping early needs a validation part; give validation_fraction a value above 0.")
        for part in (data.train, *(part for part, _ in parts.values())):
            check_fits(part, self._shape)
        self._batches = Batches(data.train, data.mean, data.std, pool=kept, seed=settings.seed)
        self._measured = {n: Batches(part, data.mean, data.std, pool=pool) for n, (part, pool) in parts.items()}
        output, everything = self.network.output_shape, {TRAINING: self._batches, **self._measured}
        self._targets = {n: targets_of(b, self.loss, output, self._shape) for n, b in everything.items()}
        if isinstance(self.loss, CrossEntropy):
            self.loss.weights(self.network.output_shape[0])
        self._augmenter: Augmenter | None = None
        if settings.augmentation.changes:
            places = data.train.labels.ndim > 1 or (len(output) > 1 and not self.loss.counts_hits)
            settings.augmentation.check_fits(self._shape, labels_are_places=places)
            self._augmenter = Augmenter(settings.augmentation, self._batches, settings.seed)

    # --- where training stands ---------------------------------------------------------------------------------------

    @property
    def finished(self) -> bool:
        """Whether all epochs are done, or there was no progress for too long."""
        return self.progress.stopped_early or (self.progress.epoch >= self.settings.epochs and self._to_measure is None)

    @property
    def phase(self) -> str:
        if self.finished:
            return FINISHED
        return self._to_measure[0].phase if self._to_measure else TRAINING

    @property
    def samples_per_epoch(self) -> int:
        return len(self._batches)

    @property
    def total_steps(self) -> int:
        """How many steps the whole run has, as far as can be said now: the size of a batch may change."""
        size, progress = self.settings.batch, self.progress
        epochs_left = self.settings.epochs - progress.epoch
        if epochs_left <= 0:
            return progress.steps
        in_this_epoch = -(-(len(self._batches) - progress.seen) // size)
        return progress.steps + in_this_epoch + (epochs_left - 1) * -(-len(self._batches) // size)

    @property
    def learning_rate(self) -> float:
        """The rate of the next step, the schedule's factor included."""
        return self.settings.learning_rate * self.settings.schedule.factor(self.progress.steps, self.total_steps)

    def set_learning_rate(self, learning_rate: float) -> None:
        """Changes the rate that the schedule multiplies, from the next step on."""
        self.settings = attrs.evolve(self.settings, learning_rate=learning_rate)

    def set_batch(self, batch: int) -> None:
        """Changes how many samples a step looks at, from the next step on."""
        self.settings = attrs.evolve(self.settings, batch=batch)
        self._plan = self._inference = None
        self.network.forget_plans()

    def sample(self, index: int) -> Array:
        """A sample to look at, normalised."""
        batches, pick = self.place(index)
        return batches.normalised(np.array([pick])).reshape(self._shape)

    @property
    def parts(self) -> Mapping[str, Batches]:
        """Every part of the data by name; those that only measure come first, as in the numbers of samples."""
        return {**self._measured, TRAINING: self._batches}

    def place(self, index: int) -> tuple[Batches, int]:
        """Where a sample to look at is: they are numbered through all parts, and after the last one begin again."""
        index %= sum(map(len, self.parts.values()))
        for batches in self.parts.values():
            if index < len(batches):
                break
            index -= len(batches)
        return batches, int(batches.pool[index])

    def first_of(self, part: str) -> int:
        """The number of a part's first sample."""
        names = list(self.parts)
        return sum(len(self.parts[name]) for name in names[: names.index(part)])

    @property
    def training_batches(self) -> Batches:
        """The samples that it trains on."""
        return self._batches

    def normalised(self, image: Array) -> Array:
        """A picture in the data's own units, as the network takes it."""
        if image.shape != self._shape:
            raise InputError(f"The picture has the shape {image.shape}; the network takes {self._shape}.")
        shape = (-1, *(1,) * (len(self._shape) - 1))
        x = image * self._batches.scale.reshape(shape) + self._batches.shift.reshape(shape)
        return np.asarray(x, np.float32)

    # --- rehearsals, which change nothing that training goes on with -------------------------------------------------

    def rehearse(self, number: int) -> Training:
        """Lays a whole batch into the plan for training, the next one for the next number; a step lays its own."""
        training, size = self._training_plan(), self.settings.batch
        start = size * (number % max(1, len(self._batches) // size))
        picks = self._batches.picks(self.progress.epoch, start, size)
        self._aim(training, picks, self._load(training.plan, picks))
        return training

    @property
    def measuring_steps(self) -> dict[str, int]:
        """How many batches of each part an epoch measures at its end."""
        return {name: -(-len(batches) // self.settings.batch) for name, batches in self._measured.items()}

    def rehearse_measuring(self, part: str) -> None:
        """Measures one batch of a part, and forgets what was found."""
        measuring = next(m for m in self._measurings() if m.phase == part)
        self._count(measuring, measuring.batches.picks(0, 0, self.settings.batch))

    @property
    def threads(self) -> int:
        """How many a step uses; its results do not depend on them."""
        return max(1, (self.settings.threads or jit.MAX_THREADS) - self.spared)

    # --- one step ----------------------------------------------------------------------------------------------------

    def step(self) -> StepResult:
        """Trains on one batch, or measures one batch at the end of an epoch."""
        if self.finished:
            raise EngineError("Training is finished; there is no further step.")
        jit.set_threads(self.threads)
        return self._train() if self._to_measure is None else self._measure()

    def _train(self) -> StepResult:
        training, rate, progress = self._training_plan(), self.learning_rate, self.progress
        picks = self._batches.picks(progress.epoch, progress.seen, self.settings.batch)
        blend = self._load(training.plan, picks)
        targets = self._aim(training, picks, blend)
        self.network.store.random[1] = progress.steps
        training.plan.forward(self.between, in_shares=self.spared > 0)
        training.plan.backward(self.between, in_shares=self.spared > 0)
        loss = float(training.losses[: len(picks)].sum(dtype=np.float64))
        if not isfinite(loss):
            node = first_broken_layer(self.network, self.loss, len(picks), lambda plan: self._load(plan, picks))
            raise self._diverged(f"the loss {describe_loss(loss)}", node)
        self._updater.step(rate)
        accuracy = self._count_hits(training, targets)
        progress.steps += 1
        progress.seen += len(picks)
        progress.loss_sum += loss * len(picks)
        progress.last_rate = rate
        result = StepResult(TRAINING, progress.epoch + 1, progress.steps, loss, accuracy, rate, len(picks))
        if progress.seen < len(self._batches):
            return result
        self._to_measure = self._measurings()
        return result if self._to_measure else attrs.evolve(result, finished_epoch=self._finish_epoch())

    def _load(self, plan: Plan, picks: Array) -> Blend | None:
        x = plan.values[self._input]
        if self._augmenter is None:
            self._batches.pack(picks, plan.samples, x)
            return None
        augmented = self._augmenter(picks, self.progress.epoch, self.progress.seen)
        self._batches.pack(picks, plan.samples, x, augmented.images)
        return augmented.blend

    def _aim(self, training: Training, picks: Array, blend: Blend | None) -> int:
        """Sets what the network should answer to these samples, and returns how many answers that are."""
        wanted = self._targets[TRAINING](picks)
        training.targets[: len(wanted)] = wanted
        if blend:
            rows, share = wanted.reshape(len(picks), -1), blend.shares[:, None]
            others = rows[blend.partners]
            if self.loss.counts_hits:
                training.others[: len(wanted)] = others.reshape(-1)
                training.shares[: len(picks)] = blend.shares
            else:
                training.targets[: len(wanted)] = (rows * share + others * (1 - share)).reshape(-1)
        return len(wanted)

    def _training_plan(self) -> Training:
        if self._plan is None:
            size = min(self.settings.batch, len(self._batches))
            self._plan = self.network.training(size, self.loss)
        return self._plan

    def _count_hits(self, training: Training, targets: int) -> float | None:
        if not self.loss.counts_hits:
            return None
        plan = training.plan
        scores = plan.values[plan.graph.outputs[0].id].array
        arguments = scores, training.targets, plan.samples, self._hits
        if self._count_hits_in is None:  # looking the machine code up takes longer than running it
            self._count_hits_in = count_hits.compiled(*arguments)
        self._count_hits_in(*arguments)
        self.progress.hit_sum += int(self._hits[0])
        return int(self._hits[0]) / targets

    def _diverged(self, problem: str, node: str | None) -> Diverged:
        step, epoch, clips = self.progress.steps + 1, self.progress.epoch + 1, bool(self.settings.clip_norm)
        return diverged(problem, node, step=step, epoch=epoch, learning_rate=self.learning_rate, clips=clips)

    # --- measuring ---------------------------------------------------------------------------------------------------

    def _measurings(self) -> list[_Measuring]:
        return [_Measuring(n, b, self._targets[n], Tally(self._classes)) for n, b in self._measured.items()]

    def _measure(self) -> StepResult:
        assert self._to_measure
        current = self._to_measure[0]
        picks = current.batches.picks(0, current.seen, self.settings.batch)
        self._count(current, picks)
        current.seen += len(picks)
        finished = None
        if current.seen >= len(current.batches):
            evaluation = current.tally.result()
            if not isfinite(evaluation.loss):
                raise self._diverged(f"the {current.phase} loss {describe_loss(evaluation.loss)}", None)
            self.evaluations[current.phase] = evaluation
            self._to_measure.pop(0)
            finished = None if self._to_measure else self._finish_epoch()
        epoch = finished.epoch if finished else self.progress.epoch + 1
        steps, rate = self.progress.steps, self.learning_rate
        return StepResult(current.phase, epoch, steps, 0.0, None, rate, len(picks), finished)

    def _count(self, current: _Measuring, picks: Array) -> None:
        plan = self._inference_plan()
        current.batches.pack(picks, plan.samples, plan.values[self._input])
        plan.forward(self.between, in_shares=self.spared > 0)
        output = plan.graph.outputs[0].id
        scores, wanted = self.network.read(plan, plan.values[output], output), current.targets(picks)
        current.tally.add(scores, wanted, loss_sum(self.loss, scores, wanted))

    def _inference_plan(self) -> Plan:
        if self._inference is None:
            largest = max(len(batches) for batches in self._measured.values())
            blocks = -(-min(self.settings.batch, largest) // jit.LANES)
            graph = self.network.trained_graph(self.loss)
            self._inference = Plan(graph, self.network.inference, self.network.store, blocks)
        return self._inference

    def _finish_epoch(self) -> EpochResult:
        progress, found = self.progress, dict[str, Any]()
        for name, evaluation in self.evaluations.items():
            found |= {f"{name}_loss": evaluation.loss, f"{name}_accuracy": evaluation.top1}
        guesses = progress.seen * prod(self.network.output_shape[1:])
        accuracy = progress.hit_sum / guesses if self.loss.counts_hits else None
        mean_loss = progress.loss_sum / progress.seen
        progress.epoch += 1
        progress.seen, progress.loss_sum, progress.hit_sum, self._to_measure = 0, 0.0, 0, None
        result = EpochResult(progress.epoch, progress.steps, progress.last_rate, mean_loss, accuracy, **found)
        self.history.append(result)
        self._compare_with_best(result)
        return result

    def _compare_with_best(self, result: EpochResult) -> None:
        """Compares accuracy first, then loss, on the validation part; without one the newest epoch is the best."""
        progress, loss, accuracy = self.progress, result.validation_loss, result.validation_accuracy
        better = (
            loss is None
            or progress.best_loss is None
            or (accuracy or 0.0, -loss) > (progress.best_accuracy or 0.0, -progress.best_loss)
        )
        if better:
            progress.best_epoch, progress.best_loss, progress.best_accuracy = progress.epoch, loss, accuracy
            self.best_evaluations = dict(self.evaluations)
            if self.settings.keep_best:
                self._best = {name: array.copy() for name, array in self.network.store.arrays.items()}
        patience = self.settings.patience
        progress.stopped_early = bool(patience) and progress.epoch - progress.best_epoch >= patience

    # --- results -----------------------------------------------------------------------------------------------------

    @property
    def best_arrays(self) -> dict[str, Array]:
        """The arrays of the best epoch, or of now where none was kept."""
        return self._best or {name: array.copy() for name, array in self.network.store.arrays.items()}

    def state(self) -> State:
        """A copy of everything that decides how training goes on; refused when a weight is not finite any more."""
        store = self.network.store
        broken = next((name for name, array in store.arrays.items() if not np.isfinite(array).all()), None)
        if broken:
            raise self._diverged(f"{broken} holds numbers that are not finite", broken.rpartition(".")[0])
        arrays = {f"network/{name}": array.copy() for name, array in store.arrays.items()}
        for name, flat in self._updater.state.items():
            arrays |= {f"optimizer/{name}/{n}": array.copy() for n, array in store.named(flat).items()}
        arrays |= {f"best/{name}": array for name, array in self._best.items()}
        facts = {
            "progress": attrs.asdict(self.progress),
            "optimizer_steps": self._updater.steps,
            "history": [attrs.asdict(result) for result in self.history],
            "evaluations": {name: e.to_json() for name, e in self.evaluations.items()},
            "best_evaluations": {name: e.to_json() for name, e in self.best_evaluations.items()},
        }
        return State(arrays, facts)

    def restore(self, state: State) -> None:
        """Goes back, or on, to where another trainer of the same network stood."""
        store, facts = self.network.store, state.facts
        progress = read_plain(Progress, facts["progress"])
        history = [read_plain(EpochResult, line) for line in facts["history"]]
        for name, array in store.arrays.items():
            array[...] = state.arrays[f"network/{name}"]
        for name, flat in self._updater.state.items():
            for n, array in store.named(flat).items():
                array[...] = state.arrays[f"optimizer/{name}/{n}"]
        self._best = {n[5:]: a.copy() for n, a in state.arrays.items() if n.startswith("best/")}
        self._updater.steps = int(facts["optimizer_steps"])
        self.progress, self.history = progress, history
        self.evaluations = {n: evaluation_from_json(e) for n, e in facts["evaluations"].items()}
        self.best_evaluations = {n: evaluation_from_json(e) for n, e in facts["best_evaluations"].items()}
        at_end = progress.seen >= len(self._batches)  # measuring begins anew: it changes nothing
        self._to_measure = self._measurings() if at_end else None

    def continue_after(self, before: Trainer) -> None:
        """Counts on from where a trainer of a similar network stands; the optimiser remembers what still fits."""
        same_samples = self.samples_per_epoch == before.samples_per_epoch
        begun: dict[str, Any] = {} if same_samples else {"seen": 0, "loss_sum": 0.0, "hit_sum": 0}
        self.progress = attrs.evolve(before.progress, best_epoch=0, best_accuracy=None, best_loss=None, **begun)
        self.history = list(before.history)
        self._to_measure = self._measurings() if self.progress.seen >= len(self._batches) else None
        self._updater.take_memory(before._updater)
