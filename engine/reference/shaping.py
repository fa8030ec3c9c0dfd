"""Dense layers, and layers that join, cut or spread what they get."""

from __future__ import annotations

import numpy as np

from engine.reference.windows import Array, Result, Sizes, Span, inner, pad


def dense(x: Array, weight: Array, bias: Array | None = None) -> Result:
    """y[n, o] = bias[o] + sum over i of weight[o, i] * x[n, i]"""

    def pullback(dy: Array) -> dict[str, Array]:
        gradients = {"x": dy @ weight, "weight": dy.T @ x}
        return gradients if bias is None else gradients | {"bias": dy.sum(0)}

    y = x @ weight.T
    return y if bias is None else y + bias, pullback


def flatten(x: Array) -> Result:
    """All channels and pixels in one row."""
    return reshape(x, shape=(x[0].size,))


def reshape(x: Array, *, shape: Sizes) -> Result:
    """The same numbers in the same order, in another shape."""
    return x.reshape(len(x), *shape), lambda dy: {"x": dy.reshape(x.shape)}


def dropout(x: Array, mask: Array, *, p: float) -> Result:
    """x / (1 - p) where the mask is 1, else 0: the mean stays as it is."""
    kept = mask / (1 - p) if p < 1 else np.zeros(mask.shape)
    return x * kept, lambda dy: {"x": dy * kept}


def add(xs: list[Array]) -> Result:
    """The sum of all inputs."""
    return np.stack(xs).sum(0), lambda dy: {"xs": [dy.copy() for _ in xs]}


def multiply(xs: list[Array]) -> Result:
    """The product of all inputs, number by number."""

    def others(i: int) -> Array:
        rest = np.stack([np.ones_like(xs[i]), *xs[:i], *xs[i + 1 :]])
        product: Array = rest.prod(0)
        return product

    return np.stack(xs).prod(0), lambda dy: {"xs": [dy * others(i) for i in range(len(xs))]}


def concatenate(xs: list[Array]) -> Result:
    """The channels of all inputs one after the other."""
    ends = np.cumsum([x.shape[1] for x in xs])[:-1]
    return np.concatenate(xs, 1), lambda dy: {"xs": np.split(dy, ends, axis=1)}


def zero_pad(x: Array, *, padding: tuple[Span, ...]) -> Result:
    """Zeros around each channel."""
    padded, unpad = pad(x, padding)
    return padded, lambda dy: {"x": unpad(dy)}


def crop(x: Array, *, crop: tuple[Span, ...]) -> Result:
    """Without so many pixels at each edge."""
    return x[inner(x.shape[2:], crop)], lambda dy: {"x": np.pad(dy, ((0, 0), (0, 0), *crop))}


def upsample_nearest(x: Array, *, scale: int | Sizes) -> Result:
    """Every pixel becomes a block of equal pixels."""
    return _along_each_axis(x, [np.eye(n).repeat(s, axis=0) for n, s in _scales(x, scale)])


def upsample_bilinear(x: Array, *, scale: int | Sizes) -> Result:
    """Every pixel is a mean of its neighbours, weighted by nearness; pixel centres lie half a pixel inside."""
    return _along_each_axis(x, [_nearness(n, s) for n, s in _scales(x, scale)])


def _scales(x: Array, scale: int | Sizes) -> list[tuple[int, int]]:
    """Size and scale of each axis; one scale may stand for all."""
    space = x.shape[2:]
    return list(zip(space, (scale,) * len(space) if isinstance(scale, int) else scale, strict=True))


def _nearness(size: int, scale: int) -> Array:
    """[i, j]: the share of pixel j in pixel i of the larger image, along one axis."""
    shares = np.zeros((size * scale, size))
    for i in range(size * scale):
        place = max((i + 0.5) / scale - 0.5, 0.0)  # in pixels of the smaller image; its edges go on outside
        left, share = int(place), place - int(place)
        shares[i, left] += 1 - share
        shares[i, min(left + 1, size - 1)] += share
    return shares


def _along_each_axis(x: Array, matrices: list[Array]) -> Result:
    """y = M x along each axis of space with a matrix of its own, so dx = M^T dy."""

    def applied(values: Array, factors: list[Array]) -> Array:
        for axis, matrix in enumerate(factors, 2):
            values = np.moveaxis(np.tensordot(matrix, values, axes=(1, axis)), 0, axis)
        return values

    return applied(x, matrices), lambda dy: {"x": applied(dy, [matrix.T for matrix in matrices])}
