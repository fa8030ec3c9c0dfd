"""Samples that are changed at random: the mathematics, the lots, and what is refused."""

import attrs
import numpy as np
import pytest

from engine import Graph, chain, jit, make
from engine.augmentation import PRESETS, TYPICAL, Augmentation, parse
from engine.augmenter import Augmenter
from engine.batches import ArrayData, ArrayPart, Batches
from engine.checkpoint import capture
from engine.checkpoint import resume as resumed
from engine.errors import EngineError, FieldError
from engine.losses import CrossEntropy
from engine.network import Network
from engine.settings import TrainingSettings, settings_from_json
from engine.trainer import Trainer

ALL = Augmentation(
    shift=2, rotate=20, scale=0.2, shear=10, elastic=1.5, flip="both", brightness=0.1, contrast=0.2, noise=0.1, cutout=4
)


def batches(images: np.ndarray, mean: float = 0.0, std: float = 1.0) -> Batches:
    channels = images.shape[1]
    return Batches(ArrayPart(images, np.zeros(len(images), np.int64)), (mean,) * channels, (std,) * channels)


def ramp(count: int = 6, size: int = 21) -> np.ndarray:
    """Pictures of a plane, 1 higher with each pixel to the right and 4 with each pixel down."""
    h, w = np.mgrid[:size, :size].astype(np.float32)
    return np.repeat((w + 4 * h)[None, None], count, axis=0)


def slopes(image: np.ndarray) -> tuple[float, float]:
    """How much the middle of a picture rises with each pixel to the right, and with each pixel down."""
    middle = image[..., 7:14, 7:14]
    across, down = np.diff(middle, axis=-1), np.diff(middle, axis=-2)
    assert np.ptp(across) < 1e-3
    assert np.ptp(down) < 1e-3  # a plane stays a plane
    return float(across.mean()), float(down.mean())


def changed(augmentation: Augmentation, images: np.ndarray, epoch: int = 0, seed: int = 0) -> np.ndarray:
    return Augmenter(augmentation, batches(images), seed)(np.arange(len(images)), epoch, 0).images.copy()


def test_turning_turns_every_sample_by_its_own_angle_and_keeps_lengths() -> None:
    found = [slopes(image) for image in changed(Augmentation(rotate=15), ramp())[:, 0, 0]]
    angles = [np.degrees(np.arctan2(4, 1) - np.arctan2(down, across)) for across, down in found]
    assert all(np.hypot(*pair) == pytest.approx(np.hypot(1, 4), rel=1e-4) for pair in found)
    assert all(abs(angle) <= 15 for angle in angles)
    assert np.ptp(angles) > 5


def test_scaling_changes_steepness_alone() -> None:
    for image in changed(Augmentation(scale=0.25), ramp())[:, 0, 0]:
        across, down = slopes(image)
        assert down / across == pytest.approx(4, rel=1e-3)
        assert 1 / 1.25 - 1e-3 <= across <= 1.25 + 1e-3


def test_shearing_keeps_what_is_level() -> None:
    for image in changed(Augmentation(shear=20), ramp())[:, 0, 0]:
        across, down = slopes(image)
        assert across == pytest.approx(1, rel=1e-3)
        assert abs(down - 4) <= np.tan(np.radians(20)) + 1e-3


def test_shifting_moves_by_up_to_so_many_pixels() -> None:
    middles = changed(Augmentation(shift=3), ramp(40))[:, 0, 0, 10, 10] - 50
    assert np.abs(middles).max() <= 3 + 12 + 1e-3
    assert np.abs(middles).max() > 8


def test_mirroring_takes_about_half_of_the_samples() -> None:
    images = ramp(64)
    across = changed(Augmentation(flip="horizontal"), images)
    mirrored = [np.array_equal(image, images[0, :, :, ::-1][:, None]) for image in across]
    untouched = [np.array_equal(image[:, 0], images[0]) for image in across]
    assert sum(mirrored) + sum(untouched) == 64
    assert 20 < sum(mirrored) < 44
    down = changed(Augmentation(flip="vertical"), images)
    assert any(np.array_equal(image[:, 0], images[0, :, ::-1]) for image in down)


def test_bending_is_smooth_and_reaches_as_far_as_was_said() -> None:
    w = np.broadcast_to(np.arange(28, dtype=np.float32), (28, 28))
    moved = changed(Augmentation(elastic=2, smoothness=7), np.repeat(w[None, None], 30, axis=0))[:, 0, 0] - w
    assert 1 < np.abs(moved).max() <= 3
    assert np.abs(np.diff(moved[:, :, 4:-4], axis=1)).max() < 1


