"""What a network says to a picture, and which picture is looked at."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.pictures import probabilities
from engine.protocol import Ask, Predict, Prediction
from engine.trainer import Trainer

Array = np.ndarray[Any, Any]


def predict(trainer: Trainer, question: Predict) -> Prediction:
    """Probabilities where the network classifies, else its output."""
    network, batches = trainer.network, trainer.training_batches
    scores = network.predict(trainer.normalised(question.image)[None])[0]
    ends_in_softmax = trainer.graph[network.output].layer.is_softmax
    if trainer.loss.counts_hits and not ends_in_softmax:
        scores = probabilities(scores)
    return Prediction(
        question.number,
        scores,
        trainer.loss.counts_hits or ends_in_softmax,
        tuple(map(str, getattr(trainer.data, "classes", ()))),
        tuple(map(float, batches.scale)),
        tuple(map(float, batches.shift)),
    )


def looked_at(trainer: Trainer, message: Ask) -> Array:
    """The picture that is given, normalised; where an edited network does not take it any more, a sample."""
    (shape,) = trainer.network.input_shapes.values()
    if message.image is not None and message.image.shape == shape:
        return trainer.normalised(message.image)
    return trainer.sample(message.sample)
