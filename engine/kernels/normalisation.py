"""Normalisation: over a channel of the whole batch, over parts of one sample, or over neighbouring channels.

Unused lanes are kept out of a batch's statistics, and their gradient is zero.
"""

from __future__ import annotations

import numpy as np
from numba import prange

from engine.jit import LANES, device, kernel
from engine.kernels.mathematics import power
from engine.kernels.simd import (
    fold,
    lane_mask,
    load,
    load_rows,
    maximum,
    put,
    square_root,
    steps,
    store,
    sum_lanes,
    zeros,
)


@device
def row_sum(x, row, W):  # type: ignore[no-untyped-def]
    """The sum of a row's vectors, four at a time so that additions need not wait for each other."""
    four, one = zeros(1, 4), zeros(1, 1)
    for w in range(0, W - 3, 4):
        four = four + load(x, row + w * LANES, 0, LANES, 1, 4)
    for w in range(W - W % 4, W):
        one = one + load(x, row + w * LANES, 0, 0, 1, 1)
    return fold(four) + one


@device
def row_squares(x, row, W, mean):  # type: ignore[no-untyped-def]
    """The sum of a row's squared distances from the mean."""
    four, one = zeros(1, 4), zeros(1, 1)
    for w in range(0, W - 3, 4):
        difference = load(x, row + w * LANES, 0, LANES, 1, 4) - mean
        four = four + difference * difference
    for w in range(W - W % 4, W):
        difference = load(x, row + w * LANES, 0, 0, 1, 1) - mean
        one = one + difference * difference
    return fold(four) + one


@kernel
def batch_norm_statistics(x, running_mean, running_var, momentum, eps, count, statistics):  # type: ignore[no-untyped-def]
    # statistics: [C, 2]: mean, 1 / sqrt(variance + eps)
    blocks, C, D, H, W, _ = x.shape
    xn, xc, xd, xh = steps(x)
    numbers = np.float32(count[0] * D * H * W)
    for c in prange(C):
        total = zeros(1, 1)
        for n in range(blocks):
            part = zeros(1, 1)
            for d in range(D):
                for h in range(H):
                    part = part + row_sum(x, n * xn + c * xc + d * xd + h * xh, W)
            total = total + part * lane_mask(count[0] - n * LANES, 1, 1)
        mean = sum_lanes(total) / numbers
        squares = zeros(1, 1)
        for n in range(blocks):
            part = zeros(1, 1)
            for d in range(D):
                for h in range(H):
                    part = part + row_squares(x, n * xn + c * xc + d * xd + h * xh, W, mean)
            squares = squares + part * lane_mask(count[0] - n * LANES, 1, 1)
        spread = sum_lanes(squares)
        statistics[2 * c] = mean
        statistics[2 * c + 1] = np.float32(1) / np.sqrt(spread / numbers + np.float32(eps))
        keep = np.float32(1) - np.float32(momentum)
        running_mean[c] = keep * running_mean[c] + np.float32(momentum) * mean
        unbiased = spread / max(numbers - np.float32(1), np.float32(1))
        running_var[c] = keep * running_var[c] + np.float32(momentum) * unbiased


@kernel
def batch_norm_running(running_mean, running_var, eps, statistics):  # type: ignore[no-untyped-def]
    """The statistics that training has measured, in the form of `batch_norm_statistics`."""
    for c in prange(running_mean.size):
        statistics[2 * c] = running_mean[c]
        statistics[2 * c + 1] = np.float32(1) / np.sqrt(running_var[c] + np.float32(eps))


@kernel
def batch_norm_forward(x, statistics, weight, bias, y, relu):  # type: ignore[no-untyped-def]
    blocks, C, D, H, W, _ = y.shape
    xn, xc, xd, xh = steps(x)
    yn, yc, yd, yh = steps(y)
    floor_value = 0.0 if relu else -float("inf")
    for task in prange(C * blocks):  # channel by channel: what the statistics have just read is still in the cache
        c, n = task // blocks, task % blocks
        scale = weight[c] * statistics[2 * c + 1]
        shift = bias[c] - statistics[2 * c] * scale
        for d in range(D):
            for h in range(H):
                at, to = n * xn + c * xc + d * xd + h * xh, n * yn + c * yc + d * yd + h * yh
                for i in range(0, W * LANES, LANES):
                    store(maximum(load(x, at + i, 0, 0, 1, 1) * scale + shift, floor_value), y, to + i, 0, 0)


