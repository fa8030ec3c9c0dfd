"""Training a tiny network from end to end."""

import attrs
import numpy as np
import pytest

from engine import Graph, chain, make
from engine.batches import ArrayData, ArrayPart, Batches
from engine.checkpoint import put_arrays
from engine.divergence import Diverged
from engine.errors import EngineError, FieldError, InputError
from engine.losses import CrossEntropy
from engine.network import Network
from engine.optimizers import Momentum, Sgd, Updater
from engine.progress import EpochResult, StepResult
from engine.rate_finder import find_learning_rate
from engine.schedules import Cosine, OneCycle
from engine.settings import TrainingSettings, settings_from_json
from engine.splitting import split
from engine.trainer import Trainer

SETTINGS = TrainingSettings(learning_rate=0.02, batch=20, epochs=3, validation_fraction=0.2, threads=2)


def train(trainer: Trainer) -> list[StepResult]:
    steps = []
    while not trainer.finished:
        steps.append(trainer.step())
    return steps


def test_learns_and_keeps_its_history(tiny_graph: Graph, tiny_data: ArrayData) -> None:
    trainer = Trainer(tiny_graph, tiny_data, attrs.evolve(SETTINGS, epochs=8))
    steps = train(trainer)
    assert [s.finished_epoch for s in steps if s.finished_epoch] == trainer.history
    assert trainer.history[-1].train_loss < trainer.history[0].train_loss
    assert trainer.history[-1].test_accuracy > 0.9
    assert trainer.phase == "finished"
    assert [s.phase for s in steps[:7]] == ["training"] * 4 + ["validation"] + ["test"] * 2
    assert [s.samples for s in steps[:7]] == [20, 20, 20, 12, 18, 20, 20]  # the last batch is smaller, and is trained
    weighted = sum(s.loss * s.samples for s in steps[:4]), sum(s.accuracy * s.samples for s in steps[:4])
    assert (trainer.history[0].train_loss, trainer.history[0].train_accuracy) == pytest.approx(
        (weighted[0] / 72, weighted[1] / 72)
    )
    with pytest.raises(EngineError, match=r"^Training is finished; there is no further step\.$"):
        trainer.step()


def test_steps_are_what_the_library_does_by_hand(tiny_data: ArrayData) -> None:
    graph = chain(make("input", shape=(1, 8, 8)), make("flatten"), make("dense", out_features=3))
    settings = attrs.evolve(SETTINGS, validation_fraction=0.0, epochs=1, optimizer=Momentum(), schedule=Cosine())
    trainer = Trainer(graph, tiny_data, settings)
    network = Network(graph, seed=settings.seed)
    updater = Updater(Momentum(), network.store)
    order = Batches(tiny_data.train, tiny_data.mean, tiny_data.std, seed=settings.seed).order(0)
    for number in range(5):
        picks = order[number * 20 : number * 20 + 20]
        x = (tiny_data.train.images[picks] / 255 - 0.3) / 0.2
        loss = network.backpropagate(x, tiny_data.train.labels[picks], loss=CrossEntropy())
        updater.step(settings.learning_rate * Cosine().factor(number, 5))
        assert trainer.step().loss == pytest.approx(loss, rel=1e-5)
    np.testing.assert_allclose(trainer.network.store.values, network.store.values, rtol=1e-4, atol=1e-6)


def test_layers_that_draw_lots_know_seed_and_step(tiny_graph: Graph, tiny_data: ArrayData) -> None:
    trainer = Trainer(tiny_graph, tiny_data, attrs.evolve(SETTINGS, seed=11))
    seen = []
    for _ in range(3):
        trainer.step()
        seen.append(trainer.network.store.random.tolist())
    assert seen == [[11, 0], [11, 1], [11, 2]]


def test_same_bits_with_any_number_of_threads(tiny_graph: Graph, tiny_data: ArrayData) -> None:
    results = set()
    for threads in (1, 2, 3):
        trainer = Trainer(tiny_graph, tiny_data, attrs.evolve(SETTINGS, threads=threads, clip_norm=1.0, epochs=2))
        train(trainer)
        results.add((trainer.network.store.values.tobytes(), tuple(trainer.history)))
    assert len(results) == 1


