"""Small examples that can be checked with pencil and paper."""

from math import e, log, sqrt

import numpy as np
import pytest
from numpy.testing import assert_allclose

from engine import reference

SQUARE = np.arange(1.0, 17).reshape(1, 1, 4, 4)  # 1 2 3 4 / 5 6 7 8 / 9 10 11 12 / 13 14 15 16
PLAIN = {"stride": (1, 1), "padding": ((0, 0), (0, 0)), "dilation": (1, 1)}


def pooled(x: np.ndarray, **settings: object) -> np.ndarray:
    plain = {"kernel_size": (2,), "stride": (2,), "padding": (0,), "dilation": (1,)}
    return reference.max_pooling(np.asarray(x, float).reshape(1, 1, -1), **plain | settings)[0].ravel()


def averaged(x: list[float], **settings: object) -> np.ndarray:
    plain = {"kernel_size": (2,), "stride": (2,), "padding": (0,)}
    return reference.average_pooling(np.asarray(x, float).reshape(1, 1, -1), **plain | settings)[0].ravel()


def test_a_kernel_is_not_turned_around() -> None:
    y, _ = reference.convolution(
        np.array([[[1.0, 2, 3, 4]]]), np.array([[[0.0, 0, 1]]]), stride=(1,), padding=((0, 0),), dilation=(1,)
    )
    assert_allclose(y, [[[3, 4]]])


def test_sobel_finds_the_slope() -> None:
    sobel = np.array([[[[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]]]])
    y, pullback = reference.convolution(SQUARE, sobel, np.array([0.5]), **PLAIN)
    assert_allclose(y, np.full((1, 1, 2, 2), 8.5))  # each row rises by 2 over the kernel, with weights 1 + 2 + 1
    first = np.zeros((1, 1, 2, 2))
    first[0, 0, 0, 0] = 1
    gradients = pullback(first)
    assert_allclose(gradients["x"], np.pad(sobel, ((0, 0), (0, 0), (0, 1), (0, 1))))
    assert_allclose(gradients["weight"], SQUARE[:, :, :3, :3])
    assert_allclose(gradients["bias"], [1])


def test_without_bias_there_is_no_gradient_for_it() -> None:
    y, pullback = reference.convolution(SQUARE, np.ones((1, 1, 2, 2)), **PLAIN)
    assert set(pullback(y)) == {"x", "weight"}


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("zeros", [0, 0, 1, 2, 3, 0]),
        ("reflect", [3, 2, 1, 2, 3, 2]),
        ("replicate", [1, 1, 1, 2, 3, 3]),
        ("circular", [2, 3, 1, 2, 3, 1]),
    ],
)
def test_padding_modes(mode: str, expected: list[float]) -> None:
    x, kernel = np.array([[[1.0, 2, 3]]]), np.ones((1, 1, 1))
    y, _ = reference.convolution(x, kernel, stride=(1,), padding=((2, 1),), dilation=(1,), padding_mode=mode)
    assert_allclose(y.ravel(), expected)


def test_a_transposed_convolution_stamps_its_kernel() -> None:
    x, kernel = np.array([[[1.0, 10]]]), np.array([[[1.0, 2, 3]]])
    settings = {"stride": (2,), "padding": (0,), "output_padding": (1,), "dilation": (1,)}
    assert_allclose(reference.transposed_convolution(x, kernel, **settings)[0].ravel(), [1, 2, 13, 20, 30, 0])
    assert_allclose(
        reference.transposed_convolution(x, kernel, **settings | {"padding": (1,)})[0].ravel(), [2, 13, 20, 30]
    )


def test_tiled_kernels_take_turns() -> None:
    kernels = np.array([[1.0, 10], [100, 1000]]).reshape(2, 2, 1, 1, 1, 1)
    y, _ = reference.tiled_convolution(np.ones((1, 1, 3, 3)), kernels, stride=(1, 1), padding=((0, 0), (0, 0)))
    assert_allclose(y[0, 0], [[1, 10, 1], [100, 1000, 100], [1, 10, 1]])


def test_locally_connected_positions_have_kernels_of_their_own() -> None:
    kernels = np.array([1.0, 2, 3]).reshape(1, 1, 3, 1, 1, 1)
    y, _ = reference.locally_connected(np.full((1, 1, 1, 3), 7.0), kernels, stride=(1, 1), padding=((0, 0), (0, 0)))
    assert_allclose(y.ravel(), [7, 14, 21])


