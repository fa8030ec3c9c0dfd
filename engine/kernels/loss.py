"""Losses: the mean over samples, and the gradient that starts backpropagation.

Lanes from `count` on hold no sample: their gradient is zero, so nothing behind them is ever counted.
"""

from __future__ import annotations

import numpy as np
from numba import prange

from engine.jit import LANES, kernel


@kernel
def cross_entropy(z, targets, others, shares, weights, smoothing, count, dz, losses):  # type: ignore[no-untyped-def]
    # z, dz: [blocks, K, D, H, W, LANES] logits   targets, others: [samples * D * H * W]   weights: [K]
    # shares: [samples] how much the target counts, and its `other` the rest: samples may be blends of two
    # losses: one for each sample, already divided, so that their sum is the mean
    blocks, K, D, H, W, _ = z.shape
    area = D * H * W
    total_weight = np.float32(0)
    for i in range(count[0] * area):
        part = shares[i // area]
        total_weight += part * weights[targets[i]] + (np.float32(1) - part) * weights[others[i]]
    share = np.float32(1) / total_weight
    even = np.float32(smoothing) / np.float32(K)
    for sample in prange(blocks * LANES):
        n, lane = sample // LANES, sample % LANES
        loss = np.float32(0)
        for i in range(area):
            d, h, w = i // (H * W), i // W % H, i % W
            if sample >= count[0]:
                for k in range(K):
                    dz[n, k, d, h, w, lane] = 0
                continue
            highest, total, smooth, weight_sum = z[n, 0, d, h, w, lane], np.float32(0), np.float32(0), np.float32(0)
            for k in range(1, K):
                highest = max(highest, z[n, k, d, h, w, lane])
            for k in range(K):
                shifted = z[n, k, d, h, w, lane] - highest
                e = np.exp(shifted)
                dz[n, k, d, h, w, lane] = e
                total += e
                smooth += weights[k] * shifted
                weight_sum += weights[k]
            target, other, sure = targets[sample * area + i], others[sample * area + i], np.float32(1) - smoothing
            logarithm = np.log(total)
            own = shares[sample] * weights[target] * sure
            rest = (np.float32(1) - shares[sample]) * weights[other] * sure
            loss += own * (logarithm - (z[n, target, d, h, w, lane] - highest)) + even * (
                weight_sum * logarithm - smooth
            )
            if rest > 0:
                loss += rest * (logarithm - (z[n, other, d, h, w, lane] - highest))
            for k in range(K):
                wanted = even * weights[k] + (own if k == target else np.float32(0))
                wanted += rest if k == other else np.float32(0)
                probability = dz[n, k, d, h, w, lane] / total
                dz[n, k, d, h, w, lane] = (probability * (own + rest + even * weight_sum) - wanted) * share
        losses[sample] = loss * share


@kernel
def binary_cross_entropy(z, targets, count, dz, losses):  # type: ignore[no-untyped-def]
    # z, dz: [blocks, K, D, H, W, LANES] logits   targets: [samples, K * D * H * W], flat
    blocks, K, D, H, W, _ = z.shape
    area = D * H * W
    share = np.float32(1) / np.float32(count[0] * K * area)
    for sample in prange(blocks * LANES):
        n, lane = sample // LANES, sample % LANES
        loss = np.float32(0)
        for i in range(K * area):
            k, d, h, w = i // area, i // (H * W) % D, i // W % H, i % W
            if sample >= count[0]:
                dz[n, k, d, h, w, lane] = 0
                continue
            value, target = z[n, k, d, h, w, lane], targets[sample * K * area + i]
            small = np.exp(-abs(value))
            loss += max(value, np.float32(0)) - value * target + np.log1p(small)
            positive = np.float32(1) / (np.float32(1) + small)
            sigmoid = positive if value >= 0 else small * positive
            dz[n, k, d, h, w, lane] = (sigmoid - target) * share
        losses[sample] = loss * share


@kernel
def mean_squared_error(z, targets, count, dz, losses):  # type: ignore[no-untyped-def]
    # z, dz: [blocks, K, D, H, W, LANES]   targets: [samples, K * D * H * W], flat
    blocks, K, D, H, W, _ = z.shape
    area = D * H * W
    share = np.float32(1) / np.float32(count[0] * K * area)
    for sample in prange(blocks * LANES):
        n, lane = sample // LANES, sample % LANES
        loss = np.float32(0)
        for i in range(K * area):
            k, d, h, w = i // area, i // (H * W) % D, i // W % H, i % W
            if sample >= count[0]:
                dz[n, k, d, h, w, lane] = 0
                continue
            difference = z[n, k, d, h, w, lane] - targets[sample * K * area + i]
            loss += difference * difference
            dz[n, k, d, h, w, lane] = np.float32(2) * difference * share
        losses[sample] = loss * share