def test_every_sample_is_seen_once_an_epoch_in_another_order(tiny_data: ArrayData) -> None:
    batches = Batches(tiny_data.train, tiny_data.mean, tiny_data.std, seed=7)
    first, second = batches.order(0).copy(), batches.order(1).copy()
    assert sorted(first) == sorted(second) == list(range(90))
    assert first.tolist() != second.tolist()
    assert batches.order(0).tolist() == first.tolist()


def test_validation_holds_its_share_of_every_class() -> None:
    labels = np.repeat([0, 1, 2], [50, 20, 10])
    kept, held = split(labels, 0.2, seed=3)
    assert np.bincount(labels[held]).tolist() == [10, 4, 2]
    assert sorted([*kept, *held]) == list(range(80))
    assert split(labels, 0.2, seed=3)[1].tolist() == held.tolist() != split(labels, 0.2, seed=4)[1].tolist()


def test_accuracy_comes_from_what_the_network_said(tiny_data: ArrayData) -> None:
    graph = chain(make("input", shape=(1, 8, 8)), make("flatten"), make("dense", out_features=3))
    trainer = Trainer(graph, tiny_data, attrs.evolve(SETTINGS, validation_fraction=0.0, batch=90, learning_rate=0.0))
    x = (tiny_data.train.images / 255 - 0.3) / 0.2
    right = (trainer.network.predict(x).argmax(axis=1) == tiny_data.train.labels).mean()
    assert trainer.step().accuracy == pytest.approx(right)


def test_a_last_softmax_is_part_of_the_loss(tiny_graph: Graph, tiny_data: ArrayData) -> None:
    with_softmax = tiny_graph.add(make("softmax"), tiny_graph.nodes[-1].id)
    results = []
    for graph in (tiny_graph, with_softmax):
        trainer = Trainer(graph, tiny_data, attrs.evolve(SETTINGS, epochs=1))
        train(trainer)
        results.append((trainer.network.store.values.tobytes(), trainer.history))
    assert results[0] == results[1]
    assert trainer.network.predict(np.zeros((1, 1, 8, 8))).sum() == pytest.approx(1)


def test_stops_early_and_keeps_the_best_epoch(tiny_graph: Graph, tiny_data: ArrayData) -> None:
    trainer = Trainer(tiny_graph, tiny_data, attrs.evolve(SETTINGS, epochs=50, patience=2))
    kept = {}
    while not trainer.finished:
        if trainer.step().finished_epoch:
            kept[trainer.progress.epoch] = trainer.network.store.values.copy()
    assert trainer.progress.epoch == trainer.progress.best_epoch + 2 < 50
    best = max(trainer.history, key=lambda line: (line.validation_accuracy, -line.validation_loss))
    assert best.epoch == trainer.progress.best_epoch
    values = kept[best.epoch]
    for name, array in trainer.network.store.named(values).items():
        assert trainer.best_arrays[name].tobytes() == array.tobytes()
    assert trainer.best_evaluations["validation"].top1 == best.validation_accuracy


def test_learning_rate_and_batch_change_while_training(tiny_graph: Graph, tiny_data: ArrayData) -> None:
    trainer = Trainer(tiny_graph, tiny_data, SETTINGS)
    assert (trainer.step().samples, trainer.total_steps) == (20, 12)
    trainer.set_learning_rate(0.5)
    trainer.set_batch(40)
    assert trainer.total_steps == 1 + 2 + 2 * 2
    steps = [trainer.step(), trainer.step()]
    assert [(s.samples, s.learning_rate) for s in steps] == [(40, 0.5), (12, 0.5)]
    train(trainer)
    assert [line.steps for line in trainer.history] == [3, 5, 7]


def test_trains_an_autoencoder_on_its_own_input(tiny_data: ArrayData) -> None:
    graph = chain(make("input", shape=(1, 8, 8)), make("conv2d", out_channels=1, kernel_size=3, padding=1))
    settings = attrs.evolve(SETTINGS, loss="mean_squared_error", epochs=4)
    trainer = Trainer(graph, tiny_data, settings)
    train(trainer)
    assert trainer.history[-1].test_loss < trainer.history[0].train_loss
    assert trainer.history[-1].train_accuracy is None
    x = (tiny_data.test.images / 255 - 0.3) / 0.2
    error = ((trainer.network.predict(x) - x) ** 2).mean()
    assert trainer.history[-1].test_loss == pytest.approx(error, rel=1e-4)


