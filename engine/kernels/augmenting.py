"""Samples changed at random, each by its own lots: what happens to one depends on seed, epoch and its number alone."""

from __future__ import annotations

import numpy as np
from numba import prange

from engine.jit import device, kernel

# Places in `strengths`, and the numbers of the lots that decide how much of each is used.
SHIFT, ROTATE, SCALE, SHEAR, ELASTIC, SPACING, FLIP_X, FLIP_Y, BRIGHTNESS, CONTRAST, NOISE, CUTOUT = range(12)
LOTS_OF_FIELD, LOTS_OF_NOISE = 1 << 8, 1 << 20
# How numbers are stored: places in `store`
LOW, HIGH, ROUNDING = range(3)


@device
def mixed(number):  # type: ignore[no-untyped-def]
    """The finaliser of SplitMix64: every bit of the result depends on every bit of the number."""
    number = (number ^ (number >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    number = (number ^ (number >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return number ^ (number >> np.uint64(31))


@device
def lot(stream, number):  # type: ignore[no-untyped-def]
    """A float32 from 0 up to 1."""
    drawn = mixed(stream + np.uint64(number) * np.uint64(0x9E3779B97F4A7C15))
    return np.float32(drawn >> np.uint64(40)) * np.float32(2.0**-24)


@device
def either_way(stream, number, strength):  # type: ignore[no-untyped-def]
    return (lot(stream, number) * np.float32(2) - np.float32(1)) * strength


@device
def bell(stream, number):  # type: ignore[no-untyped-def]
    """Nearly a normal number of spread 1: four uniform ones from the bits of one lot, added."""
    drawn = mixed(stream + np.uint64(number) * np.uint64(0x9E3779B97F4A7C15))
    low = np.uint64(0xFFFF)
    parts = (
        (drawn & low) + ((drawn >> np.uint64(16)) & low) + ((drawn >> np.uint64(32)) & low) + (drawn >> np.uint64(48))
    )
    return (np.float32(parts) * np.float32(2.0**-16) - np.float32(2)) * np.float32(1.7320508)


@device
def spline(t):  # type: ignore[no-untyped-def]
    """The four weights of a cubic B-spline between two points."""
    s = np.float32(1) - t
    sixth = np.float32(1 / 6)
    a, d = s * s * s * sixth, t * t * t * sixth
    b = (np.float32(4) - np.float32(6) * t * t + np.float32(3) * t * t * t) * sixth
    return a, b, np.float32(1) - a - b - d, d


@device
def draw_field(stream, strength, field):  # type: ignore[no-untyped-def]
    # field: [2, GH, GW]: how far the points of a coarse grid wander along y and x
    _, GH, GW = field.shape
    for axis in range(2):
        for i in range(GH):
            for j in range(GW):
                number = LOTS_OF_FIELD + (axis * GH + i) * GW + j
                field[axis, i, j] = either_way(stream, number, strength) * np.float32(1.5)


@device
def bend_row(field, y, spacing, row):  # type: ignore[no-untyped-def]
    # row: [2, GW]: the field between its lines, at height y
    place = np.float32(y) / spacing
    i = int(place)
    a, b, c, d = spline(place - np.float32(i))
    for axis in range(2):
        for j in range(field.shape[2]):
            row[axis, j] = (
                a * field[axis, i, j]
                + b * field[axis, i + 1, j]
                + c * field[axis, i + 2, j]
                + d * field[axis, i + 3, j]
            )


@device
def bend_places(row, spacing, xs, ys):  # type: ignore[no-untyped-def]
    for w in range(len(xs)):
        place = np.float32(w) / spacing
        j = int(place)
        a, b, c, d = spline(place - np.float32(j))
        ys[w] += a * row[0, j] + b * row[0, j + 1] + c * row[0, j + 2] + d * row[0, j + 3]
        xs[w] += a * row[1, j] + b * row[1, j + 1] + c * row[1, j + 2] + d * row[1, j + 3]


@device
def sample_row(images, start, H, W, xs, ys, out, to):  # type: ignore[no-untyped-def]
    """One row of a plane that begins at `start`: each pixel between the four of the picture around its place."""
    one = np.float32(1)
    for w in range(W):
        x, y = xs[w], ys[w]
        left, top = int(x), int(y)
        fx, fy = x - np.float32(left), y - np.float32(top)
        at = start + top * W + left
        right = 1 if left < W - 1 else 0
        below = at + (W if top < H - 1 else 0)
        upper = np.float32(images[at]) * (one - fx) + np.float32(images[at + right]) * fx
        lower = np.float32(images[below]) * (one - fx) + np.float32(images[below + right]) * fx
        out[to + w] = upper * (one - fy) + lower * fy


@kernel
def augment(images, picks, C, D, H, W, key, strengths, fills, unit, store, fields, rows, places, out):  # type: ignore[no-untyped-def]
    # images: [N * C * D * H * W]   picks: [n]   key: seed, epoch   fills: [C]   out: [n * C * D * H * W]
    # fields: [n, 2, GH, GW], rows: [n, 2, GW] and places: [n, 3, W] are room to work in
    # unit: what 1 means for brightness and noise
    area = H * W
    for sample in prange(len(picks)):
        picked = picks[sample]
        stream = mixed(np.uint64(key[0]) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(key[1]) + np.uint64(1))
        stream = mixed(stream ^ (np.uint64(picked) * np.uint64(0xD6E8FEB86659FD93) + np.uint64(1)))
        field, row, spacing = fields[sample], rows[sample], strengths[SPACING]
        xs, ys, values = places[sample, 0], places[sample, 1], places[sample, 2]
        elastic = strengths[ELASTIC] > np.float32(0)
        if elastic:
            draw_field(stream, strengths[ELASTIC], field)
        # From a place in the result to the place in the picture that it shows: turned, leaning, scaled, moved.
        angle = either_way(stream, ROTATE, strengths[ROTATE])
        lean = np.tan(either_way(stream, SHEAR, strengths[SHEAR]))
        size = np.exp(either_way(stream, SCALE, strengths[SCALE]))
        cosine, sine = np.cos(angle) * size, np.sin(angle) * size
        xx, xy, yx, yy = cosine, cosine * lean - sine, sine, sine * lean + cosine
        if lot(stream, FLIP_X) < strengths[FLIP_X]:
            xx, yx = -xx, -yx
        if lot(stream, FLIP_Y) < strengths[FLIP_Y]:
            xy, yy = -xy, -yy
        last_x, last_y = np.float32(W - 1), np.float32(H - 1)
        middle_x, middle_y = last_x / np.float32(2), last_y / np.float32(2)
        to_x = middle_x + either_way(stream, SHIFT, strengths[SHIFT])
        to_y = middle_y + either_way(stream, SHIFT + 64, strengths[SHIFT])
        gain = np.exp(either_way(stream, CONTRAST, strengths[CONTRAST]))
        offset = either_way(stream, BRIGHTNESS, strengths[BRIGHTNESS]) * unit
        side = int(strengths[CUTOUT])
        hole_x = int(lot(stream, CUTOUT) * np.float32(W)) - side // 2
        hole_y = int(lot(stream, CUTOUT + 64) * np.float32(H)) - side // 2
        spread = strengths[NOISE] * unit
        for h in range(H):
            v = np.float32(h) - middle_y
            for w in range(W):
                u = np.float32(w) - middle_x
                xs[w], ys[w] = to_x + xx * u + xy * v, to_y + yx * u + yy * v
            if elastic:
                bend_row(field, h, spacing, row)
                bend_places(row, spacing, xs, ys)
            for w in range(W):  # beyond the edge its last pixel goes on
                xs[w] = min(max(xs[w], np.float32(0)), last_x)
                ys[w] = min(max(ys[w], np.float32(0)), last_y)
            for plane in range(C * D):
                fill = fills[plane // D]
                sample_row(images, (picked * C * D + plane) * area, H, W, xs, ys, values, 0)
                base = fill - fill * gain + offset
                for w in range(W):
                    values[w] = values[w] * gain + base
                if spread > np.float32(0):
                    for w in range(W):
                        values[w] += spread * bell(stream, LOTS_OF_NOISE + (plane * H + h) * W + w)
                if hole_y <= h < hole_y + side or (H == 1 and side > 0):
                    for w in range(max(hole_x, 0), min(hole_x + side, W)):
                        values[w] = fill
                to = (sample * C * D + plane) * area + h * W
                for w in range(W):
                    out[to + w] = min(max(values[w], store[LOW]), store[HIGH]) + store[ROUNDING]


@kernel
def blend(images, partners, shares, store, out):  # type: ignore[no-untyped-def]
    # images, out: [n, C, D, H, W]: each image with its partner, `shares` of its own
    n, C, D, H, W = out.shape
    for sample in prange(n):
        own, partner = shares[sample], partners[sample]
        for c in range(C):
            for d in range(D):
                for h in range(H):
                    for w in range(W):
                        value = images[sample, c, d, h, w] * own + images[partner, c, d, h, w] * (np.float32(1) - own)
                        out[sample, c, d, h, w] = np.float32(value) + store[ROUNDING]
