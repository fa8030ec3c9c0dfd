"""Accuracy and its kin, counted by hand."""

import numpy as np

from engine.metrics import Evaluation, Tally, evaluation_from_json

SCORES = np.array([[9, 1, 0], [1, 9, 0], [9, 1, 0], [0, 1, 9]], np.float32)
LABELS = np.array([0, 1, 1, 2])


def counted(scores: np.ndarray, labels: np.ndarray) -> Evaluation:
    tally = Tally(scores.shape[1])
    for start in range(0, len(labels), 3):  # two batches, the second smaller
        tally.add(scores[start : start + 3], labels[start : start + 3], 1.5)
    return tally.result()


def test_counts_right_guesses_and_confusions() -> None:
    found = counted(SCORES, LABELS)
    assert (found.top1, found.samples, found.loss) == (0.75, 4, 0.75)
    assert found.confusion is not None
    assert found.confusion.tolist() == [[1, 0, 0], [1, 1, 0], [0, 0, 1]]
    assert found.precision() == [0.5, 1.0, 1.0]
    assert found.recall() == [1.0, 0.5, 1.0]


def test_a_class_that_never_occurs_has_no_recall_and_no_precision() -> None:
    found = counted(SCORES[:2], LABELS[:2])
    assert (found.recall(), found.precision()) == ([1.0, 1.0, None], [1.0, 1.0, None])


def test_top5_takes_the_five_highest() -> None:
    scores = np.tile(np.arange(8, dtype=np.float32), (8, 1))
    assert counted(scores, np.arange(8)).top5 == 5 / 8


def test_counts_pixels() -> None:
    scores = np.zeros((1, 2, 2, 2), np.float32)
    scores[0, 1, 0] = 1  # the upper row is guessed to be class 1
    found = counted(scores, np.array([[[1, 1], [0, 1]]]))
    assert (found.top1, found.samples) == (0.75, 1)


def test_without_classes_there_is_only_a_loss() -> None:
    tally = Tally(None)
    tally.add(np.zeros((4, 2)), np.zeros(8), 6.0)
    found = tally.result()
    assert (found.loss, found.top1, found.precision(), found.recall()) == (1.5, None, [], [])


def test_json_round_trip() -> None:
    found = counted(SCORES, LABELS)
    assert evaluation_from_json(found.to_json()).to_json() == found.to_json()
