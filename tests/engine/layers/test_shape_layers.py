"""Layers that change the shape and not the numbers, or mix neighbours alone."""

from collections.abc import Callable

import numpy as np
import pytest

from engine import Network, chain, infer, make
from engine.spec import Layer, Shape

LINE, IMAGE, VOLUME = (3, 7), (2, 5, 6), (2, 3, 4, 5)


@pytest.mark.parametrize("shape", [LINE, IMAGE, VOLUME], ids=["1-D", "2-D", "3-D"])
@pytest.mark.parametrize(
    "layer",
    [
        make("zero_pad", low=2, high=1),
        make("zero_pad", low=0, high=3),
        make("crop", low=1, high=0),
        make("crop", low=0, high=2),
        make("upsample_nearest", scale=3),
        make("upsample_bilinear", scale=2),
        make("upsample_bilinear", scale=3),
    ],
    ids=lambda layer: f"{layer.kind} {layer.brief()}",
)
def test_agrees_with_the_reference(layer: Layer, shape: Shape, agrees: Callable[..., None]) -> None:
    agrees(layer, shape)


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (make("flatten"), IMAGE),
        (make("flatten"), (9,)),
        (make("reshape", shape=(6, 10)), IMAGE),
        (make("reshape", shape=(3, 2, 2, 5)), (60,)),
        (make("reshape", shape=IMAGE), IMAGE),
    ],
)
def test_other_shapes_of_the_same_numbers(layer: Layer, shape: Shape, agrees: Callable[..., None]) -> None:
    agrees(layer, shape)


def test_flatten_and_reshape_undo_each_other_between_convolutions() -> None:
    shape = (2, 6, 6)
    around = [make("conv2d", out_channels=2, kernel_size=3, padding=1), make("conv2d", out_channels=2, kernel_size=3)]
    plain = Network(chain(make("input", shape=shape), *around))
    there_and_back = (make("flatten"), make("reshape", shape=shape))
    bent = Network(chain(make("input", shape=shape), around[0], *there_and_back, around[1]))
    for name, array in plain.parameters.items():
        bent.parameters[name][...] = array
    rng = np.random.default_rng(1)
    x, dy = rng.standard_normal((17, *shape)), rng.standard_normal((17, 2, 4, 4))
    np.testing.assert_array_equal(bent.predict(x), plain.predict(x))
    wanted, found = plain.pullback(x, dy), bent.pullback(x, dy)
    for name, gradient in wanted.items():
        np.testing.assert_allclose(found[name], gradient, rtol=1e-5, atol=1e-5, err_msg=name)


def test_bilinear_follows_pytorch_without_aligned_corners() -> None:
    network = Network(chain(make("input", shape=(1, 2)), make("upsample_bilinear")))
    np.testing.assert_allclose(network.predict([[[0.0, 4.0]]]), [[[0.0, 1.0, 3.0, 4.0]]], rtol=1e-6)


@pytest.mark.parametrize(
    ("layer", "size", "step", "start"),
    [
        (make("zero_pad", low=2, high=0), (1, 1), (1.0, 1.0), (-2.0, -2.0)),
        (make("crop", low=1, high=0), (1, 1), (1.0, 1.0), (1.0, 1.0)),
        (make("upsample_nearest", scale=2), (1, 1), (0.5, 0.5), (0.0, 0.0)),
        (make("upsample_bilinear", scale=2), (2, 2), (0.5, 0.5), (-0.5, -0.5)),
    ],
    ids=lambda value: value.kind if isinstance(value, Layer) else "",
)
def test_receptive_fields(layer: Layer, size: object, step: object, start: object) -> None:
    field = infer(chain(make("input", shape=IMAGE), layer)).nodes[layer.kind + "1"].receptive_field
    assert field is not None
    assert (field.size, field.step, field.start) == (size, step, start)


def test_shapes_that_do_not_fit(problem: Callable[..., str]) -> None:
    assert problem(make("reshape", shape=(4, 4)), IMAGE) == (
        "layer cannot see 2 × 5 × 6 as 4 × 4: that is 60 numbers against 16. Choose sizes whose product is 60."
    )
    assert problem(make("crop", low=2, high=3), IMAGE) == (
        "layer cuts off 5 px, and its input is 5 px across: nothing would be left. Cut off at most 4 px."
    )
    for kind, verb in (("crop", "crops"), ("zero_pad", "pads"), ("upsample_nearest", "enlarges")):
        sentence = f"layer {verb} images, but its input is a row of features. Put it before Flatten."
        assert problem(make(kind), (9,)) == sentence
    assert problem(make("upsample_bilinear"), (9,)) == (
        "layer enlarges images, but its input is a row of features. Put it before Flatten."
    )


def test_limits(refusal: Callable[..., str]) -> None:
    assert refusal(make, "zero_pad", low=-1) == "low must be a whole number from 0 to 4096 px; -1 was given."
    assert refusal(make, "upsample_nearest", scale=65) == "scale must be a whole number from 1 to 64 ×; 65 was given."
    assert refusal(make, "reshape", shape=()) == (
        "shape must be one to four whole numbers from 1 to 1048576; () was given."
    )