@kernel
def batch_norm_backward(x, dy, statistics, weight, dw, db, count, dx, gate, mode, wants_dx):  # type: ignore[no-untyped-def]
    # dx = weight * inverse * (dy - mean(dy) - normal * mean(dy * normal))
    blocks, C, D, H, W, _ = x.shape
    xn, xc, xd, xh = steps(x)
    yn, yc, yd, yh = steps(dy)
    dn, dc, dd, dh = steps(dx)
    gn, gc, gd, gh = steps(gate)
    share = np.float32(1) / np.float32(count[0] * D * H * W)
    for c in prange(C):
        mean, inverse = statistics[2 * c], statistics[2 * c + 1]
        errors, products = zeros(1, 4), zeros(1, 4)
        last_errors, last_products = zeros(1, 1), zeros(1, 1)
        for n in range(blocks):
            for d in range(D):
                for h in range(H):
                    at, by = n * xn + c * xc + d * xd + h * xh, n * yn + c * yc + d * yd + h * yh
                    for w in range(0, W - 3, 4):
                        error = load(dy, by + w * LANES, 0, LANES, 1, 4)
                        errors = errors + error
                        products = products + error * (load(x, at + w * LANES, 0, LANES, 1, 4) - mean)
                    for w in range(W - W % 4, W):
                        error = load(dy, by + w * LANES, 0, 0, 1, 1)
                        last_errors = last_errors + error
                        last_products = last_products + error * (load(x, at + w * LANES, 0, 0, 1, 1) - mean)
        db[c] = sum_lanes(errors) + sum_lanes(last_errors)
        dw[c] = (sum_lanes(products) + sum_lanes(last_products)) * inverse
        if wants_dx:
            scale = weight[c] * inverse
            slope = -scale * dw[c] * share * inverse
            shift = -scale * db[c] * share - slope * mean
            for n in range(blocks):
                used = lane_mask(count[0] - n * LANES, 1, 1)
                for d in range(D):
                    for h in range(H):
                        at, by = n * xn + c * xc + d * xd + h * xh, n * yn + c * yc + d * yd + h * yh
                        to, through = n * dn + c * dc + d * dd + h * dh, n * gn + c * gc + d * gd + h * gh
                        for i in range(0, W * LANES, LANES):
                            error, pixel = load(dy, by + i, 0, 0, 1, 1), load(x, at + i, 0, 0, 1, 1)
                            result = (error * scale + pixel * slope + shift) * used
                            put(result, dx, to + i, 0, 0, gate, through + i, 0, 0, mode, 0)


