"""Mistakes as a table and as pictures; what was said to every sample is kept for what is asked next."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from time import perf_counter
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from engine.judgement import Judgement, judge, usual_part
from engine.protocol import REPORT_BYTES
from engine.questions.mistakes import CellFound, Counting, FindCell, FindMistakes, MistakesFound, Samples
from engine.thumbnails import thumbnails
from engine.trainer import Trainer

Array = np.ndarray[Any, Any]
MOST_CLASSES = 100  # of a table
ROOM = REPORT_BYTES - 96 * 1024  # for pictures; the rest is for numbers
TELL_S = 0.1  # between two words on how far it is

_newest: WeakKeyDictionary[Trainer, Judgement] = WeakKeyDictionary()


def find_mistakes(trainer: Trainer, question: FindMistakes) -> Iterator[MistakesFound | Counting | None]:
    """Judges every sample of a part."""
    found = yield from _judgement(trainer, question.number, usual_part(trainer, question.part))
    evaluation, confusion = found.evaluation, _confusion(found)
    classes = _most_mistaken(confusion)
    yield MistakesFound(
        question.number,
        found.part,
        tuple(trainer.parts),
        found.step,
        tuple(map(str, getattr(trainer.data, "classes", ()))),
        evaluation.loss,
        evaluation.top1 or 0.0,
        evaluation.samples,
        classes,
        confusion[np.ix_(classes, classes)].astype(np.int32),
        _numbers(evaluation.precision()),
        _numbers(evaluation.recall()),
        _numbers(evaluation.f1()),
        confusion.sum(axis=1),
        _samples(trainer, found, found.wrong[: question.most], ROOM // 2),
        _samples(trainer, found, found.uncertain[: question.most], ROOM // 2),
    )


def find_cell(trainer: Trainer, question: FindCell) -> Iterator[CellFound | Counting | None]:
    """The samples behind a number of the table."""
    part = usual_part(trainer, question.part)
    kept = _newest.get(trainer)
    if kept is None or kept.part != part:
        kept = yield from _judgement(trainer, question.number, part)
    places = kept.cell(question.right, question.said)
    samples = _samples(trainer, kept, places[: question.most], ROOM)
    yield CellFound(question.number, question.right, question.said, len(places), samples)


def _judgement(trainer: Trainer, number: int, part: str) -> Generator[Counting | None, None, Judgement]:
    told, among = perf_counter(), len(trainer.parts[part])
    for found in judge(trainer, part):
        if isinstance(found, Judgement):
            _newest[trainer] = found
            return found
        if perf_counter() - told < TELL_S:
            yield None
        else:
            told = perf_counter()
            yield Counting(number, found, among)
    raise AssertionError("a judgement ends with what was judged")


def _confusion(found: Judgement) -> Array:
    confusion = found.evaluation.confusion
    assert confusion is not None
    return confusion


def _most_mistaken(confusion: Array) -> Array:
    """All classes; of very many those that take part in most mistakes."""
    mistakes = confusion.sum(axis=0) + confusion.sum(axis=1) - 2 * confusion.diagonal()
    return np.sort(np.argsort(-mistakes, kind="stable")[:MOST_CLASSES])


def _numbers(column: list[float | None]) -> Array:
    return np.array([np.nan if number is None else number for number in column], np.float32)


def _samples(trainer: Trainer, found: Judgement, places: Array, room: int) -> Samples:
    """Samples by their places in the part, as far as there is room for their pictures."""
    batches = trainer.parts[found.part]
    pictures = thumbnails(trainer.data, batches, batches.pool[places], room)
    places = places[: len(pictures)]
    numbers = places + trainer.first_of(found.part)
    confidence, losses = found.confidence[places], found.losses[places]
    return Samples(numbers, found.right[places], found.said[places], confidence, losses, pictures)