@pytest.mark.parametrize("loss", ["binary_cross_entropy", "mean_squared_error"])
def test_trains_one_output_for_each_class(tiny_graph: Graph, tiny_data: ArrayData, loss: str) -> None:
    trainer = Trainer(tiny_graph, tiny_data, attrs.evolve(SETTINGS, loss=loss))
    train(trainer)
    assert trainer.history[-1].train_loss < trainer.history[0].train_loss


def test_a_loss_that_explodes_is_explained(tiny_data: ArrayData) -> None:
    graph = chain(
        make("input", shape=(1, 8, 8)),
        make("flatten"),
        make("dense", out_features=8),
        make("relu"),
        make("dense", out_features=3),
    )
    trainer = Trainer(graph, tiny_data, attrs.evolve(SETTINGS, epochs=50))
    trainer.step()
    trainer.network.parameters["dense1.weight"][...] = np.inf
    with pytest.raises(Diverged) as caught:
        trainer.step()
    assert str(caught.value) == (
        "Training stopped at step 2 in epoch 1: the loss is not a number any more. "
        "The first layer whose values left the finite range is dense1. "
        "Try a smaller learning rate than 0.02, gradient clipping (clip_norm 1) or a warm-up; "
        "the last checkpoint is still good."
    )
    assert (caught.value.step, caught.value.node) == (2, "dense1")


def test_weights_that_are_not_finite_are_not_saved(tiny_graph: Graph, tiny_data: ArrayData) -> None:
    trainer = Trainer(tiny_graph, tiny_data, attrs.evolve(SETTINGS, clip_norm=1.0))
    trainer.network.parameters["conv1.weight"][0, 0, 0, 0] = np.nan
    with pytest.raises(Diverged) as caught:
        trainer.state()
    assert str(caught.value) == (
        "Training stopped at step 1 in epoch 1: conv1.weight holds numbers that are not finite. "
        "The first layer whose values left the finite range is conv1. "
        "Try a smaller learning rate than 0.02 or a warm-up; the last checkpoint is still good."
    )


def test_finds_a_learning_rate_without_touching_the_run(tiny_graph: Graph, tiny_data: ArrayData) -> None:
    trainer = Trainer(tiny_graph, tiny_data, SETTINGS)
    trainer.step()
    before = trainer.network.store.values.tobytes()
    pairs = list(find_learning_rate(trainer, low=1e-4, high=10.0, steps=30))
    alike = Trainer(tiny_graph, tiny_data, attrs.evolve(SETTINGS, validation_fraction=0.0))
    put_arrays(alike.network.store.arrays, trainer.network.store.arrays)
    assert pairs[0][1] == alike.step().loss
    rates = [rate for rate, _ in pairs]
    assert rates == sorted(rates)
    assert rates[0] == 1e-4
    assert trainer.network.store.values.tobytes() == before
    assert trainer.progress.steps == 1


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"patience": 2, "validation_fraction": 0.0},
            "Stopping early needs a validation part; give validation_fraction a value above 0.",
        ),
        ({"class_weights": (1.0, 2.0)}, "There are 2 class weights for 3 classes."),
        (
            {"loss": "mean_squared_error", "label_smoothing": 0.1},
            "Label smoothing and class weights belong to cross_entropy; the loss is mean_squared_error.",
        ),
    ],
)
def test_settings_that_cannot_be_are_refused(
    tiny_graph: Graph, tiny_data: ArrayData, changes: dict, message: str
) -> None:
    with pytest.raises(EngineError) as caught:
        Trainer(tiny_graph, tiny_data, attrs.evolve(SETTINGS, **changes))
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("part", "message"),
    [
        (
            ArrayPart(np.zeros((4, 3, 8, 8), np.uint8), np.zeros(4, int)),
            "The samples of the data set are 3 × 8 × 8 (channels first); the network takes 1 × 8 × "
            "8. Change the shape of its input, or choose other data.",
        ),
        (
            ArrayPart(np.zeros((4, 1, 8, 8), np.uint8), np.full(4, 3)),
            "A label is 3, but the network tells 3 classes apart: labels go from 0 to 2.",
        ),
        (
            ArrayPart(np.zeros((4, 1, 8, 8), np.uint8), np.zeros(3, int)),
            "There are 4 samples and 3 labels; each sample needs one.",
        ),
        (ArrayPart(np.zeros((0, 1, 8, 8), np.uint8), np.zeros(0, int)), "The data set holds no samples."),
    ],
)
def test_data_that_does_not_fit_is_refused(tiny_graph: Graph, part: ArrayPart, message: str) -> None:
    with pytest.raises(EngineError) as caught:
        Trainer(tiny_graph, ArrayData(part), attrs.evolve(SETTINGS, validation_fraction=0.0))
    assert str(caught.value) == message


