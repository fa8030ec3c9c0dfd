"""Text follows the system's font: at the start, and when it is changed while the program runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QPoint, QSettings
from PySide6.QtGui import QFont, QFontMetricsF
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDockWidget, QFormLayout, QLabel, QWidget
from pytestqt.qtbot import QtBot

from convstudio import application, command_palette
from convstudio.canvas import quick_add
from convstudio.canvas.quick_add import QuickAdd
from convstudio.command_palette import CommandPalette
from convstudio.dock_title import DockTitle
from convstudio.document.document import Document
from convstudio.document.project import Project
from convstudio.look.letters import font, roomy, smaller, wear
from convstudio.look.theme import appearance
from convstudio.main_window import MainWindow
from convstudio.panels.chart import Chart
from convstudio.panels.train.settings_form import SettingsForm
from convstudio.preferences import preferred
from convstudio.preferences_dialog import PreferencesDialog
from convstudio.training.pipe import Pipe
from convstudio.workplaces import COMPOSE, WORK_PLACES
from engine.templates import template

USUAL, LARGE = 10, 13
Letters = Callable[[int], None]


@pytest.fixture(autouse=True)
def nothing_computes(monkeypatch: pytest.MonkeyPatch) -> None:
    """No process is needed here; what panels ask stays unanswered."""
    monkeypatch.setattr(Pipe, "send", lambda pipe, message: None)


@pytest.fixture
def dressed(qapp: QApplication, letters: Letters) -> Iterator[Letters]:
    """As the program is: with a style sheet, under which Qt passes no font on by itself."""
    letters(USUAL)
    appearance().dress(qapp)
    QSettings().clear()
    yield letters
    qapp.setStyleSheet("")
    QSettings().clear()


def opened(qtbot: QtBot, place: str = COMPOSE) -> MainWindow:
    window = MainWindow(Document(Project(template("lenet5"))))
    qtbot.addWidget(window, before_close_func=lambda w: w.document.replace(w.document.project))
    window.resize(1600, 1000)
    window.show()
    qtbot.waitExposed(window)
    window.stand_at(place)
    QApplication.processEvents()
    return window


def faces(window: QWidget) -> dict[str, tuple[float, int]]:
    """The font of every widget that is seen, by where it is in the tree of widgets."""
    found: dict[str, tuple[float, int]] = {}

    def walk(widget: QWidget, path: str) -> None:
        for number, child in enumerate(c for c in widget.children() if isinstance(c, QWidget)):
            place = f"{path}/{number}:{type(child).__name__}"
            if not child.visibleRegion().isEmpty():
                found[place] = child.font().pointSizeF(), child.font().weight().value
            walk(child, place)

    walk(window, "")
    return found


@pytest.mark.parametrize("place", WORK_PLACES)
def test_a_window_looks_as_if_it_had_been_opened_with_the_new_font(qtbot: QtBot, dressed: Letters, place: str) -> None:
    window = opened(qtbot, place)
    dressed(LARGE)
    fresh = opened(qtbot, place)
    before, after = faces(window), faces(fresh)
    common = before.keys() & after.keys()
    assert len(common) > 50
    assert {path: before[path] for path in common} == {path: after[path] for path in common}


def test_titles_keep_their_distance_from_other_text(qtbot: QtBot, dressed: Letters) -> None:
    dock, section = QDockWidget("Inspector"), QLabel("Network")
    title = DockTitle(dock, "What it shows.")
    for widget in (dock, section):
        qtbot.addWidget(widget)
    wear(section, "title")
    for points in (LARGE, USUAL):
        dressed(points)
        assert title.words.font().pointSizeF() == points
        assert section.font().pointSizeF() == points + 3
        assert title.words.font().weight() == section.font().weight() == QFont.Weight.DemiBold


def test_the_system_changes_its_font_while_the_program_runs(
    qapp: Any, qtbot: QtBot, dressed: Letters, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Qt takes the new font before it tells: an event for the application alone, and no change of its font."""
    plain, section = QLabel("Name"), QLabel("Network")
    for widget in (plain, section):
        qtbot.addWidget(widget)
        widget.show()
    wear(section, "title")
    large = qapp.font()
    large.setPointSize(LARGE)
    monkeypatch.setattr(application, "system_font", lambda: large)
    with monkeypatch.context() as silent:
        silent.setattr(application.Application, "_renew_letters", lambda self: None)
        qapp.setFont(large)
    qapp.sendEvent(qapp, QEvent(QEvent.Type.ThemeChange))
    assert (plain.font().pointSizeF(), section.font().pointSizeF()) == (LARGE, LARGE + 3)
    monkeypatch.undo()
    qapp.sendEvent(qapp, QEvent(QEvent.Type.ThemeChange))
    usual = application.system_font().pointSizeF()
    assert (plain.font().pointSizeF(), section.font().pointSizeF()) == (usual, usual + 3)


def test_a_change_of_the_system_that_is_not_of_its_font_costs_nothing(qapp: Any, dressed: Letters) -> None:
    told: list[bool] = []

    def tell() -> None:
        told.append(True)

    appearance().changed.connect(tell)
    qapp.sendEvent(qapp, QEvent(QEvent.Type.ThemeChange))
    appearance().changed.disconnect(tell)
    assert not told


