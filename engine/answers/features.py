"""The samples of a part on a plane: PCA at once, t-SNE from there on while it moves."""

from __future__ import annotations

from collections.abc import Iterator
from time import perf_counter
from typing import Any

import numpy as np

from engine.answers.inside import known
from engine.errors import InputError
from engine.features import gather, principal, products, squared_distances
from engine.judgement import usual_part
from engine.numerals import written
from engine.protocol import REPORT_BYTES
from engine.questions.features import PCA, TSNE, MapFeatures, Mapped, Moved, Placed, Portraits
from engine.thumbnails import thumbnails
from engine.trainer import Trainer
from engine.tsne import ITERATIONS, tsne

Array = np.ndarray[Any, Any]
FEWEST, MOST = 10, 2000  # samples
LEAST_PERPLEXITY, MOST_PERPLEXITY = 2.0, 200.0
ROOM = REPORT_BYTES // 2  # for pictures in one answer
PIECE_S = 0.004
FRAME = 10  # iterations between two answers


def map_features(trainer: Trainer, question: MapFeatures) -> Iterator[Placed | Moved | Portraits | Mapped | None]:
    """Where the samples are, what they look like, and where they move."""
    node, part = known(trainer, question.node), usual_part(trainer, question.part)
    _check(question)
    batches, store = trainer.parts[part], trainer.network.store.copy()
    count = min(question.samples, len(batches))
    places = np.sort(np.random.default_rng(question.seed).permutation(len(batches))[:count])
    picks = batches.pool[places]
    features = yield from gather(trainer.network, store, batches, node, picks, question.seed)
    labels = batches.part.labels
    right = labels[picks] if labels.ndim == 1 and np.issubdtype(labels.dtype, np.integer) else np.zeros(0)
    table = yield from products(features.values)
    found = yield from principal(table, question.seed)
    start = np.asarray(found.positions, np.float32)
    yield Placed(
        question.number,
        node,
        question.method,
        part,
        len(batches),
        places + trainer.first_of(part),
        right.astype(np.int64),
        features.said if trainer.loss.counts_hits else features.said[:0],
        tuple(map(str, getattr(trainer.data, "classes", ()))),
        features.values.shape[1],
        features.all,
        start,
        found.shares,
        ITERATIONS if question.method == TSNE else 0,
    )
    if question.pictures:
        yield from _portraits(trainer, question, picks, part)
    if question.method == TSNE:
        yield from _moving(question.number, table, start, question.perplexity)
    yield Mapped(question.number)


def _check(question: MapFeatures) -> None:
    if question.method not in (PCA, TSNE):
        raise InputError(f"Features are mapped by {PCA} or {TSNE}, not by {question.method}.")
    if not FEWEST <= question.samples <= MOST:
        raise InputError(f"A map shows {FEWEST} to {MOST} samples, not {question.samples}.")
    if not LEAST_PERPLEXITY <= question.perplexity <= MOST_PERPLEXITY:
        limits = f"{written(LEAST_PERPLEXITY)} to {written(MOST_PERPLEXITY)}"
        raise InputError(f"The perplexity goes from {limits}; it is {written(question.perplexity)}.")


def _portraits(trainer: Trainer, question: MapFeatures, picks: Array, part: str) -> Iterator[Portraits]:
    sent = 0
    while sent < len(picks):
        pictures = thumbnails(trainer.data, trainer.parts[part], picks[sent:], ROOM)
        yield Portraits(question.number, sent, pictures)
        sent += len(pictures)


def _moving(number: int, table: Array, start: Array, perplexity: float) -> Iterator[Moved | None]:
    began = perf_counter()
    for layout in tsne(squared_distances(table), start, perplexity):
        if layout is not None and (layout.iteration % FRAME == 0 or layout.iteration == ITERATIONS):
            yield Moved(number, layout.positions, layout.iteration)
        elif layout is None or perf_counter() - began > PIECE_S:
            yield None
        else:
            continue
        began = perf_counter()