@kernel
def group_norm_forward(x, weight, bias, w_channel, w_pixel, eps, groups, statistics, y):  # type: ignore[no-untyped-def]
    """Mean and variance of each sample's group of channels, lane by lane.

    The weight of channel c and pixel i is number c * w_channel + i * w_pixel.
    """
    # statistics: [blocks, groups, 2, LANES]: mean, 1 / sqrt(variance + eps)
    blocks, C, D, H, W, _ = y.shape
    xn, xc, xd, xh = steps(x)
    yn, yc, yd, yh = steps(y)
    depth = C // groups
    share = np.float32(1) / np.float32(depth * D * H * W)
    for task in prange(blocks * groups):
        n, first = task // groups, task % groups * depth
        mean, spread = zeros(1, 1), zeros(1, 1)
        for row in range(depth * D * H):
            at = n * xn + (first + row // (D * H)) * xc + row // H % D * xd + row % H * xh
            mean = mean + row_sum(x, at, W)
        mean = mean * share
        for row in range(depth * D * H):
            at = n * xn + (first + row // (D * H)) * xc + row // H % D * xd + row % H * xh
            for i in range(0, W * LANES, LANES):
                difference = load(x, at + i, 0, 0, 1, 1) - mean
                spread = spread + difference * difference
        inverse = 1.0 / square_root(spread * share + eps)
        store(mean, statistics, 2 * task * LANES, 0, 0)
        store(inverse, statistics, (2 * task + 1) * LANES, 0, 0)
        for row in range(depth * D * H):
            c, d, h = first + row // (D * H), row // H % D, row % H
            at, to = n * xn + c * xc + d * xd + h * xh, n * yn + c * yc + d * yd + h * yh
            own = c * w_channel + (d * H + h) * W * w_pixel
            for w in range(W):
                normal = (load(x, at + w * LANES, 0, 0, 1, 1) - mean) * inverse
                k = own + w * w_pixel
                store(normal * load_rows(weight, k, 0, 1, 1) + load_rows(bias, k, 0, 1, 1), y, to + w * LANES, 0, 0)


@kernel
def group_norm_backward(x, dy, statistics, weight, w_channel, w_pixel, groups, dx, gate, mode):  # type: ignore[no-untyped-def]
    blocks, C, D, H, W, _ = dx.shape
    xn, xc, xd, xh = steps(x)
    yn, yc, yd, yh = steps(dy)
    dn, dc, dd, dh = steps(dx)
    gn, gc, gd, gh = steps(gate)
    depth = C // groups
    share = np.float32(1) / np.float32(depth * D * H * W)
    for task in prange(blocks * groups):
        n, first = task // groups, task % groups * depth
        mean, inverse = (
            load(statistics, 2 * task * LANES, 0, 0, 1, 1),
            load(statistics, (2 * task + 1) * LANES, 0, 0, 1, 1),
        )
        errors, products = zeros(1, 1), zeros(1, 1)
        for row in range(depth * D * H):
            c, d, h = first + row // (D * H), row // H % D, row % H
            at, by = n * xn + c * xc + d * xd + h * xh, n * yn + c * yc + d * yd + h * yh
            own = c * w_channel + (d * H + h) * W * w_pixel
            for w in range(W):
                error = load(dy, by + w * LANES, 0, 0, 1, 1) * load_rows(weight, own + w * w_pixel, 0, 1, 1)
                errors = errors + error
                products = products + error * (load(x, at + w * LANES, 0, 0, 1, 1) - mean)
        errors, products = errors * share, products * share * inverse * inverse
        for row in range(depth * D * H):
            c, d, h = first + row // (D * H), row // H % D, row % H
            at, by = n * xn + c * xc + d * xd + h * xh, n * yn + c * yc + d * yd + h * yh
            to, through = n * dn + c * dc + d * dd + h * dh, n * gn + c * gc + d * gd + h * gh
            own = c * w_channel + (d * H + h) * W * w_pixel
            for w in range(W):
                i = w * LANES
                error = load(dy, by + i, 0, 0, 1, 1) * load_rows(weight, own + w * w_pixel, 0, 1, 1)
                result = (error - errors - (load(x, at + i, 0, 0, 1, 1) - mean) * products) * inverse
                put(result, dx, to + i, 0, 0, gate, through + i, 0, 0, mode, 0)


@kernel
def group_norm_weight_gradient(x, dy, statistics, w_pixel, groups, dw, db):  # type: ignore[no-untyped-def]
    """One weight for each channel (w_pixel 0), or for each number."""
    blocks, C, D, H, W, _ = x.shape
    xn, xc, xd, xh = steps(x)
    yn, yc, yd, yh = steps(dy)
    area = D * H * W
    for k in prange(dw.size):
        c = k // area if w_pixel else k
        first, last = (k % area, k % area + 1) if w_pixel else (0, area)
        products, errors = zeros(1, 1), zeros(1, 1)
        for n in range(blocks):
            at = 2 * (n * groups + c * groups // C) * LANES
            mean, inverse = load(statistics, at, 0, 0, 1, 1), load(statistics, at + LANES, 0, 0, 1, 1)
            for i in range(first, last):
                d, h, w = i // (H * W), i // W % H, i % W
                error = load(dy, n * yn + c * yc + d * yd + h * yh + w * LANES, 0, 0, 1, 1)
                pixel = load(x, n * xn + c * xc + d * xd + h * xh + w * LANES, 0, 0, 1, 1)
                products = products + error * (pixel - mean) * inverse
                errors = errors + error
        dw[k], db[k] = sum_lanes(products), sum_lanes(errors)


@device
def neighbours(x, at, xc, c, C, size, alpha, k):  # type: ignore[no-untyped-def]
    """k + alpha / size * sum of squares over the channels around c"""
    total = zeros(1, 1)
    for other in range(max(0, c - size // 2), min(C, c + (size - 1) // 2 + 1)):
        pixel = load(x, at + other * xc, 0, 0, 1, 1)
        total = total + pixel * pixel
    return total * (alpha / np.float32(size)) + k


@kernel
def local_response_forward(x, size, alpha, beta, k, y):  # type: ignore[no-untyped-def]
    blocks, C, D, H, W, _ = y.shape
    xn, xc, xd, xh = steps(x)
    yn, yc, yd, yh = steps(y)
    for task in prange(blocks * D * H):
        n, d, h = task // (D * H), task // H % D, task % H
        for i in range(0, W * LANES, LANES):
            at, to = n * xn + d * xd + h * xh + i, n * yn + d * yd + h * yh + i
            for c in range(C):
                base = neighbours(x, at, xc, c, C, size, alpha, k)
                store(load(x, at + c * xc, 0, 0, 1, 1) * power(base, -beta), y, to + c * yc, 0, 0)


@kernel
def local_response_backward(x, dy, size, alpha, beta, k, dx, gate, mode):  # type: ignore[no-untyped-def]
    blocks, C, D, H, W, _ = dx.shape
    xn, xc, xd, xh = steps(x)
    yn, yc, yd, yh = steps(dy)
    dn, dc, dd, dh = steps(dx)
    gn, gc, gd, gh = steps(gate)
    factor = np.float32(-2) * beta * alpha / np.float32(size)
    for task in prange(blocks * D * H):
        n, d, h = task // (D * H), task // H % D, task % H
        for i in range(0, W * LANES, LANES):
            at, by = n * xn + d * xd + h * xh + i, n * yn + d * yd + h * yh + i
            to, through = n * dn + d * dd + h * dh + i, n * gn + d * gd + h * gh + i
            for c in range(C):
                base = neighbours(x, at, xc, c, C, size, alpha, k)
                result = load(dy, by + c * yc, 0, 0, 1, 1) * power(base, -beta)
                inner = zeros(1, 1)
                # The channels that count c among their neighbours.
                for other in range(max(0, c - (size - 1) // 2), min(C, c + size // 2 + 1)):
                    around = neighbours(x, at, xc, other, C, size, alpha, k)
                    pixel, error = load(x, at + other * xc, 0, 0, 1, 1), load(dy, by + other * yc, 0, 0, 1, 1)
                    inner = inner + error * pixel * power(around, -beta - np.float32(1))
                result = result + inner * load(x, at + c * xc, 0, 0, 1, 1) * factor
                put(result, dx, to + c * dc, 0, 0, gate, through + c * gc, 0, 0, mode, 0)