def test_the_first_of_equal_maxima_wins() -> None:
    x = np.array([[[[3.0, 5], [5, 5]]]])
    settings = {"kernel_size": (2, 2), "stride": (2, 2), "padding": (0, 0), "dilation": (1, 1)}
    for _, pullback in (reference.max_pooling(x, **settings), reference.global_max(x)):
        assert_allclose(pullback(np.ones((1, 1, 1, 1)))["x"], [[[[0, 1], [0, 0]]]])


def test_max_pooling_never_takes_padding() -> None:
    assert_allclose(pooled([-3, -1, -2], padding=(1,)), [-3, -1])


def test_ceil_mode_takes_a_last_window_only_if_it_starts_inside() -> None:
    assert_allclose(pooled([1, 2, 3, 4, 5]), [2, 4])
    assert_allclose(pooled([1, 2, 3, 4, 5], ceil_mode=True), [2, 4, 5])
    assert_allclose(pooled([1, 2, 3, 4, 5], kernel_size=(1,), stride=(3,), ceil_mode=True), [1, 4])
    assert_allclose(pooled([1, 2, 3], padding=(1,), ceil_mode=True), [1, 3])  # a third would start at the right padding


def test_averages_count_padding_only_if_asked_to() -> None:
    assert_allclose(averaged([6, 2, 4], padding=(1,)), [3, 3])
    assert_allclose(averaged([6, 2, 4], padding=(1,), count_include_pad=False), [6, 3])
    assert_allclose(averaged([6, 2, 4], ceil_mode=True), [4, 4])  # what lies beyond the padding is never counted


def test_adaptive_averages_cover_everything() -> None:
    y, _ = reference.adaptive_average(np.arange(1.0, 6).reshape(1, 1, 5), output_size=(3,))
    assert_allclose(y.ravel(), [1.5, 3, 4.5])  # pixels 0-1, 1-3, 3-4


def test_upsampling() -> None:
    x = np.array([[[0.0, 4]]])
    assert_allclose(reference.upsample_nearest(x, scale=2)[0].ravel(), [0, 0, 4, 4])
    assert_allclose(reference.upsample_bilinear(x, scale=2)[0].ravel(), [0, 1, 3, 4])


def test_dropout_keeps_the_mean() -> None:
    y, pullback = reference.dropout(np.array([[1.0, 2]]), np.array([[1, 0]]), p=0.75)
    assert_allclose(y, [[4, 0]])
    assert_allclose(pullback(np.ones((1, 2)))["x"], [[4, 0]])
    assert_allclose(reference.dropout(np.ones((1, 2)), np.zeros((1, 2)), p=1.0)[0], [[0, 0]])


def test_batch_norm_of_two_numbers() -> None:
    y, pullback = reference.batch_norm(np.array([[1.0], [3]]), np.array([2.0]), np.array([10.0]), eps=0.0)
    assert_allclose(y, [[8], [12]])
    assert_allclose(pullback(np.array([[0.25], [7]]))["x"], [[0], [0]], atol=1e-12)  # y is always 8 and 12
    measured = np.array([1.0]), np.array([4.0])
    y, _ = reference.batch_norm_inference(np.array([[5.0]]), np.array([2.0]), np.array([10.0]), *measured, eps=0.0)
    assert_allclose(y, [[14]])


def test_local_response_norm_of_three_channels() -> None:
    y, _ = reference.local_response_norm(np.array([[[1.0], [2], [3]]]), size=3, alpha=3.0, beta=0.5, k=4.0)
    assert_allclose(y.ravel(), [1 / 3, 2 / sqrt(18), 3 / sqrt(17)])


def test_activations_at_well_known_points() -> None:
    x = np.array([[-3.0, 0, 3]])
    assert_allclose(reference.relu(x)[0], [[0, 0, 3]])
    assert_allclose(reference.leaky_relu(x, negative_slope=0.1)[0], [[-0.3, 0, 3]])
    assert_allclose(reference.prelu(x, np.array([0.5, 1, 1]))[0], [[-1.5, 0, 3]])
    assert_allclose(reference.elu(x, alpha=2.0)[0], [[2 * (e**-3 - 1), 0, 3]])
    assert_allclose(reference.sigmoid(np.array([[0, log(3)]]))[0], [[0.5, 0.75]])
    assert_allclose(reference.tanh(np.array([[log(2)]]))[0], [[0.6]])
    assert_allclose(reference.softplus(np.array([[0, log(3)]]))[0], [[log(2), log(4)]])
    assert_allclose(reference.silu(np.array([[0, log(3)]]))[0], [[0, 0.75 * log(3)]])
    assert_allclose(reference.gelu(np.array([[0.0, 1]]))[0], [[0, 0.8413447460685429]])
    assert_allclose(reference.hard_swish(np.array([[-4.0, -3, 0, 1, 3, 4]]))[0], [[0, 0, 0, 2 / 3, 3, 4]])
    assert_allclose(reference.softmax(np.log([[1.0, 2, 5]]))[0], [[0.125, 0.25, 0.625]])


