"""Measures a trained network on a part of the data."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.batches import Batches, Part, check_fits
from engine.losses import CrossEntropy, Loss
from engine.metrics import Evaluation, Tally
from engine.network import Network
from engine.targets import loss_sum, targets_of

SAMPLES = 256  # at a time
SMALLEST = 1e-37  # probability whose logarithm is taken; smaller ones are no float32


def evaluate(network: Network, part: Part, mean: Any, std: Any, loss: Loss | None = None) -> Evaluation:
    """Loss, accuracy and confusion of a network on labelled samples, which are normalised with `mean` and `std`."""
    measure, shape = loss or CrossEntropy(), next(iter(network.input_shapes.values()))
    check_fits(part, shape)
    batches = Batches(part, mean, std)
    targets = targets_of(batches, measure, network.output_shape, shape)
    tally = Tally(network.output_shape[0] if measure.counts_hits else None)
    ends_in_softmax = network.graph[network.output].layer.is_softmax and measure.includes_softmax
    for start in range(0, len(batches), SAMPLES):
        picks = batches.picks(0, start, SAMPLES)
        scores = network.predict(batches.normalised(picks).reshape(len(picks), *shape))
        if ends_in_softmax:
            scores = np.log(np.maximum(scores, SMALLEST))
        wanted = targets(picks)
        tally.add(scores, wanted, loss_sum(measure, scores, wanted))
    return tally.result()