def test_output_without_targets_is_refused(tiny_data: ArrayData) -> None:
    graph = chain(make("input", shape=(1, 8, 8)), make("conv2d", out_channels=2, kernel_size=3))
    with pytest.raises(InputError) as caught:
        Trainer(graph, tiny_data, attrs.evolve(SETTINGS, loss="mean_squared_error"))
    assert str(caught.value) == (
        "The network's output is 2 × 6 × 6, for which the data has no targets. "
        "It should have one output a class, or the shape of its input."
    )


def test_settings_round_trip_through_json() -> None:
    settings = attrs.evolve(
        SETTINGS, optimizer=Sgd(momentum=0.5), schedule=OneCycle(warm_up=3), class_weights=(1, 2, 0.5), patience=4
    )
    assert settings_from_json(settings.to_json()) == settings
    assert settings_from_json({"optimizer": "sgd"}).optimizer == Sgd()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ([], "Training settings must be a JSON object."),
        ({"batch": 0}, "batch must be a whole number from 1 to 65536 samples; 0 was given."),
        (
            {"optimizer": {"kind": "adamm"}},
            "optimizer must be one of sgd, momentum, nesterov, rmsprop, adam, adamw, adagrad, "
            "adadelta; 'adamm' was given.",
        ),
        ({"schedule": {"kind": "constant", "end": 1}}, "The schedule constant has no field 'end'; there are warm_up."),
        (
            {"class_weights": [0, 0]},
            "class_weights must be numbers from 0 that are not all 0, one for each class; [0, 0] was given.",
        ),
    ],
)
def test_settings_from_anybody_are_checked(content: object, message: str) -> None:
    with pytest.raises((EngineError, FieldError)) as caught:
        settings_from_json(content)
    assert str(caught.value) == message


def test_history_lines_hold_what_was_measured(tiny_graph: Graph, tiny_data: ArrayData) -> None:
    trainer = Trainer(tiny_graph, tiny_data, attrs.evolve(SETTINGS, epochs=1))
    train(trainer)
    line = trainer.history[0]
    x = (tiny_data.test.images / 255 - 0.3) / 0.2
    logits = trainer.network.predict(x).astype(np.float64)
    surprise = np.log(np.exp(logits).sum(axis=1)) - logits[np.arange(len(x)), tiny_data.test.labels]
    assert isinstance(line, EpochResult)
    assert line.test_loss == pytest.approx(surprise.mean(), rel=1e-5)
    assert line.test_accuracy == (logits.argmax(axis=1) == tiny_data.test.labels).mean()


def test_samples_to_look_at_are_numbered_through_all_parts(tiny_graph: Graph, tiny_data: ArrayData) -> None:
    trainer = Trainer(tiny_graph, tiny_data, TrainingSettings(batch=20, validation_fraction=0.2))
    parts = trainer.parts
    assert [(name, len(batches)) for name, batches in parts.items()] == [
        ("validation", 18),
        ("test", 40),
        ("training", 72),
    ]
    assert [trainer.first_of(name) for name in parts] == [0, 18, 58]
    for number, (name, place) in {5: ("validation", 5), 18: ("test", 0), 129: ("training", 71)}.items():
        batches, pick = trainer.place(number)
        assert (batches, pick) == (parts[name], parts[name].pool[place])
        assert np.array_equal(trainer.sample(number), batches.normalised(np.array([pick])).reshape(1, 8, 8))
    assert trainer.place(130 + 5) == trainer.place(5)  # after the last one they begin again