def test_panels_grow_with_their_words_and_shrink_again(qtbot: QtBot, dressed: Letters) -> None:
    window = opened(qtbot)
    before = {name: window.docks[name].width() for name in ("palette", "inspector")}
    dressed(LARGE)
    qtbot.waitUntil(lambda: window.docks["palette"].width() == roomy(before["palette"]))
    assert window.docks["inspector"].width() == roomy(before["inspector"])
    dressed(USUAL)
    qtbot.waitUntil(lambda: {name: window.docks[name].width() for name in before} == before)


def test_the_canvas_grows_too_and_shows_the_same(qtbot: QtBot, dressed: Letters) -> None:
    window = opened(qtbot)
    QTest.mouseMove(window.canvas.viewport(), QPoint(5, 5))  # what is under the mouse does not hold the rest
    middle, zoom = window.canvas.visible_centre(), window.canvas.zoom
    dressed(LARGE)
    assert window.canvas.zoom == pytest.approx(zoom * LARGE / USUAL)
    assert (window.canvas.visible_centre() - middle).manhattanLength() < 60  # its own size has changed as well
    dressed(USUAL)
    assert window.canvas.zoom == pytest.approx(zoom)


def test_panels_of_another_work_place_grow_when_they_are_shown(qtbot: QtBot, dressed: Letters) -> None:
    window = opened(qtbot, "train")
    width = window.docks["train"].width()
    window.stand_at("compose")
    dressed(LARGE)
    window.stand_at("train")
    qtbot.waitUntil(lambda: window.docks["train"].width() == roomy(width))


def test_panels_that_were_remembered_with_a_smaller_font_have_room(qtbot: QtBot, dressed: Letters) -> None:
    window = opened(qtbot)
    width = window.docks["inspector"].width()
    window.close()
    dressed(LARGE)
    again = opened(qtbot)
    qtbot.waitUntil(lambda: again.docks["inspector"].width() == roomy(width))


def test_nonsense_about_the_remembered_font_is_not_believed(qtbot: QtBot, dressed: Letters) -> None:
    window = opened(qtbot)
    width = window.docks["inspector"].width()
    window.close()
    for nonsense in ("many", "0", "1e9", "nan"):
        QSettings().setValue("arrangement/letters/compose", nonsense)
        again = opened(qtbot)
        QApplication.processEvents()
        assert again.docks["inspector"].width() == width
        QSettings().setValue("arrangement/letters/compose", nonsense)


def test_fields_of_all_forms_begin_at_the_same_place(qtbot: QtBot, dressed: Letters) -> None:
    form = SettingsForm(Document(Project(template("lenet5"))))
    qtbot.addWidget(form)
    form.show()
    dressed(LARGE)
    QApplication.processEvents()
    rows = [(one, row) for one in form.findChildren(QFormLayout) for row in range(one.rowCount())]
    names = [item.widget() for one, row in rows if (item := one.itemAt(row, QFormLayout.ItemRole.LabelRole))]
    assert len(names) > 10
    widest = max(name.sizeHint().width() for name in names)
    assert {name.width() for name in names if name.isVisible()} == {widest}


def test_axes_of_charts_follow(qtbot: QtBot, dressed: Letters) -> None:
    chart = Chart("loss")
    qtbot.addWidget(chart)
    dressed(LARGE)
    chart.restyle()
    axis = chart.getAxis("left")
    assert axis.label.font().pointSizeF() == LARGE
    assert axis.style["tickFont"].pointSizeF() == font("caption").pointSizeF() == LARGE - 1
    assert chart.note.textItem.font().pointSizeF() == LARGE


def test_an_open_dialog_grows_as_far_as_its_words_need(qtbot: QtBot, dressed: Letters) -> None:
    dialog = PreferencesDialog(preferred())
    qtbot.addWidget(dialog)
    dialog.show()
    dressed(LARGE)
    qtbot.waitUntil(lambda: dialog.width() >= dialog.sizeHint().width())
    labels = [label for label in dialog.findChildren(QLabel) if label.isVisible()]
    qtbot.waitUntil(lambda: all(label.width() >= label.sizeHint().width() for label in labels))


@pytest.mark.parametrize("points", [9, USUAL, 15])
def test_lists_that_one_types_into_show_whole_rows_and_nothing_empty(
    qtbot: QtBot, dressed: Letters, points: int
) -> None:
    dressed(points)
    window = opened(qtbot)
    window.canvas.quick_add(window.canvas.visible_centre())
    window.actions_["find_command"].trigger()
    for kind, whole in ((QuickAdd, quick_add.ROWS), (CommandPalette, command_palette.ROWS)):
        box = window.findChild(kind)
        assert isinstance(box, QuickAdd | CommandPalette)
        box.show()
        QApplication.processEvents()
        rows, rest = divmod(box.list.viewport().height(), box.list.sizeHintForRow(0))
        assert (rows, rest) == (whole, 0)
        assert box.parentWidget().rect().contains(box.geometry())


@pytest.mark.parametrize("share", [0.99, 0.93, 0.87, 0.8])
@pytest.mark.parametrize("words", ["1\u202f128", "max_pool1", "11×11·64·s4 p2"])
def test_smaller_letters_really_fit(qtbot: QtBot, words: str, share: float) -> None:
    """A share of the size is not that share of the width: letters are whole pixels wide."""
    face = font("caption")
    room = share * QFontMetricsF(face).horizontalAdvance(words)
    assert QFontMetricsF(smaller(face, words, room, 0.6)).horizontalAdvance(words) <= room
    assert smaller(face, words, 1.0, 0.75).pointSizeF() == pytest.approx(0.75 * face.pointSizeF())
    assert smaller(face, words, 1000.0, 0.75) == face
