"""The profile: every layer is measured, training keeps its bits, and an epoch is foreseen."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from engine import chain, make
from engine import graph as graphs
from engine.batches import ArrayData, ArrayPart
from engine.graph import Graph
from engine.link import InlineLink
from engine.optimizers import Momentum
from engine.profile import FEWEST_ROUNDS, Profile, measure
from engine.protocol import Start
from engine.questions import MeasureLayers, Profiled
from engine.settings import TrainingSettings
from engine.trainer import Trainer

SHAPE = (1, 8, 8)


def data(count: int = 70) -> ArrayData:
    rng = np.random.default_rng(3)
    part = ArrayPart(rng.integers(0, 255, (count, *SHAPE), dtype=np.uint8), np.arange(count) % 4)
    return ArrayData(part, None, part, mean=(0.5,), std=(0.3,))


def network() -> Graph:
    """With all that could carry something over from a round: batch norm, dropout, pooling, a ReLU that is fused."""
    return chain(
        make("input", shape=SHAPE),
        make("conv2d", out_channels=4, kernel_size=3, padding=1),
        make("batch_norm"),
        make("relu"),
        make("max_pool2d"),
        make("conv2d", out_channels=6, kernel_size=3),
        make("relu"),
        make("flatten"),
        make("dropout", p=0.3),
        make("dense", out_features=4),
        name="tiny",
    )


def trainer(**changed: Any) -> Trainer:
    wanted = {"batch": 16, "epochs": 3, "threads": 1, "optimizer": Momentum(), "clip_norm": 1.0, **changed}
    return Trainer(network(), data(), TrainingSettings(**wanted))


def measured(subject: Trainer) -> Profile:
    return [found for found in measure(subject) if found][-1]


def test_every_layer_is_measured() -> None:
    profile = measured(trainer())
    by_name = {layer.node: layer for layer in profile.layers}
    assert [layer.node for layer in profile.layers] == [node.id for node in network().order]
    assert (profile.batch, profile.threads, profile.steps_per_epoch, profile.samples_per_epoch) == (16, 1, 5, 66)
    conv, relu, flat, dense = (by_name[name] for name in ("conv1", "relu2", "flatten1", "dense1"))
    assert conv.forward_ms > 0
    assert conv.backward_ms > 0
    assert conv.forward_gflops == pytest.approx(2e-6 * 64 * 4 * 9 * 16 / conv.forward_ms)
    assert conv.backward_gflops == pytest.approx(2e-6 * 64 * 4 * 9 * 16 / conv.backward_ms)  # no gradient of the input
    assert dense.backward_gflops == pytest.approx(2 * 2e-6 * 24 * 4 * 16 / dense.backward_ms)
    assert (relu.total_ms, relu.forward_gflops) == (0, 0)  # the convolution applies it
    assert flat.parameter_bytes == 0
    assert dense.parameter_bytes == 4 * (24 + 1) * 4 * 3  # values, gradients, momentum
    assert conv.memory_bytes >= 2 * 16 * 64 * 4 * 4
    assert profile.arena_bytes <= sum(layer.memory_bytes for layer in profile.layers) + 64


def test_an_epoch_is_its_steps_and_measuring() -> None:
    rough, profile = (found for found in measure(trainer()) if found)
    assert rough.seconds_per_epoch > 0
    assert profile.step_ms == pytest.approx(profile.layers_ms + profile.loading_ms + profile.update_ms)
    assert profile.seconds_per_epoch == pytest.approx((5 * profile.step_ms + profile.measuring_ms) / 1000)
    assert profile.samples_per_second == pytest.approx(16000 / profile.step_ms)
    assert min(profile.loading_ms, profile.update_ms, profile.measuring_ms) > 0


def test_a_batch_is_never_larger_than_what_there_is() -> None:
    profile = measured(trainer(batch=500))
    assert (profile.batch, profile.steps_per_epoch) == (66, 1)


@pytest.mark.parametrize("steps", [0, 3, 5], ids=["before the first step", "in an epoch", "before measuring"])
def test_training_keeps_its_bits(steps: int) -> None:
    plain, observed = trainer(), trainer()
    for _ in range(steps):
        plain.step()
        observed.step()
    pieces = measure(observed)
    while not plain.finished:
        next(pieces, None)
        first, second = plain.step(), observed.step()
        assert first == second
    for (name, a), b in zip(plain.network.store.arrays.items(), observed.network.store.arrays.values(), strict=True):
        np.testing.assert_array_equal(a, b, err_msg=name)


def test_another_batch_begins_the_measurement_anew() -> None:
    subject = trainer()
    clock = itertools.count()
    pieces = measure(subject, lambda: next(clock) / 1e3)
    for _ in range(14):  # ten of them measure validation and test samples
        next(pieces)
    subject.set_batch(32)
    profile = [found for found in pieces if found][-1]
    assert profile.batch == 32
    assert profile.steps_per_epoch == 3
    assert profile.arena_bytes == measured(trainer(batch=32)).arena_bytes > measured(trainer()).arena_bytes


def test_the_worker_says_something_soon_and_the_rest_later() -> None:
    link = InlineLink()
    link.send(Start(graphs.dumps(network()), TrainingSettings(batch=16, epochs=1, threads=1), data(), paused=True))
    link.send(MeasureLayers(7))
    answers: list[Profiled] = []
    while not (answers and answers[-1].finished):
        answers += [message for message in link.poll() if isinstance(message, Profiled)]
    link.kill()
    assert [(a.number, a.finished) for a in answers] == [(7, False), (7, True)]
    assert answers[1].seconds_per_epoch == answers[1].profile.seconds_per_epoch > 0
    assert answers[1].samples_per_second == answers[1].profile.samples_per_second
    assert FEWEST_ROUNDS > 1
