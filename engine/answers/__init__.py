"""How each question of `engine.questions` is answered.

A function returns its answer at once, or yields while it works: None for "there is more to do", or an answer.  Between
two yields training goes on, so a piece of work should take no longer than a step.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.answers import (
    features,
    health,
    inside,
    learning,
    loss,
    mistakes,
    nearest,
    prediction,
    profile,
    rates,
    seeing,
)
from engine.protocol import Predict
from engine.questions import CheckHealth, Explain, ExplainLoss, ExplainWeight, Look, MeasureLayers
from engine.questions.features import MapFeatures
from engine.questions.mistakes import FindCell, FindMistakes
from engine.questions.nearest import NearestSamples
from engine.questions.rates import FindRate
from engine.questions.seeing import ExcitingSamples, Kernels, Maps, OneKernel
from engine.trainer import Trainer

ANSWERED_BY: dict[type[Any], Callable[[Trainer, Any], Any]] = {
    Predict: prediction.predict,
    Explain: inside.explain,
    ExplainWeight: learning.explain_weight,
    ExplainLoss: loss.explain_loss,
    Look: inside.look,
    Kernels: seeing.kernels,
    OneKernel: seeing.one_kernel,
    Maps: seeing.maps,
    ExcitingSamples: seeing.exciting_samples,
    MeasureLayers: profile.profile,
    CheckHealth: health.check,
    FindMistakes: mistakes.find_mistakes,
    FindCell: mistakes.find_cell,
    MapFeatures: features.map_features,
    FindRate: rates.find_rate,
    NearestSamples: nearest.nearest_samples,
}


def answer(trainer: Trainer, question: Any) -> Any:
    """What is asked, an iterator of it, or an InputError where the network has no such place."""
    return ANSWERED_BY[type(question)](trainer, question)