def test_contrast_and_brightness_keep_the_mean_of_the_channel_as_the_middle() -> None:
    images = ramp()
    source = batches(images, mean=50.0, std=10.0)
    gained = Augmenter(Augmentation(contrast=1), source, 0)(np.arange(6), 0, 0).images[:, 0, 0]
    factors = (gained - 50)[:, 0, 0] / -50
    assert (factors >= 0.5).all()
    assert (factors <= 2).all()
    np.testing.assert_allclose(gained, 50 + factors[:, None, None] * (images[:, 0] - 50), rtol=1e-4, atol=1e-3)
    lit = Augmenter(Augmentation(brightness=0.5), source, 0)(np.arange(6), 0, 0).images[:, 0, 0] - images[:, 0]
    assert np.ptp(lit.reshape(6, -1), axis=1).max() < 1e-4
    assert np.abs(lit).max() <= 5.001


def test_noise_is_normal_and_each_pixel_has_its_own() -> None:
    noisy = changed(Augmentation(noise=0.5), np.zeros((4, 2, 32, 32), np.float32))
    assert noisy.std() == pytest.approx(0.5, rel=0.05)
    assert abs(noisy.mean()) < 0.03
    assert abs(np.corrcoef(noisy[0].reshape(-1), noisy[1].reshape(-1))[0, 1]) < 0.1
    assert abs(np.corrcoef(noisy[0, 0].reshape(-1), noisy[0, 1].reshape(-1))[0, 1]) < 0.1


def test_cutout_blots_out_one_square_with_the_mean() -> None:
    source = batches(np.full((20, 1, 16, 16), 200, np.uint8), mean=0.2)
    cut = Augmenter(Augmentation(cutout=4), source, 0)(np.arange(20), 0, 0).images
    assert set(np.unique(cut)) == {51, 200}
    sizes = (cut == 51).sum(axis=(1, 2, 3, 4))
    assert sizes.max() == 16  # a square over the edge is smaller
    assert sizes.min() >= 4


def test_bytes_stay_bytes_and_without_strength_nothing_changes() -> None:
    images = np.random.default_rng(0).integers(0, 256, (5, 3, 12, 10), np.uint8)
    assert np.array_equal(changed(Augmentation(), images)[:, :, 0], images)
    assert changed(ALL, images).dtype == np.uint8


def test_the_lots_of_a_sample_depend_on_seed_epoch_and_sample_alone() -> None:
    images = np.random.default_rng(0).integers(0, 256, (40, 1, 14, 14), np.uint8)
    augmenter = Augmenter(ALL, batches(images), seed=3)
    together = augmenter(np.arange(40), 5, 0).images.copy()
    for number in (0, 17, 39):
        assert np.array_equal(augmenter(np.array([number]), 5, number).images[0], together[number])
    for epoch, seed in ((6, 3), (5, 4)):
        assert not np.array_equal(Augmenter(ALL, batches(images), seed)(np.arange(40), epoch, 0).images, together)
    for threads in (1, 3):
        jit.set_threads(threads)
        assert np.array_equal(augmenter(np.arange(40), 5, 0).images, together)


def test_signals_move_along_their_axis() -> None:
    signals = np.arange(40, dtype=np.float32).reshape(1, 1, 40).repeat(8, axis=0)
    moved = changed(Augmentation(shift=5), signals)[:, 0, 0, 0] - signals[:, 0]
    assert (np.ptp(moved[:, 8:-8], axis=1) < 1e-3).all()
    assert np.ptp(moved[:, 20]) > 3


def test_mix_up_blends_a_batch_with_itself() -> None:
    images = np.stack([np.full((1, 4, 4), v, np.float32) for v in range(16)])
    found = Augmenter(Augmentation(mix_up=0.4), batches(images), 0)(np.arange(16), 0, 0)
    assert found.blend is not None
    assert sorted(found.blend.partners) == list(range(16))
    assert (found.blend.shares >= 0.5).all()
    expected = found.blend.shares * np.arange(16) + (1 - found.blend.shares) * found.blend.partners
    np.testing.assert_allclose(found.images[:, 0, 0, 0, 0], expected, rtol=1e-6)


