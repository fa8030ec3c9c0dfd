"""The data panel with a data set of its own, and without a process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QToolTip
from pytestqt.qtbot import QtBot

from convstudio.document import edits
from convstudio.document.document import Document
from convstudio.document.project import Project
from convstudio.panels.data.panel import DataPanel
from convstudio.panels.data.strength import StrengthEditor
from convstudio.training.browsing import STOPPED_TEXT, Browsing
from convstudio.training.session import Session
from engine import browser as browsers
from engine.augmentation import PRESETS, Augmentation
from engine.browsing import TEST, TRAIN, VALIDATION, InlineBrowsingLink
from engine.data.download import Cancelled
from engine.data.source import DataSource
from engine.graph import chain
from engine.link import InlineLink
from engine.settings import TrainingSettings
from engine.spec import make
from engine.splitting import split
from tests.patience import PATIENCE_MS

SAMPLES, CLASSES = 1200, 3
LEFT, NO_KEYS = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


@pytest.fixture(scope="module")
def images() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (SAMPLES, 1, 8, 8), dtype=np.uint8)


@pytest.fixture
def folder(tmp_path: Path, images: np.ndarray) -> Path:
    labels = np.arange(SAMPLES) % CLASSES
    np.savez(tmp_path / "own.npz", x_train=images, y_train=labels, x_test=images[:30], y_test=labels[:30])
    return tmp_path


@pytest.fixture
def document(folder: Path) -> Document:
    graph = chain(make("input", shape=(1, 8, 8)), make("flatten"), make("dense", out_features=3), name="tiny")
    settings = TrainingSettings(threads=1, validation_fraction=0.1)
    return Document(Project(graph, settings=settings, data=DataSource(str(folder / "own.npz"))))


@pytest.fixture
def session(document: Document, tmp_path: Path, qtbot: QtBot) -> Iterator[Session]:
    made = Session(document, InlineLink, tmp_path / "runs")
    made.browsing = Browsing(InlineBrowsingLink)
    yield made
    made.close()


@pytest.fixture
def panel(document: Document, session: Session, qtbot: QtBot) -> DataPanel:
    made = DataPanel(document, session)
    qtbot.addWidget(made)
    made.resize(960, 300)
    return made


def opened(panel: DataPanel, qtbot: QtBot) -> DataPanel:
    panel.show()
    qtbot.waitUntil(lambda: not panel._session.browsing.opening, timeout=PATIENCE_MS)
    return panel


def filled(panel: DataPanel, qtbot: QtBot) -> DataPanel:
    opened(panel, qtbot)
    qtbot.waitUntil(lambda: bool(panel.samples.grid._pages), timeout=PATIENCE_MS)
    return panel


def drawn(panel: DataPanel, qtbot: QtBot) -> DataPanel:
    opened(panel, qtbot)
    tab = panel.tabs.tabRect(1).center()
    QTest.mouseClick(panel.tabs, LEFT, NO_KEYS, tab)
    qtbot.waitUntil(lambda: len(pictures(panel)) == 12, timeout=PATIENCE_MS)
    return panel


def pictures(panel: DataPanel) -> np.ndarray:
    versions = panel.augmentation.view.versions
    return np.zeros((0, 1, 8, 8), np.uint8) if versions is None else versions.pictures


def tip(widget: Any, place: QPoint) -> str:
    QToolTip.hideText()
    QApplication.sendEvent(widget, QHelpEvent(QEvent.Type.ToolTip, place, widget.mapToGlobal(place)))
    return QToolTip.text()


# --- what there is ---------------------------------------------------------------------------------------------------


def test_nothing_is_read_before_the_panel_is_seen(panel: DataPanel, session: Session, qtbot: QtBot) -> None:
    assert not session.browsing._pipe.is_open
    opened(panel, qtbot)
    assert session.browsing.ready
    panel.hide()
    assert session.browsing._tired.isActive()


def test_facts_of_the_data(panel: DataPanel, images: np.ndarray, qtbot: QtBot) -> None:
    opened(panel, qtbot)
    shown = {name: value.text() for name, value in panel.overview.values.items()}
    assert (shown["Training"], shown["Validation"], shown["Test"]) == ("1\u202f080", "120", "30")
    assert (shown["Sample"], shown["Values"]) == ("1 × 8 × 8", "0 to 255")
    assert shown["Mean"] == f"{images.mean():.4g}"
    assert shown["Spread"] == f"{images.std():.4g}"
    assert [button.text() for button in panel.samples.buttons.values()] == [
        "Training 1\u202f080",
        "Validation 120",
        "Test 30",
    ]


def test_the_split_is_edited_and_undone(panel: DataPanel, document: Document, qtbot: QtBot) -> None:
    opened(panel, qtbot)
    line = panel.overview.fraction.line  # type: ignore[attr-defined]
    line.setText("0.25")
    QTest.keyClick(line, Qt.Key.Key_Return)
    assert document.project.settings.validation_fraction == 0.25
    values = panel.overview.values
    qtbot.waitUntil(lambda: values["Validation"].text() == "300", timeout=PATIENCE_MS)
    document.undo_stack.undo()
    qtbot.waitUntil(lambda: values["Validation"].text() == "120", timeout=PATIENCE_MS)


# --- browsing --------------------------------------------------------------------------------------------------------


def test_samples_are_drawn_pixel_by_pixel(panel: DataPanel, images: np.ndarray, qtbot: QtBot) -> None:
    filled(panel, qtbot)
    kept, _ = split(np.arange(SAMPLES) % CLASSES, 0.1, 0)
    grid = panel.samples.grid
    picture = grid.viewport().grab().toImage()
    for number in (0, 5):
        place = grid.place(number).toRect()
        zoom = place.width() // 8
        for y, x in ((0, 0), (3, 6), (7, 7)):
            for offset in (0, zoom - 1):
                color = picture.pixelColor(place.left() + x * zoom + offset, place.top() + y * zoom + offset)
                assert color.red() == images[kept[number], 0, y, x]


def test_only_samples_in_sight_are_fetched(panel: DataPanel, session: Session, qtbot: QtBot) -> None:
    filled(panel, qtbot)
    grid, asked = panel.samples.grid, list[int]()
    real = session.browsing.page
    session.browsing.page = lambda *about: (asked.append(about[2]), real(*about))[1]  # type: ignore[method-assign]
    assert set(grid._pages) == {0}
    QTest.keyClick(grid, Qt.Key.Key_End)
    assert grid.current == 1079
    qtbot.waitUntil(lambda: grid._page_of(1079) is not None, timeout=PATIENCE_MS)
    assert set(asked) <= {3 * 256, 4 * 256}
    assert panel.samples.says.text().startswith("Training sample 1\u202f079 · class ")


def test_a_class_and_a_part_are_browsed(panel: DataPanel, qtbot: QtBot) -> None:
    filled(panel, qtbot)
    bars, grid = panel.samples.bars, panel.samples.grid
    QTest.mouseClick(bars, LEFT, NO_KEYS, bars.row(1).center())
    assert (bars.label, grid.total) == (1, 360)
    assert panel.samples.says.text() == "360 training samples of class 1"
    qtbot.waitUntil(lambda: bool(grid._pages), timeout=PATIENCE_MS)
    assert set(grid._pages[0][0].labels) == {1}
    QTest.mouseClick(panel.samples.buttons[TEST], LEFT)
    assert (panel.samples.part, grid.total) == (TEST, 10)
    QTest.keyClick(bars, Qt.Key.Key_Home)
    assert grid.total == 30
    QTest.keyClick(bars, Qt.Key.Key_Down)
    assert (bars.label, grid.total) == (0, 10)


def test_counts_are_told_where_the_mouse_is(panel: DataPanel, qtbot: QtBot) -> None:
    filled(panel, qtbot)
    bars, grid = panel.samples.bars, panel.samples.grid
    assert tip(bars, bars.row(2).center()) == "2: 360 training · 40 validation · 10 test"
    assert tip(bars, bars.row(-1).center()) == "All classes: 1\u202f080 training · 120 validation · 30 test"
    assert tip(grid.viewport(), grid.place(1).center().toPoint()).startswith("Training sample 1 · class ")


def test_a_chosen_sample_is_looked_at_everywhere(panel: DataPanel, session: Session, qtbot: QtBot) -> None:
    filled(panel, qtbot)
    shown: list[Any] = []
    session.shown.connect(shown.append)
    grid = panel.samples.grid
    QTest.mouseClick(grid.viewport(), LEFT, NO_KEYS, grid.place(3).center().toPoint())
    assert panel.augmentation._sample == (TRAIN, 3)
    assert shown == []  # other panels number the samples that only measure
    QTest.mouseClick(panel.samples.buttons[VALIDATION], LEFT)
    qtbot.waitUntil(lambda: bool(grid._pages), timeout=PATIENCE_MS)
    QTest.mouseClick(grid.viewport(), LEFT, NO_KEYS, grid.place(2).center().toPoint())
    QTest.keyClick(grid, Qt.Key.Key_Right)
    assert shown == [2, 3]


# --- augmentation ----------------------------------------------------------------------------------------------------


def test_the_form_follows_the_declaration(panel: DataPanel) -> None:
    assert list(panel.augmentation.editors) == list(Augmentation.fields())


def test_a_sample_is_drawn_again_and_again(panel: DataPanel, document: Document, qtbot: QtBot) -> None:
    page = drawn(panel, qtbot).augmentation
    assert page.says.text() == "Nothing is changed. Choose a preset, or pull at one of the strengths."
    assert len({picture.tobytes() for picture in pictures(panel)}) == 1
    page.preset.setCurrentText("Digits")
    page.preset.activated.emit(page.preset.currentIndex())
    assert document.project.settings.augmentation == PRESETS["digits"]
    qtbot.waitUntil(lambda: len({p.tobytes() for p in pictures(panel)}) == 12, timeout=PATIENCE_MS)
    assert page.says.text() == "Training sees the sample like this in epochs 1 to 12."
    before = pictures(panel)
    QTest.mouseClick(page.again, LEFT)
    qtbot.waitUntil(lambda: not np.array_equal(pictures(panel), before), timeout=PATIENCE_MS)
    assert page.says.text() == "Training sees the sample like this in epochs 13 to 24."
    QTest.mouseClick(page.another, LEFT)
    qtbot.waitUntil(lambda: page._sample == (TRAIN, 1) and page.view.versions.place == 1, timeout=PATIENCE_MS)
    document.undo_stack.undo()
    qtbot.waitUntil(lambda: len({p.tobytes() for p in pictures(panel)}) == 1, timeout=PATIENCE_MS)
    assert page.preset.currentText() == "None"


def test_a_strength_is_pulled_and_undone_as_one(panel: DataPanel, document: Document, qtbot: QtBot) -> None:
    page = drawn(panel, qtbot).augmentation
    editor = page.editors["rotate"]
    assert isinstance(editor, StrengthEditor)
    editor.slider.setSliderDown(True)
    for step in (20, 40, 60):
        editor.slider.setSliderPosition(step)
    editor.slider.setSliderDown(False)
    assert document.project.settings.augmentation.rotate == 16.0
    assert editor.line.text() == "16 °"
    assert page.preset.currentText() == "Own"
    QTest.keyClick(editor.slider, Qt.Key.Key_Right)
    assert document.project.settings.augmentation.rotate == 17.0
    document.undo_stack.undo()
    assert document.project.settings.augmentation.rotate == 16.0
    document.undo_stack.undo()
    assert document.project.settings.augmentation == Augmentation()
    assert editor.slider.value() == 0


def test_a_strength_is_typed_within_its_limits(panel: DataPanel, document: Document, qtbot: QtBot) -> None:
    editor = drawn(panel, qtbot).augmentation.editors["cutout"]
    assert isinstance(editor, StrengthEditor)
    editor.line.setText("3 px")
    QTest.keyClick(editor.line, Qt.Key.Key_Return)
    assert document.project.settings.augmentation.cutout == 3
    editor.line.setText("300")
    QTest.keyClick(editor.line, Qt.Key.Key_Return)
    assert editor.error.text() == "Cutout must be a whole number from 0 to 256 px; 300 was given."
    editor.line.setText("much")
    QTest.keyClick(editor.line, Qt.Key.Key_Return)
    assert editor.error.text() == "Cutout must be a number from 0 to 256 px; 'much' was given."
    assert document.project.settings.augmentation.cutout == 3


# --- fitting ---------------------------------------------------------------------------------------------------------


def test_what_does_not_fit_is_mended_with_a_click(panel: DataPanel, document: Document, qtbot: QtBot) -> None:
    document.perform(edits.set_data(document.project, DataSource("mnist1d")))
    opened(panel, qtbot)
    overview = panel.overview
    assert overview.misfit.text() == "The network takes 1 × 8 × 8, but the samples of MNIST-1D are 1 × 40."
    QTest.mouseClick(overview.mend, LEFT)
    assert overview.misfit.text() == "The network ends in 3, but MNIST-1D has 10 classes."
    assert overview.mend.text() == "Give dense1 10 outputs"
    QTest.mouseClick(overview.mend, LEFT)
    assert not overview.misfit.isVisible()
    assert not overview.mend.isVisible()
    assert document.inference.nodes["dense1"].output == (10,)


def test_classes_of_ones_own_images_are_checked(panel: DataPanel, document: Document, qtbot: QtBot) -> None:
    document.perform(edits.set_field(document.project, {"dense1"}, "out_features", 5))
    opened(panel, qtbot)
    assert panel.overview.misfit.text() == "The network ends in 5, but own.npz has 3 classes."


# --- what can go wrong -----------------------------------------------------------------------------------------------


def test_a_folder_that_is_gone_is_a_sentence_and_can_come_back(
    panel: DataPanel, document: Document, folder: Path, qtbot: QtBot
) -> None:
    path = folder / "own.npz"
    aside = path.rename(folder / "unplugged.npz")
    opened(panel, qtbot)
    overview = panel.overview
    text = f"{path} is not there. Plug in or mount the disk that it is on, or choose other data."
    assert overview.problem.text() == text
    assert panel.samples.nothing.text() == "The samples are shown here as soon as the data are there."
    assert panel.samples.nothing.isVisible()
    before = document.project
    aside.rename(path)
    QTest.mouseClick(overview.retry, LEFT)
    qtbot.waitUntil(lambda: panel.samples.grid.isVisible() and panel.samples.grid.total == 1080, timeout=PATIENCE_MS)
    assert not overview.problem.isVisible()
    assert document.project is before


def test_a_download_is_offered_shown_and_stopped(
    panel: DataPanel, document: Document, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    overview, seen = panel.overview, list[str]()

    def fetch(name: str, folder: str, *, fetch: bool, progress: Any, wanted: Any, **more: Any) -> Any:
        if not fetch:
            return real(name, folder, fetch=fetch, **more)
        progress(2_900_000, 11_600_000)
        panel._session.browsing._pipe.link._worker._listen = lambda browser: QTest.mouseClick(overview.stop, LEFT)
        assert not wanted()
        raise Cancelled("stopped")

    real = browsers.load
    document.perform(edits.set_data(document.project, DataSource("mnist")))
    opened(panel, qtbot)
    assert overview.problem.text() == "MNIST is not on this computer yet."
    assert overview.download.text() == "Download 11.6 MB"
    monkeypatch.setattr(browsers, "load", fetch)
    panel._session.browsing.changed.connect(lambda: seen.append(overview.fetched.text()))
    QTest.mouseClick(overview.download, LEFT)
    assert overview.fetched.text() == "Asking for the files …"
    assert overview.stop.isVisible()
    qtbot.waitUntil(lambda: not panel._session.browsing.opening, timeout=PATIENCE_MS)
    assert "2.9 of 11.6 MB" in seen
    assert overview.problem.text() == STOPPED_TEXT
    assert overview.download.isVisible()
    assert not overview.stop.isVisible()


def test_other_data_during_a_run_are_for_the_next_one(
    panel: DataPanel, document: Document, session: Session, qtbot: QtBot
) -> None:
    opened(panel, qtbot)
    session.step()
    qtbot.waitUntil(lambda: session.phase == "paused" and session.report.step == 1, timeout=PATIENCE_MS)
    assert not panel.overview.during.isVisible()
    document.perform(edits.set_data(document.project, DataSource("mnist1d")))
    assert panel.overview.during.text() == "The run goes on with own.npz. MNIST-1D will be used by the next one."
    assert panel.overview.during.isVisible()
    qtbot.waitUntil(lambda: 3000 < panel.samples.grid.total < 3700, timeout=PATIENCE_MS)
    session.step()
    qtbot.waitUntil(lambda: session.report.step == 2, timeout=PATIENCE_MS)
    document.undo_stack.undo()
    assert not panel.overview.during.isVisible()


def test_a_folder_of_ones_own_is_chosen(
    panel: DataPanel, document: Document, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    opened(panel, qtbot)
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path / "runs"))
    choice = panel.overview.choice
    choice.sets.activated.emit(choice.sets.count() - 1)
    assert document.project.data == DataSource(str(tmp_path / "runs"))
    qtbot.waitUntil(lambda: "runs" in panel.overview.problem.text(), timeout=PATIENCE_MS)


@pytest.mark.parametrize("size", [(320, 640), (960, 260), (2400, 600)])
def test_it_fits_any_place(size: tuple[int, int], panel: DataPanel, document: Document, qtbot: QtBot) -> None:
    changed = attrs.evolve(document.project.settings, augmentation=PRESETS["digits"])
    document.perform(edits.set_settings(document.project, changed))
    panel.resize(*size)
    drawn(panel, qtbot)
    assert (panel.width(), panel.height()) == size
    view = panel.augmentation.view
    assert all(view.rect().contains(place.toRect()) for place in view.places())
    panel.tabs.setCurrentIndex(0)
    assert panel.samples.grid.width() >= 100
