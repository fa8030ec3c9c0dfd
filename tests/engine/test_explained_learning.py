"""A weight's next step, explained: its terms are the engine's gradient, its next value is what training makes of it."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest
from drawn_layers import LARGEST_IMAGE

from engine import Graph, chain, make
from engine.answers.learning import explain_weight
from engine.augmentation import Augmentation
from engine.batches import ArrayData, ArrayPart
from engine.errors import InputError
from engine.explained import number
from engine.optimizers import OPTIMIZERS
from engine.protocol import REPORT_BYTES
from engine.questions import ExplainedWeight, ExplainWeight
from engine.schedules import Cosine
from engine.settings import TrainingSettings
from engine.spec import layers
from engine.trainer import Trainer

CLOSE = 3e-6  # of the terms' sizes: sums in 32 bits against sums in 64
SETTINGS: dict[str, dict[str, Any]] = {
    "dense": {"out_features": 5},
    "conv2d": {"out_channels": 6, "kernel_size": 3, "padding": 1, "padding_mode": "reflect", "stride": 2},
    "conv1d": {"out_channels": 6, "kernel_size": 3, "dilation": 2},
    "conv3d": {"out_channels": 6, "kernel_size": 2},
    "depthwise_conv2d": {"kernel_size": 3},
    "tiled_conv2d": {"out_channels": 3, "kernel_size": 3, "padding": 1},
    "locally_connected2d": {"out_channels": 3, "kernel_size": 3},
    "group_norm": {"groups": 2},
    **{
        f"transposed_conv{axes}d": {"out_channels": 6, "kernel_size": 3, "padding": 1, "groups": 2}
        for axes in (1, 2, 3)
    },
}


def shape_for(kind: str) -> tuple[int, ...]:
    if kind == "dense":
        return (20,)
    axes = layers()[kind].axes or 2
    return (4, *(min(6, LARGEST_IMAGE[axes]),) * axes)


def learning_kinds() -> list[str]:
    """Every kind of layer that owns something that is trained."""
    found = []
    for kind, cls in layers().items():
        if cls.ports == 1 and make(kind, **SETTINGS.get(kind, {})).parameters(shape_for(kind)):
            found.append(kind)
    return found


def data_for(shape: tuple[int, ...], seed: int = 1) -> ArrayData:
    rng = np.random.default_rng(seed)
    part = ArrayPart(rng.standard_normal((70, *shape)).astype(np.float32), np.arange(70) % 3)
    return ArrayData(part)


def trainer_for(kind: str, **settings: Any) -> Trainer:
    shape = shape_for(kind)
    graph = chain(
        make("input", shape=shape),
        make(kind, **SETTINGS.get(kind, {})),
        make("tanh" if kind == "prelu" else "relu"),
        *([] if kind == "dense" else [make("flatten")]),
        make("dense", out_features=3),
    )
    wanted = TrainingSettings(
        **{"batch": 20, "epochs": 4, "threads": 2, "validation_fraction": 0, "seed": 5} | settings
    )
    trainer = Trainer(graph, data_for(shape), wanted)
    for array in trainer.network.parameters.values():
        array[...] += np.random.default_rng(3).standard_normal(array.shape) * 0.1
    return trainer


def asked(trainer: Trainer, node: str, parameter: str, index: tuple[int, ...]) -> ExplainedWeight:
    return explain_weight(trainer, ExplainWeight(1, node, parameter, index))


def somewhere(array: np.ndarray, rng: np.random.Generator) -> tuple[int, ...]:
    return tuple(int(rng.integers(n)) for n in array.shape)


@pytest.mark.parametrize("kind", learning_kinds())
def test_the_terms_are_the_gradient_and_the_next_value_is_what_training_makes(kind: str) -> None:
    trainer, rng = trainer_for(kind), np.random.default_rng(7)
    node = trainer.graph.order[1].id
    assert any(name.startswith(f"{node}.") for name in trainer.network.parameters)
    for name in trainer.network.parameters:  # those of the last layer too, which is next to the loss
        for _ in range(2):
            index = somewhere(trainer.network.parameters[name], rng)
            owner, _, parameter = name.rpartition(".")
            found = asked(trainer, owner, parameter, index)
            trainer.step()
            size = float(np.abs(found.slopes.parts).max(initial=1e-6)) * found.slopes.total**0.5
            assert found.slopes.sum == pytest.approx(found.gradient, abs=CLOSE * size, rel=1e-5)
            assert found.gradient == trainer.network.store.gradient_arrays[name][index]
            assert found.after == trainer.network.parameters[name][index]
            assert found.after != found.weight


@pytest.mark.parametrize("kind", learning_kinds())
def test_each_term_is_a_slope_and_a_number_of_the_layers_input(kind: str) -> None:
    trainer, rng = trainer_for(kind), np.random.default_rng(8)
    node = trainer.graph.order[1].id
    array = trainer.network.parameters[f"{node}.weight"]
    found = asked(trainer, node, "weight", somewhere(array, rng))
    slopes = found.slopes
    assert slopes.parts == pytest.approx(slopes.slopes.astype(np.float64) * slopes.factors, rel=1e-12)
    assert (np.diff(np.abs(slopes.parts)) <= 0).all()
    output = trainer.network.inference.nodes[node].output
    assert ((slopes.places >= 0) & (slopes.places < output)).all()
    if slopes.what == "x":
        x = trainer.data.train.images[found.lot.samples]
        assert [x[(row, *at)] for row, at in zip(slopes.rows, slopes.sources.tolist(), strict=True)] == list(
            slopes.factors
        )


@pytest.mark.parametrize("decay", [0.0, 0.05])
@pytest.mark.parametrize("kind", sorted(OPTIMIZERS))
def test_every_optimisers_arithmetic_ends_in_the_next_value(kind: str, decay: float) -> None:
    optimizer = OPTIMIZERS[kind](weight_decay=decay)
    settings = {"optimizer": optimizer, "learning_rate": 0.01, "schedule": Cosine(warm_up=2), "clip_norm": 0.05}
    trainer = trainer_for("conv1d", **settings)
    node = trainer.graph.order[1].id
    for _ in range(5):
        for name, index in (("weight", (1, 2, 1)), ("bias", (4,))):
            found = asked(trainer, node, name, index)
            states = trainer._updater.state
            trainer.step()
            assert found.workings[-1].value == pytest.approx(found.after, rel=2e-6)
            assert found.after == trainer.network.parameters[f"{node}.{name}"][index]
            assert found.step == trainer._updater.steps
            known = {line.name: line.value for line in found.workings}
            for letter, state in (("m", "mean"), ("v", "square")):
                if letter in known and state in states:
                    real = float(trainer.network.store.named(states[state])[f"{node}.{name}"][index])
                    assert known[letter] == pytest.approx(real, rel=1e-5, abs=1e-30)


@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_rmsprop_with_momentum_too(momentum: float) -> None:
    trainer = trainer_for("dense", optimizer=OPTIMIZERS["rmsprop"](momentum=momentum))
    for _ in range(3):
        found = asked(trainer, "dense1", "weight", (1, 2))
        trainer.step()
        assert found.after == trainer.network.parameters["dense1.weight"][1, 2]
        assert found.workings[-1].value == pytest.approx(found.after, rel=2e-6)


def test_asking_changes_no_bit_of_the_training(tiny_graph: Graph, tiny_data: ArrayData) -> None:
    settings = TrainingSettings(
        batch=20,
        epochs=2,
        threads=2,
        label_smoothing=0.1,
        clip_norm=0.5,
        augmentation=Augmentation(shift=1, mix_up=0.4),
    )
    quiet, curious = (Trainer(tiny_graph, tiny_data, settings) for _ in range(2))
    conv, dense = (node.id for node in tiny_graph.order if node.layer.kind in ("conv2d", "dense"))
    told: list[float] = []  # what the next step was said to make of a weight, also while it measures
    while not quiet.finished:
        measured = {name: array.copy() for name, array in curious.network.store.measured.items()}
        found = asked(curious, conv, "weight", (1, 0, 2, 1))
        asked(curious, dense, "bias", (2,))
        asked(curious, "batch_norm1", "weight", (3,))
        assert all((curious.network.store.measured[name] == array).all() for name, array in measured.items())
        trains = curious.phase == "training"
        told.append(found.after)
        quiet.step()
        curious.step()
        if trains:
            assert set(told) == {float(curious.network.parameters[f"{conv}.weight"][1, 0, 2, 1])}
            told.clear()
    assert all(
        (a == b).all() for a, b in zip(quiet.state().arrays.values(), curious.state().arrays.values(), strict=True)
    )
    assert quiet.history == curious.history
    assert "The run is finished; this is what one more step would do." in asked(curious, conv, "bias", (0,)).notes


def test_the_batch_comes_along_with_pictures_losses_and_what_is_in_the_slopes(
    tiny_graph: Graph, tiny_data: ArrayData
) -> None:
    settings = TrainingSettings(batch=20, label_smoothing=0.1, class_weights=(1, 2, 3))
    trainer = Trainer(tiny_graph, tiny_data, settings)
    conv = next(node.id for node in tiny_graph.order if node.layer.kind == "conv2d")
    found = asked(trainer, conv, "weight", (1, 0, 2, 1))
    assert found.lot.pictures.shape[1:] == (1, 8, 8)
    for row, picture in zip(found.lot.shown, found.lot.pictures, strict=True):
        assert (picture == tiny_data.train.images[found.lot.samples[row]]).all()
    assert (found.lot.labels == tiny_data.train.labels[found.lot.samples]).all()
    loss = float(found.lot.losses.sum())
    assert trainer.step().loss == pytest.approx(loss, rel=1e-6)
    assert found.notes == (
        f"dy is the slope of the loss: {number(loss)}, the mean over the 20 samples of the next batch.",
        "The loss spreads 0.1 of each label over all classes; dy has it in it.",
        "The loss counts each class by its own weight; dy has it in it.",
    )
    assert found.around.shape == found.around_gradient.shape == (3, 3)
    assert found.around[2, 1] == np.float32(found.weight)
    assert found.around_gradient[2, 1] == np.float32(found.gradient)


def test_thousands_of_terms_fit_into_an_answer_and_the_rest_is_summed_up() -> None:
    shape = (1, 40, 40)
    graph = chain(
        make("input", shape=shape),
        make("conv2d", out_channels=2, kernel_size=3),
        make("flatten"),
        make("dense", out_features=3),
    )
    trainer = Trainer(graph, data_for(shape), TrainingSettings(batch=64, validation_fraction=0))
    found = asked(trainer, graph.order[1].id, "weight", (0, 0, 1, 1))
    assert found.slopes.total == 64 * 38 * 38
    assert len(found.slopes.parts) == 1500
    assert found.slopes.rest != 0
    size = float(np.abs(found.slopes.parts).max()) * found.slopes.total**0.5
    assert found.slopes.sum == pytest.approx(found.gradient, abs=CLOSE * size)
    assert len(pickle.dumps(found)) < REPORT_BYTES


def test_what_is_not_there_is_said(tiny_graph: Graph, tiny_data: ArrayData) -> None:
    trainer = Trainer(tiny_graph, tiny_data, TrainingSettings())
    for node, parameter, index, sentence in (
        ("conv9", "weight", (0,), "The network in training has no layer 'conv9'. It was drawn after the run began."),
        ("relu1", "weight", (0,), "relu1 has no 'weight' that is trained; it learns nothing. Choose another number."),
        (
            "batch_norm1",
            "running_mean",
            (0,),
            "batch_norm1 has no 'running_mean' that is trained; it learns weight and bias. Choose another number.",
        ),
        ("dense1", "bias", (3,), "dense1.bias has the shape (3,); there is no number at (3,)."),
    ):
        with pytest.raises(InputError) as problem:
            asked(trainer, node, parameter, index)
        assert str(problem.value) == sentence
