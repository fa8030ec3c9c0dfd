"""Health: each fault is found in a network built to have it, with a way out; healthy networks are left in peace."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from typing import Any

import numpy as np
import pytest

from engine import chain, make
from engine import graph as graphs
from engine.batches import ArrayData, ArrayPart
from engine.graph import Graph
from engine.health import (
    FIRST_FAST_STEP,
    FIRST_STEP,
    Evidence,
    Finding,
    Health,
    Reading,
    Units,
    WeightReading,
    findings,
)
from engine.link import InlineLink
from engine.optimizers import Adam, Optimizer, Sgd
from engine.protocol import Start
from engine.questions import CheckHealth, HealthChecked
from engine.schedules import Cosine
from engine.settings import TrainingSettings
from engine.spec import Fix
from engine.trainer import Trainer
from engine.vitals import Monitor

SIDE, CLASSES = 8, 4


def data(count: int = 300, *, noise: bool = False) -> ArrayData:
    """A bright band in one of four places, which tells the class; or noise alone, from which nothing can be learned."""
    rng = np.random.default_rng(0)
    labels = np.arange(count) % CLASSES
    images = rng.integers(0, 120, (count, 1, SIDE, SIDE)).astype(np.uint8)
    for image, label in zip(images, labels, strict=True):
        image[0, 2 * label : 2 * label + 2] += 0 if noise else 120
    part = ArrayPart(images, labels)
    return ArrayData(part, None, part, mean=(0.4,), std=(0.3,))


def dense_chain(activation: str, depth: int, initial: str = "he_normal") -> Graph:
    hidden = [
        layer for _ in range(depth) for layer in (make("dense", out_features=32, initial=initial), make(activation))
    ]
    entry = make("input", shape=(1, SIDE, SIDE)), make("flatten")
    return chain(*entry, *hidden, make("dense", out_features=CLASSES, initial=initial), name="deep")


def convolutional() -> Graph:
    return chain(
        make("input", shape=(1, SIDE, SIDE)),
        make("conv2d", out_channels=8, kernel_size=3, padding=1),
        make("batch_norm"),
        make("relu"),
        make("max_pool2d"),
        make("conv2d", out_channels=8, kernel_size=3),
        make("relu"),
        make("flatten"),
        make("dense", out_features=CLASSES),
        name="small",
    )


Change = Callable[[str, Any], None]


def trainer(
    graph: Graph,
    rate: float = 1e-3,
    optimizer: Optimizer | None = None,
    change: Change | None = None,
    *,
    noise: bool = False,
) -> Trainer:
    settings = TrainingSettings(
        batch=32, epochs=100, threads=1, learning_rate=rate, optimizer=optimizer or Adam(), validation_fraction=0.0
    )
    made = Trainer(graph, data(noise=noise), settings)
    for name, array in made.network.parameters.items():
        if change:
            change(name, array)
    return made


def looked(subject: Trainer, looks: int = 20, between: int = 9) -> list[Health]:
    """What is said while training goes on; a minute lies between two looks, so that none is left out."""
    now = [0.0]
    monitor, found = Monitor(subject.network, lambda: now[0]), list[Health]()
    for _ in range(looks):
        now[0] += 60
        pieces = monitor.check(subject)
        while True:
            try:
                next(pieces)
            except StopIteration as end:
                found.append(end.value)
                break
            subject.step()
        for _ in range(between):
            subject.step()
    return found


def only(health: Health, kind: str) -> Finding:
    return next(finding for finding in health.findings if finding.kind == kind)


@pytest.mark.parametrize(
    ("graph", "rate", "optimizer"),
    [
        (convolutional(), 1e-3, Adam()),
        (convolutional(), 0.05, Sgd(momentum=0.9)),
        (dense_chain("relu", 3), 1e-3, Adam()),
        (dense_chain("tanh", 3, "glorot_normal"), 1e-3, Adam()),
        (dense_chain("sigmoid", 2, "glorot_normal"), 3e-3, Adam()),
    ],
    ids=["convolutional", "with momentum", "dense", "tanh", "sigmoid"],
)
def test_healthy_networks_are_left_in_peace(graph: Graph, rate: float, optimizer: Optimizer) -> None:
    """From the first step until everything is learned."""
    said = looked(trainer(graph, rate, optimizer), looks=35, between=15)
    assert [health.findings for health in said] == [()] * 35
    assert said[-1].step > 250


def test_sizes_of_gradients_and_steps_are_told() -> None:
    said = looked(trainer(dense_chain("relu", 2)))
    health = said[-1]
    assert [said[0].settled, health.settled] == [False, True]
    assert set(health.gradients) == set(health.ratios) == {"dense1", "dense2", "dense3"}
    assert all(0 < value < 1 for value in (*health.gradients.values(), *health.ratios.values()))


def test_dead_units() -> None:
    def kill(name: str, array: Any) -> None:
        if name == "dense2.bias":
            array[:24] = -100

    finding = only(looked(trainer(dense_chain("relu", 3), change=kill))[-1], "dead")
    assert (finding.node, finding.severity) == ("relu2", "warning")
    assert finding.text == (
        "relu2 is dead in 24 of 32 units (75 %): they have not fired for 256 samples and more, and what feeds them "
        "alone cannot learn."
    )
    assert finding.fixes == (
        Fix("Lower the learning rate to 0.0001", "set_setting", "learning_rate", 1e-4),
        Fix("Put batch norm before relu2", "insert_before", value="batch_norm"),
        Fix("Replace relu2 by Leaky ReLU", "replace", value="leaky_relu"),
    )


def test_dead_channels_behind_a_norm() -> None:
    def kill(name: str, array: Any) -> None:
        if name == "batch_norm1.bias":
            array[...] = -100

    said = only(looked(trainer(convolutional(), change=kill))[-1], "dead")
    assert said.severity == "serious"
    assert said.text.startswith("relu1 is dead in 8 of 8 channels (100 %)")
    assert [fix.action for fix in said.fixes] == ["set_setting", "replace"]  # there is a norm already


def test_nothing_is_dead_before_enough_samples_were_seen() -> None:
    def kill(name: str, array: Any) -> None:
        if name == "batch_norm1.bias":
            array[...] = -100

    said = looked(trainer(convolutional(), change=kill), looks=12, between=4)
    assert said[0].step < FIRST_STEP
    assert next(health.step for health in said if health.findings) >= FIRST_STEP


def test_saturated_functions() -> None:
    def enlarge(name: str, array: Any) -> None:
        if name.endswith("weight"):
            array *= 8

    said = looked(trainer(dense_chain("tanh", 2), change=enlarge))[-1].findings
    found = sorted((finding for finding in said if finding.kind == "saturated"), key=lambda finding: finding.node)
    assert [finding.node for finding in found] == ["tanh1", "tanh2"]
    assert found[0].text.startswith("tanh1 is saturated: ")
    assert found[0].text.endswith(
        " % of its values lie at −1 or 1, where it is flat and lets hardly any gradient through."
    )
    assert found[0].fixes == (
        Fix("Replace tanh1 by ReLU", "replace", value="relu"),
        Fix("Put batch norm before tanh1", "insert_before", value="batch_norm"),
        Fix("Lower the learning rate to 0.0001", "set_setting", "learning_rate", 1e-4),
    )


def test_the_last_function_may_be_sure_of_itself() -> None:
    graph = dense_chain("relu", 1)
    graph = graph.add(make("sigmoid"), graph.outputs[0].id, id="answer")

    def enlarge(name: str, array: Any) -> None:
        if name.endswith("weight"):
            array *= 20

    assert "saturated" not in {f.kind for f in looked(trainer(graph, change=enlarge), looks=8)[-1].findings}


@pytest.mark.parametrize("optimizer", [Sgd(), Adam()], ids=["SGD", "Adam"])
def test_a_gradient_that_vanishes(optimizer: Optimizer) -> None:
    rate = 0.1 if isinstance(optimizer, Sgd) else 1e-3
    finding = only(looked(trainer(dense_chain("sigmoid", 12, "glorot_normal"), rate, optimizer))[-1], "vanishing")
    assert (finding.node, finding.severity) == ("dense1", "serious")
    assert finding.text.startswith("The gradient vanishes on its way to dense1: ")
    assert finding.fixes == (Fix("Replace every Sigmoid by ReLU", "replace_all", "sigmoid", "relu"),)


def test_a_gradient_that_explodes() -> None:
    def enlarge(name: str, array: Any) -> None:
        if name.endswith("weight"):
            array *= 2.5

    graph = dense_chain("relu", 9, "lecun_normal")
    finding = only(looked(trainer(graph, 1e-5, change=enlarge))[-1], "exploding")
    assert finding.severity == "serious"
    assert finding.text.startswith("The gradient explodes: in dense10 it is ")
    assert finding.text.endswith(
        " times as large as the weights, and in 9 other layers. A single step can throw them anywhere."
    )
    assert finding.fixes == (
        Fix("Clip gradients to 1", "set_setting", "clip_norm", 1.0),
        Fix("Lower the learning rate to 1\u202f×\u202f10⁻⁶", "set_setting", "learning_rate", 1e-6),
        Fix("Draw all first weights by He normal", "set_all", "initial", "he_normal"),
    )


def test_layers_that_do_not_learn() -> None:
    finding = only(looked(trainer(dense_chain("relu", 2, "zeros")))[-1], "still")
    assert (finding.node, finding.severity) == ("dense3", "serious")
    assert finding.text == (
        "dense1, dense2, dense3 do not learn: their gradient is exactly zero. Either all weights began as zeros, or "
        "nothing behind them fires."
    )
    assert finding.fixes == (Fix("Draw all first weights by He normal", "set_all", "initial", "he_normal"),)


def test_layers_behind_which_nothing_fires() -> None:
    def kill(name: str, array: Any) -> None:
        if name == "dense2.bias":
            array[...] = -100

    said = looked(trainer(dense_chain("relu", 2), change=kill))[-1]
    assert {finding.kind for finding in said.findings} == {"dead", "still"}
    assert only(said, "still").fixes == (
        Fix("Lower the learning rate to 0.0001", "set_setting", "learning_rate", 1e-4),
    )


def test_steps_that_are_too_short() -> None:
    finding = only(looked(trainer(dense_chain("relu", 2), 1e-9))[-1], "slow")
    assert finding.text.startswith("The weights hardly move: a step changes those of dense")
    assert finding.text.endswith(" of their size, and of all others by less; about 0.001 is usual.")
    (fix,) = finding.fixes
    assert fix.title == f"Raise the learning rate to {fix.value:g}"
    assert 1e-6 < fix.value < 1e-3


def test_steps_that_are_too_long() -> None:
    subject = trainer(dense_chain("tanh", 2), 1.0, Sgd(), noise=True)
    said = looked(subject, looks=30, between=20)
    finding = only(said[-1], "fast")
    assert all(health.step >= FIRST_FAST_STEP for health in said if any(f.kind == "fast" for f in health.findings))
    assert finding.text.startswith("Every step changes the weights of dense3 by ")
    assert " % of their size; about 0.1 % is usual. They forget faster than they learn." in finding.text
    (fix,) = finding.fixes
    assert fix.title == f"Lower the learning rate to {fix.value:g}"
    assert fix.value < 0.02


# --- rules that training would take long to reach --------------------------------------------------------------------


def evidence(loss: float, rate: float, ratio: float, **settings: Any) -> Evidence:
    weight = WeightReading(1.0, 0.1, ratio, 100)
    readings = [Reading(step, loss, rate, {"dense1": weight}) for step in (30, 40, 50)]
    graph = chain(make("input", shape=(4,)), make("dense", out_features=2))
    return Evidence(graph, TrainingSettings(learning_rate=1e-3, **settings), readings, 2.0, {}, {})


@pytest.mark.parametrize(
    ("loss", "rate", "found"),
    [(1.9, 1e-3, ["slow"]), (0.1, 1e-3, []), (1.9, 1e-5, []), (float("nan"), 1e-3, [])],
    ids=["nothing learned", "all learned", "the schedule has ended", "no loss yet"],
)
def test_weights_may_rest_where_there_is_a_reason(loss: float, rate: float, found: list[str]) -> None:
    said = findings(evidence(loss, rate, 1e-9, schedule=Cosine()))
    assert [finding.kind for finding in said] == found


def test_a_learning_rate_is_never_raised_beyond_its_limit() -> None:
    (said,) = findings(evidence(1.9, 1e-3, 1e-12))
    assert said.fixes == (Fix("Raise the learning rate to 100", "set_setting", "learning_rate", 100.0),)


def test_a_few_readings_say_nothing() -> None:
    few = evidence(1.9, 1e-3, 1e-9)
    assert findings(Evidence(few.graph, few.settings, few.readings[:2], 2.0, {}, {})) == ()


def test_the_worst_comes_first() -> None:
    graph = dense_chain("relu", 2)
    units = {"relu1": Units(10, 7), "relu2": Units(10, 10)}
    said = findings(Evidence(graph, TrainingSettings(), (), 0.0, units, {}))
    assert [(finding.node, finding.severity) for finding in said] == [("relu2", "serious"), ("relu1", "warning")]
    assert findings(Evidence(graph, TrainingSettings(), (), 0.0, {"relu1": Units(10, 6)}, {})) == ()


# --- measuring -------------------------------------------------------------------------------------------------------


def test_looking_changes_nothing() -> None:
    plain, observed = trainer(convolutional()), trainer(convolutional())
    looked(observed, looks=4, between=20)
    while plain.progress.steps < observed.progress.steps:
        plain.step()
    for (name, a), b in zip(plain.network.store.arrays.items(), observed.network.store.arrays.values(), strict=True):
        np.testing.assert_array_equal(a, b, err_msg=name)


def test_dear_looks_are_rare() -> None:
    """A look that took a second is not repeated within fifty."""
    subject = trainer(convolutional())
    while subject.progress.steps < FIRST_STEP:
        subject.step()
    now = [0.0]

    def clock() -> float:
        now[0] += 0.5
        return now[0]

    monitor = Monitor(subject.network, clock)
    pieces = []
    for _ in range(6):
        pieces.append(0)
        for _ in monitor.check(subject):
            pieces[-1] += 1
            subject.step()
        now[0] += 20
    assert pieces[0] > pieces[1] == pieces[2]
    assert pieces[3] == pieces[0] or pieces[4] == pieces[0]


def test_a_step_that_does_not_come_is_not_waited_for() -> None:
    subject = trainer(convolutional())
    while subject.progress.steps < FIRST_STEP:
        subject.step()
    assert len(list(islice(Monitor(subject.network).check(subject), 100))) < 10


def test_a_network_at_rest_is_answered_too() -> None:
    link, settings = InlineLink(), TrainingSettings(batch=32, epochs=1, threads=1)
    link.send(Start(graphs.dumps(convolutional()), settings, data(), paused=True))
    link.send(CheckHealth(5))
    found: list[Any] = []
    for _ in range(300):
        found += [message for message in link.poll() if isinstance(message, HealthChecked)]
    link.kill()
    assert [answer.number for answer in found] == [5]
    assert found[0].health == Health(0, (), {}, {})
