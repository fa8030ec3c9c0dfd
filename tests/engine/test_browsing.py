"""What is in a data set, page by page, in a process that the window never waits for."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine import browser as browsers
from engine.augmentation import PRESETS, Augmentation
from engine.augmenter import Augmenter
from engine.batches import ArrayPart, Batches
from engine.browser import Browser
from engine.browsing import (
    EVERY_CLASS,
    PAGE_BYTES,
    TEST,
    TRAIN,
    VALIDATION,
    Browse,
    BrowsingLink,
    Cancel,
    Describe,
    Described,
    Fetching,
    InlineBrowsingLink,
    NotDescribed,
    NotShown,
    Page,
    Redraw,
    Versions,
)
from engine.data.download import Cancelled
from engine.data.source import DataSource
from engine.protocol import Failed, Stopped
from engine.splitting import split
from tests.patience import PATIENCE_S

SAMPLES, CLASSES = 120, 3


@pytest.fixture
def images() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (SAMPLES, 1, 8, 8), dtype=np.uint8)


@pytest.fixture
def source(tmp_path: Path, images: np.ndarray) -> DataSource:
    labels = np.arange(SAMPLES) % CLASSES
    np.savez(tmp_path / "own.npz", x_train=images, y_train=labels, x_test=images[:30], y_test=labels[:30])
    return DataSource(str(tmp_path / "own.npz"))


class Heard(list[Any]):
    """What a browser said, and the browser."""

    def __init__(self) -> None:
        super().__init__()
        self.browser = Browser(self.append)

    def ask(self, message: Any) -> Any:
        self.browser.handle(message)
        while not self.browser.idle:
            self.browser.work()
        return self[-1]


@pytest.fixture
def heard(source: DataSource) -> Heard:
    made = Heard()
    made.ask(Describe(1, source, fraction=0.1))
    return made


def test_a_data_set_is_described(heard: Heard, images: np.ndarray, source: DataSource) -> None:
    assert isinstance(heard[-1], Described)
    facts = heard[-1].facts
    assert (facts.source, facts.shape, facts.classes) == (source, (1, 8, 8), ("0", "1", "2"))
    assert {name: part.samples for name, part in facts.parts.items()} == {TRAIN: 108, VALIDATION: 12, TEST: 30}
    assert [part.histogram.tolist() for part in facts.parts.values()] == [[36] * 3, [4] * 3, [10] * 3]
    assert (facts.low, facts.high, facts.of_bytes) == (images.min(), images.max(), True)
    assert facts.mean[0] == pytest.approx(images.mean() / 255)
    assert facts.std[0] == pytest.approx(images.std() / 255)
    assert facts.shown == VALIDATION


def test_another_split_needs_no_other_reading(
    heard: Heard, source: DataSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(browsers, "load", None)
    facts = heard.ask(Describe(2, source, fraction=0.0)).facts
    assert [part.samples for part in facts.parts.values()] == [120, 0, 30]
    assert facts.shown == TEST


def test_pages_are_the_samples_that_training_sees(heard: Heard, images: np.ndarray) -> None:
    kept, held = split(np.arange(SAMPLES) % CLASSES, 0.1, 0)
    page = heard.ask(Browse(2, TRAIN, start=5, count=7))
    assert isinstance(page, Page)
    assert (page.number, page.part, page.label, page.start, page.total) == (2, TRAIN, EVERY_CLASS, 5, 108)
    np.testing.assert_array_equal(page.places, np.arange(5, 12))
    np.testing.assert_array_equal(page.pictures, images[kept[5:12]])
    np.testing.assert_array_equal(page.labels, kept[5:12] % CLASSES)
    of_class = heard.ask(Browse(3, VALIDATION, label=2, start=1, count=50))
    assert of_class.total == 4
    assert set(of_class.labels) == {2}
    np.testing.assert_array_equal(of_class.pictures, images[held[of_class.places]])
    assert heard.ask(Browse(4, TEST, start=30)).pictures.shape == (0, 1, 8, 8)


def test_large_pictures_are_made_smaller_and_a_page_stays_small(tmp_path: Path) -> None:
    images = np.zeros((12, 3, 200, 100), np.uint8)
    images[:, :, :, 50:] = 200
    labels = np.arange(12) % 2
    np.savez(tmp_path / "large.npz", x_train=images, y_train=labels, x_test=images, y_test=labels)
    heard = Heard()
    heard.ask(Describe(1, DataSource(str(tmp_path / "large.npz")), fraction=0.0))
    small = heard.ask(Browse(2, TRAIN, count=12, side=50)).pictures
    assert small.shape == (12, 3, 50, 25)
    assert (small[0, 0, 0, 0], small[0, 0, 0, -1]) == (0, 200)
    large = heard.ask(Browse(3, TRAIN, count=12, side=200))
    assert large.pictures.shape == (3, 3, 200, 100)
    assert large.pictures.nbytes <= PAGE_BYTES
    assert large.total == 12


@pytest.mark.parametrize("shape", [(2, 9), (1, 5, 9, 9)], ids=["signals", "volumes"])
def test_numbers_become_bytes_from_the_lowest_to_the_highest(
    shape: tuple[int, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = np.random.default_rng(0).normal(0, 3, (10, *shape)).astype(np.float32)
    part = ArrayPart(numbers, np.arange(10) % 2)
    data = browsers.Dataset("own", "Own", ("a", "b"), part, part, (0.0,), (1.0,))
    monkeypatch.setattr(browsers, "load", lambda *_, **__: data)
    heard = Heard()
    facts = heard.ask(Describe(1, DataSource("own"), fraction=0.0)).facts
    assert (facts.low, facts.high, facts.of_bytes) == (numbers.min(), numbers.max(), False)
    shown = heard.ask(Browse(2, TRAIN, count=10)).pictures
    wanted = numbers[:, :1, None] if len(shape) == 2 else numbers[:, :, 2]
    bytes_ = (wanted - numbers.min()) / (numbers.max() - numbers.min()) * 255
    np.testing.assert_allclose(shown, bytes_, atol=0.51)


def test_versions_are_those_of_the_epochs_of_training(heard: Heard, images: np.ndarray) -> None:
    kept, _ = split(np.arange(SAMPLES) % CLASSES, 0.1, 0)
    facts = heard[0].facts
    versions = heard.ask(Redraw(2, TRAIN, 4, PRESETS["digits"], seed=3, epoch=12, count=5))
    assert isinstance(versions, Versions)
    np.testing.assert_array_equal(versions.original, images[kept[4]])
    batches = Batches(ArrayPart(images, np.arange(SAMPLES) % CLASSES), facts.mean, facts.std)
    augmenter = Augmenter(PRESETS["digits"], batches, 3)
    for number, picture in enumerate(versions.pictures):
        seen = augmenter(kept[:8].astype(np.int64), 12 + number, 0).images[4, 0]
        np.testing.assert_array_equal(picture, seen)
    assert len({picture.tobytes() for picture in versions.pictures}) == 5


def test_versions_without_changes_are_the_sample_itself(heard: Heard, images: np.ndarray) -> None:
    versions = heard.ask(Redraw(2, TEST, 7, Augmentation(), count=3))
    np.testing.assert_array_equal(versions.pictures, np.stack([images[7]] * 3))
    assert versions.label == 1


def test_blended_versions_differ(heard: Heard) -> None:
    versions = heard.ask(Redraw(2, TRAIN, 0, Augmentation(mix_up=4.0), count=6))
    assert len({picture.tobytes() for picture in versions.pictures}) > 3


# --- what does not work ----------------------------------------------------------------------------------------------


def test_what_means_nothing_for_signals_is_said(tmp_path: Path) -> None:
    heard = Heard()
    heard.ask(Describe(1, DataSource("mnist1d"), fraction=0.0))
    said = heard.ask(Redraw(2, TRAIN, 0, Augmentation(rotate=5.0)))
    assert said == NotShown(2, "rotate needs images; these samples are signals. Set it to 0.")


def test_data_that_are_gone_are_a_sentence(heard: Heard, tmp_path: Path) -> None:
    gone = str(tmp_path / "unplugged")
    text = f"{gone} is not there. Plug in or mount the disk that it is on, or choose other data."
    assert heard.ask(Describe(2, DataSource(gone))) == NotDescribed(2, text)
    assert heard.ask(Browse(3, TRAIN)) == NotShown(3, "There are no data to look at yet.")
    folder = tmp_path / "empty"
    folder.mkdir()
    said = heard.ask(Describe(4, DataSource("mnist", str(folder))))
    text = f"MNIST was not found: {folder} holds no train-images-idx3-ubyte.gz. Name the folder that does."
    assert said == NotDescribed(4, text)
    monkeyed = heard.ask(Describe(5, DataSource("mnist")))
    text = "MNIST is not on this computer yet. Training or the data panel fetches it."
    assert monkeyed == NotDescribed(5, text, fetchable=True)


def test_a_disk_that_fails_is_a_sentence(heard: Heard, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise PermissionError(13, "Permission denied", "/media/disk")

    monkeypatch.setattr(browsers, "load", fail)
    assert heard.ask(Describe(2, DataSource("x"))) == NotDescribed(2, "/media/disk cannot be read: Permission denied.")


# --- downloads -------------------------------------------------------------------------------------------------------


def slow_load(steps: int) -> Callable[..., Any]:
    def load(name: str, folder: str, *, progress: Any, wanted: Any, **_: Any) -> Any:
        for step in range(steps):
            if not wanted():
                raise Cancelled("The download of a file was stopped.")
            progress(step * 10, steps * 10)
        raise AssertionError("nobody stopped it")

    return load


def test_a_download_tells_how_far_it_is_and_can_be_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[Any] = []
    times = iter(range(1000))

    def listen(browser: Browser) -> None:
        if len(said) == 3:
            browser.handle(Cancel())

    browser = Browser(said.append, listen, clock=lambda: float(next(times)))
    monkeypatch.setattr(browsers, "load", slow_load(1000))
    browser.handle(Describe(1, DataSource("mnist"), fetch=True))
    while not browser.idle:
        browser.work()
    assert said[:3] == [Fetching(1, 0, 10_000), Fetching(1, 10, 10_000), Fetching(1, 20, 10_000)]
    text = "The download of a file was stopped."
    assert said[3:] == [NotDescribed(1, text, fetchable=True, cancelled=True)]


def test_other_data_break_a_download_off(source: DataSource, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[Any] = []
    real = browsers.load
    monkeypatch.setattr(
        browsers, "load", lambda name, *a, **k: (slow_load(9) if name == "mnist" else real)(name, *a, **k)
    )

    def listen(browser: Browser) -> None:
        if said:
            browser.handle(Describe(2, source))

    browser = Browser(said.append, listen)
    browser.handle(Describe(1, DataSource("mnist"), fetch=True))
    while not browser.idle:
        browser.work()
    assert [type(message) for message in said] == [Fetching, NotDescribed, Described]
    assert said[-1].number == 2


# --- the process -----------------------------------------------------------------------------------------------------


@pytest.fixture
def link() -> Iterator[BrowsingLink]:
    """One that waits as long as it takes: this machine may be busy."""
    made = BrowsingLink(clock=lambda: 0.0)
    yield made
    made.kill()
    said(made, lambda messages: made.ended)


def said(link: BrowsingLink | InlineBrowsingLink, enough: Callable[[list[Any]], bool]) -> list[Any]:
    messages: list[Any] = []
    end = time.monotonic() + PATIENCE_S
    while not enough(messages):
        assert time.monotonic() < end, messages
        if isinstance(link, BrowsingLink):
            wait(link.waitables, timeout=0.2)
        messages += link.poll()
    return messages


def test_a_process_answers_and_its_death_is_told(link: BrowsingLink, source: DataSource) -> None:
    link.send(Describe(1, source))
    link.send(Browse(2, TRAIN, count=3))
    described, page = said(link, lambda messages: len(messages) == 2)
    assert isinstance(described, Described)
    assert page.pictures.shape == (3, 1, 8, 8)
    os.kill(link.process.pid or 0, signal.SIGKILL)
    (failed,) = said(link, bool)
    text = "The process that reads the data ended unexpectedly (signal 9). Nothing is lost; try again."
    assert failed == Failed(text, crashed=True)


def test_it_ends_when_it_is_asked_to(link: BrowsingLink) -> None:
    link.stop()
    assert said(link, bool) == [Stopped()]


def test_the_stand_in_answers_one_message_at_a_time(source: DataSource) -> None:
    link = InlineBrowsingLink()
    link.send(Describe(1, source))
    link.send(Browse(2, TRAIN))
    assert isinstance(link.poll()[0], Described)
    assert isinstance(link.poll()[0], Page)
    assert link.poll() == []
    link.stop()
    assert link.poll() == [Stopped()]
    assert link.ended