def test_the_loss_of_blended_samples_is_the_blend_of_their_losses() -> None:
    network = Network(chain(make("input", shape=(1, 6)), make("flatten"), make("dense", out_features=4)))
    x = np.random.default_rng(0).normal(size=(3, 1, 6)).astype(np.float32)
    own, others, shares = np.array([0, 1, 3]), np.array([1, 2, 0]), np.array([0.75, 0.5, 1.0])
    weights = np.linspace(0.5, 2, 4)
    training = network.training(3, CrossEntropy(class_weights=tuple(weights)))
    training.targets[:3], training.others[:3], training.shares[:3] = own, others, shares
    network.load(training.plan, {"input1": x})
    training.plan.forward()
    training.plan.backward()
    z = network.predict(x).astype(np.float64)
    probabilities = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    first, second = shares * weights[own], (1 - shares) * weights[others]
    wanted = first[:, None] * np.eye(4)[own] + second[:, None] * np.eye(4)[others]
    total = (first + second).sum()
    assert training.losses[:3].sum() == pytest.approx(-(wanted * np.log(probabilities)).sum() / total, rel=1e-5)
    slope = ((first + second)[:, None] * probabilities - wanted).sum(axis=0) / total
    np.testing.assert_allclose(network.store.gradient_arrays["dense1.bias"], slope, rtol=1e-4, atol=1e-6)


def test_training_with_everything_gives_the_same_bits_after_a_resume(tiny_graph: Graph, tiny_data: ArrayData) -> None:
    augmentation = attrs.evolve(ALL, mix_up=0.4)
    settings = TrainingSettings(batch=16, epochs=2, threads=2, augmentation=augmentation)
    whole, parted = (Trainer(tiny_graph, tiny_data, settings) for _ in range(2))
    for _ in range(3):
        parted.step()
    parted = resumed(capture(parted), tiny_data)
    while not whole.finished:
        whole.step()
    while not parted.finished:
        parted.step()
    for name, array in whole.network.parameters.items():
        assert np.array_equal(array, parted.network.parameters[name]), name
    assert whole.history == parted.history
    plain = Trainer(tiny_graph, tiny_data, attrs.evolve(settings, augmentation=Augmentation()))
    assert plain.step().loss != whole.history[0].train_loss


def test_settings_keep_their_augmentation() -> None:
    settings = TrainingSettings(augmentation=ALL)
    assert settings_from_json(settings.to_json()) == settings
    with pytest.raises(FieldError, match=r"^The augmentation has no field 'shfit'; there are brightness, contrast, "):
        settings_from_json({"augmentation": {"shfit": 2}})
    with pytest.raises(FieldError, match=r"^The augmentation must be a JSON object\.$"):
        settings_from_json({"augmentation": "digits"})


@pytest.mark.parametrize("name", TYPICAL)
def test_a_bare_name_has_a_strength_that_does_something(name: str) -> None:
    assert parse(name).changes == (name,)


def test_text_and_augmentation_say_the_same() -> None:
    assert parse("shift=3, noise=0.2,flip=vertical,cutout=5") == Augmentation(
        shift=3.0, noise=0.2, flip="vertical", cutout=5
    )
    for augmentation in (ALL, *PRESETS.values(), Augmentation(elastic=2.0, smoothness=9.0)):
        assert parse(augmentation.text) == augmentation
    assert parse("digits") is PRESETS["digits"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("blur", r"^There is no augmentation 'blur'; there are none, digits, photos, shift, rotate, scale, "),
        ("smoothness", r"^There is no augmentation 'smoothness'; "),
        ("shift=far", r"^shift must be a number from 0 to 64 px; 'far' was given\.$"),
        ("shift=-1", r"^shift must be a number from 0 to 64 px; -1\.0 was given\.$"),
        ("flip=up", r"^flip must be one of none, horizontal, vertical, both; 'up' was given\.$"),
    ],
)
def test_what_is_wrong_with_a_text_is_said(text: str, sentence: str) -> None:
    with pytest.raises(EngineError, match=sentence):
        parse(text)


@pytest.mark.parametrize(
    ("augmentation", "sample", "places", "sentence"),
    [
        (Augmentation(rotate=5), (1, 40), False, r"^rotate needs images; these samples are signals\. Set it to 0\.$"),
        (Augmentation(flip="both"), (1, 40), False, r"^Signals can be mirrored horizontally only\. Set flip to "),
        (Augmentation(shift=1), (1, 8, 8), True, r"^shift would move the pixels but not what the network should "),
        (Augmentation(mix_up=0.2), (1, 8, 8), True, r"^mix_up would move the pixels but not what the network "),
    ],
)
def test_what_does_not_suit_the_samples_is_refused(
    augmentation: Augmentation, sample: tuple[int, ...], places: bool, sentence: str
) -> None:
    with pytest.raises(FieldError, match=sentence):
        augmentation.check_fits(sample, labels_are_places=places)


def test_training_refuses_what_does_not_suit_its_data() -> None:
    graph = chain(make("input", shape=(1, 12)), make("flatten"), make("dense", out_features=2))
    data = ArrayData(ArrayPart(np.zeros((8, 1, 12), np.float32), np.arange(8) % 2))
    with pytest.raises(FieldError, match=r"^rotate needs images; "):
        Trainer(graph, data, TrainingSettings(augmentation=Augmentation(rotate=5)))
