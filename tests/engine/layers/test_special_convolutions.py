"""Transposed, locally connected and tiled convolutions."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from drawn_layers import Case

from engine import Network, chain, infer, make
from engine.spec import Layer, Shape

LINE, IMAGE, VOLUME = (6, 7), (6, 5, 6), (6, 2, 3, 4)


def described(value: Any) -> str:
    return "-".join(f"{k}={v}" for k, v in value.items()) or "default" if isinstance(value, dict) else ""


@pytest.mark.parametrize("axes", [1, 2, 3])
@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"kernel_size": 3, "stride": 2, "padding": 1, "output_padding": 1},
        {"kernel_size": 3, "stride": 1, "dilation": 2, "groups": 3, "bias": False},
        {"kernel_size": 1, "stride": 2},
    ],
    ids=described,
)
def test_transposed_convolution(axes: int, settings: dict[str, Any], agrees: Callable[..., None]) -> None:
    layer = make(f"transposed_conv{axes}d", out_channels=6, **settings)
    agrees(layer, {1: LINE, 2: IMAGE, 3: VOLUME}[axes])


def test_transposed_convolution_with_settings_of_their_own_for_each_axis(agrees: Callable[..., None]) -> None:
    settings = {"kernel_size": (3, 2), "stride": (2, 1), "padding": (0, 1), "output_padding": (1, 0)}
    agrees(make("transposed_conv2d", out_channels=3, **settings), IMAGE)


def test_a_transposed_convolution_is_the_gradient_of_the_convolution() -> None:
    settings = {"kernel_size": 3, "stride": 2, "padding": 1, "bias": False}
    conv = Network(chain(make("input", shape=(3, 7, 9)), make("conv2d", out_channels=6, **settings)))
    back = Network(chain(make("input", shape=(6, 4, 5)), make("transposed_conv2d", out_channels=3, **settings)))
    back.parameters["transposed_conv1.weight"][...] = conv.parameters["conv1.weight"]
    rng = np.random.default_rng(1)
    x, dy = rng.standard_normal((5, 3, 7, 9)), rng.standard_normal((5, 6, 4, 5))
    np.testing.assert_allclose(conv.pullback(x, dy)["input1"], back.predict(dy), rtol=1e-4, atol=1e-5)


LOCAL = [
    {},
    {"kernel_size": (2, 3), "stride": (2, 1), "padding": (1, 0)},
    {"kernel_size": 3, "stride": 2, "padding": 2, "bias": False},
]


@pytest.mark.parametrize("settings", LOCAL, ids=described)
def test_locally_connected(settings: dict[str, Any], agrees: Callable[..., None]) -> None:
    agrees(make("locally_connected2d", out_channels=3, **settings), (2, 5, 6))


@pytest.mark.parametrize("tile", [1, 2, 3])
@pytest.mark.parametrize("settings", LOCAL, ids=described)
def test_tiled_convolution(settings: dict[str, Any], tile: int, agrees: Callable[..., None]) -> None:
    agrees(make("tiled_conv2d", out_channels=3, tile=tile, **settings), (2, 6, 7))


def test_a_tile_of_one_shares_its_kernel_like_a_convolution() -> None:
    settings = {"out_channels": 3, "kernel_size": 3, "padding": 1}
    tiled = Network(chain(make("input", shape=IMAGE), make("tiled_conv2d", tile=1, **settings)))
    conv = Network(chain(make("input", shape=IMAGE), make("conv2d", **settings)))
    for name in ("weight", "bias"):
        shape = conv.parameters[f"conv1.{name}"].shape
        conv.parameters[f"conv1.{name}"][...] = tiled.parameters[f"tiled_conv1.{name}"].reshape(shape)
    x = np.random.default_rng(1).standard_normal((5, *IMAGE))
    np.testing.assert_allclose(tiled.predict(x), conv.predict(x), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("layer", "shapes", "multiply_adds"),
    [
        (make("transposed_conv2d", out_channels=4, kernel_size=3, groups=2), [(6, 2, 3, 3), (4,)], 6 * 30 * 2 * 9),
        (make("locally_connected2d", out_channels=4), [(4, 3, 4, 6, 3, 3), (4, 3, 4)], 4 * 12 * 54),
        (make("tiled_conv2d", out_channels=4), [(2, 2, 4, 6, 3, 3), (4,)], 4 * 12 * 54),
    ],
    ids=lambda value: value.kind if isinstance(value, Layer) else "",
)
def test_parameters_and_arithmetic(layer: Layer, shapes: list[Shape], multiply_adds: int) -> None:
    assert [p.shape for p in layer.parameters(IMAGE).values()] == shapes
    assert layer.multiply_adds(IMAGE) == multiply_adds
    count = sum(int(np.prod(shape)) for shape in shapes)
    assert layer.arithmetic(IMAGE)[-1].endswith(f"= {count:,}".replace(",", " "))


def test_receptive_fields() -> None:
    fields = [
        infer(Case(layer, (IMAGE,), 1).graph).nodes["layer"].receptive_field
        for layer in (
            make("transposed_conv2d", kernel_size=4, stride=2),
            make("locally_connected2d", kernel_size=3, stride=2, padding=1),
            make("tiled_conv2d", kernel_size=3),
        )
    ]
    found = [(field.size, field.step, field.start) for field in fields if field]
    assert found == [
        ((2, 2), (0.5, 0.5), (-1.0, -1.0)),
        ((3, 3), (2.0, 2.0), (-1.0, -1.0)),
        ((3, 3), (1.0, 1.0), (0.0, 0.0)),
    ]


@pytest.mark.parametrize(
    ("layer", "sentence"),
    [
        (
            make("transposed_conv2d", output_padding=2),
            "layer adds 2 px at the end, which must be less than the stride of 2 px or the dilation. "
            "Use output padding 1 or less.",
        ),
        (
            make("transposed_conv2d", padding=5),
            "layer makes its image 0 px high: 10 px are painted and 10 px of padding cut off. Use padding 4 or less.",
        ),
        (
            make("transposed_conv2d", groups=4),
            "layer splits 6 input channels into 4 groups, which does not come out even. "
            "Use groups that divide 6 and 16.",
        ),
        (
            make("transposed_conv1d"),
            "layer works on 1-D images (channels × long), but its input has the shape 6 × 5 × 6. "
            "Feed it from a layer with 1 axis of space.",
        ),
        (
            make("locally_connected2d", kernel_size=7),
            "layer makes its image 0 px high: the 7 px kernel does not fit into 5 px. "
            "Use padding 1 or more, or a smaller kernel.",
        ),
        (
            make("tiled_conv2d", kernel_size=(3, 9)),
            "layer makes its image 0 px wide: the 9 px kernel does not fit into 6 px. "
            "Use padding 2 or more, or a smaller kernel.",
        ),
    ],
    ids=lambda value: f"{value.kind} {value.brief()}" if isinstance(value, Layer) else "",
)
def test_shapes_that_do_not_fit(layer: Layer, sentence: str, problem: Callable[..., str]) -> None:
    assert problem(layer, IMAGE) == sentence