@pytest.mark.parametrize("size", [-1e4, 1e4])
def test_very_large_numbers_overflow_nowhere(size: float) -> None:
    x = np.array([[size, 0.0]])
    for name in ("elu", "gelu", "hard_swish", "sigmoid", "silu", "softmax", "softplus", "tanh"):
        y, pullback = getattr(reference, name)(x, **({"alpha": 1.0} if name == "elu" else {}))
        assert np.isfinite(y).all(), name
        assert np.isfinite(pullback(np.ones_like(x))["x"]).all(), name
    assert_allclose(reference.cross_entropy(x, np.array([0]))[0], max(0, -size))
    assert_allclose(reference.binary_cross_entropy(x, np.array([[1.0, 1]]))[0], (max(0, -size) + log(2)) / 2)


def test_losses_of_the_clueless() -> None:
    assert_allclose(reference.cross_entropy(np.zeros((2, 10)), np.array([3, 7]))[0], log(10))
    assert_allclose(reference.binary_cross_entropy(np.zeros((2, 3)), np.ones((2, 3)))[0], log(2))
    loss, pullback = reference.mean_squared_error(np.array([[1.0, 5]]), np.array([[2.0, 2]]))
    assert_allclose(loss, 5)
    assert_allclose(pullback(np.float64(1))["prediction"], [[-1, 3]])


def test_cross_entropy_pulls_probabilities_towards_the_target() -> None:
    logits = np.log([[1.0, 3]])
    loss, pullback = reference.cross_entropy(logits, np.array([0]))
    assert_allclose(loss, log(4))
    assert_allclose(pullback(np.float64(1))["logits"], [[-0.75, 0.75]])
    loss, pullback = reference.cross_entropy(logits, np.array([0]), label_smoothing=0.5)
    assert_allclose(loss, 0.75 * log(4) + 0.25 * log(4 / 3))
    assert_allclose(pullback(np.float64(1))["logits"], [[-0.5, 0.5]])


def test_cross_entropy_weighs_classes() -> None:
    loss, _ = reference.cross_entropy(np.log([[1.0, 3], [1, 1]]), np.array([0, 1]), class_weights=np.array([3.0, 1]))
    assert_allclose(loss, (3 * log(4) + log(2)) / 4)


def test_first_steps_of_the_optimisers() -> None:
    updates, w, g = reference.updates, np.array([1.0, 1]), np.array([0.5, -4])
    assert_allclose(updates.sgd(w, g, {}, lr=0.1)[0], [0.95, 1.4])
    assert_allclose(updates.sgd(w, g, {}, lr=0.1, weight_decay=1.0)[0], [0.85, 1.3])
    assert_allclose(updates.sgd(w, g, {}, lr=0.1, momentum=0.5, nesterov=True)[0], [0.925, 1.6])
    assert_allclose(updates.adam(w, g, {}, lr=0.1, eps=0.0)[0], [0.9, 1.1])  # Adam's first step ignores how steep it is
    assert_allclose(updates.adamw(w, g, {}, lr=0.1, eps=0.0, weight_decay=0.5)[0], [0.85, 1.05])
    assert_allclose(updates.adagrad(w, g, {}, lr=0.1, eps=0.0)[0], [0.9, 1.1])
    assert_allclose(updates.rmsprop(w, g, {}, lr=0.1, alpha=0.75, eps=0.0)[0], [0.8, 1.2])
    assert_allclose(updates.adadelta(w, g, {}, rho=0.75, eps=1e-12)[0], [1 - 2e-6, 1 + 2e-6])


def test_momentum_remembers() -> None:
    w, state = reference.updates.sgd(np.array([0.0]), np.array([1.0]), {}, lr=1.0, momentum=0.5)
    w, state = reference.updates.sgd(w, np.array([0.0]), state, lr=1.0, momentum=0.5)
    assert_allclose(w, [-1.5])


def test_clipping_keeps_the_direction() -> None:
    clipped = reference.updates.clip_norm([np.array([3.0]), np.array([[4.0, 0]])], max_norm=1.0)
    assert_allclose(np.concatenate([gradient.ravel() for gradient in clipped]), [0.6, 0.8, 0], rtol=1e-6)
    assert_allclose(reference.updates.clip_norm([np.array([3.0])], max_norm=5.0), [[3.0]])
    assert_allclose(reference.updates.clip_norm([np.zeros(2)], max_norm=1.0), [[0, 0]])
