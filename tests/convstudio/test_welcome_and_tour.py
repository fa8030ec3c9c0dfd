"""The first page and the tour, by mouse and keys."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import attrs
import pytest
from PySide6.QtCore import QEvent, QPoint, QRect, QSettings, Qt
from PySide6.QtGui import QFont
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialogButtonBox, QScrollArea
from pytestqt.qtbot import QtBot

from convstudio.document import edits
from convstudio.document.recent import RecentFiles
from convstudio.main_window import MainWindow
from convstudio.panels.pattern_builder import PatternBuilder
from convstudio.tour import Tour, beside
from convstudio.welcome import RecentFile, WelcomePage
from engine.link import InlineLink
from engine.templates import template, template_names

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def large_text(qapp: QApplication) -> Iterator[None]:
    """As somebody has set it for the whole system."""
    before = qapp.font()
    large = QFont(before)
    large.setPointSizeF(before.pointSizeF() * 1.6)
    qapp.setFont(large)
    yield
    qapp.setFont(before)


@pytest.fixture
def window(qtbot: QtBot) -> MainWindow:
    QSettings().clear()
    made = MainWindow()
    qtbot.addWidget(made, before_close_func=lambda w: w.document.replace(w.document.project))
    made.resize(1280, 800)
    made.show()
    return made


def test_the_first_page_has_every_template_with_its_picture(window: MainWindow) -> None:
    assert window.pages.currentWidget() is window.welcome
    assert set(window.welcome.cards) == set(template_names())
    pictures = {name: card.grab().toImage() for name, card in window.welcome.cards.items()}
    assert pictures["lenet5"] != pictures["mlp"]


def test_a_click_on_a_template_opens_it(window: MainWindow) -> None:
    QTest.mouseClick(window.welcome.cards["lenet5"], LEFT)
    assert window.pages.currentWidget() is window.canvas
    assert window.document.graph == template("lenet5")
    assert not window.document.modified


def test_a_layer_can_be_added_from_the_first_page(window: MainWindow, qtbot: QtBot) -> None:
    window.activateWindow()
    window.actions_["add_layer"].trigger()
    assert window.pages.currentWidget() is window.canvas
    box = window.canvas._quick_add
    assert box is not None
    assert box.isVisible()
    QTest.keyClicks(box.field, "input")
    QTest.keyClick(box.field, Qt.Key.Key_Return)
    assert [node.layer.kind for node in window.document.graph] == ["input"]


def test_a_template_opens_with_the_keyboard_alone(window: MainWindow) -> None:
    card = window.welcome.cards["mlp"]
    card.setFocus()
    QTest.keyClick(card, Qt.Key.Key_Space)
    assert window.document.graph == template("mlp")


def test_the_first_layer_from_the_palette_leads_to_the_canvas(window: MainWindow) -> None:
    palette = window.panels["palette"]
    QTest.keyClicks(palette.field, "input")  # type: ignore[attr-defined]
    QTest.keyClick(palette.field, Qt.Key.Key_Return)  # type: ignore[attr-defined]
    assert window.pages.currentWidget() is window.canvas
    assert "input1" in window.document.graph


def test_recent_files_are_offered(qtbot: QtBot, tmp_path: Path) -> None:
    recent = RecentFiles(tmp_path / "config")
    path = tmp_path / "mine.convstudio"
    path.write_bytes(b"")
    recent.add(path)
    page = WelcomePage(recent)
    qtbot.addWidget(page)
    button = page.recent.itemAt(1).widget()
    with qtbot.waitSignal(page.file_chosen) as chosen:
        QTest.mouseClick(button, LEFT)
    assert chosen.args == [path]


def test_a_pattern_that_was_built_leaves_no_dialog(window: MainWindow, qtbot: QtBot) -> None:
    window.welcome.pattern_wanted.emit()
    (builder,) = window.findChildren(PatternBuilder)
    QTest.mouseClick(builder.buttons.button(QDialogButtonBox.StandardButton.Ok), LEFT)
    assert window.document.graph.name == "[(CONV-RELU)*2-POOL]*2-(FC-RELU)*1-SOFTMAX"
    qtbot.waitUntil(lambda: not window.findChildren(PatternBuilder))


def test_a_name_with_marks_turns_nothing_round_beside_it(qtbot: QtBot, tmp_path: Path) -> None:
    """What is written from right to left, or says that it is, ends with the name."""
    button = RecentFile(tmp_path / "\u202egvs.convstudio")
    qtbot.addWidget(button)
    assert button.text() == f"\u2068\u202egvs.convstudio\u2069   –   \u2068{tmp_path}\u2069"
    assert button.accessibleName() == f"\u202egvs.convstudio – {tmp_path}"


def test_recent_files_are_those_of_the_moment(qtbot: QtBot, tmp_path: Path) -> None:
    recent = RecentFiles(tmp_path / "config")
    page = WelcomePage(recent)
    qtbot.addWidget(page)
    page.show()
    assert page.recent.isEmpty()
    for name in ("one", "two"):
        (tmp_path / f"{name}.convstudio").write_bytes(b"")
        recent.add(tmp_path / f"{name}.convstudio")  # another window has saved it
    QApplication.sendEvent(page, QEvent(QEvent.Type.WindowActivate))
    assert [file.toolTip() for file in offered(page)] == [str(tmp_path / f"{n}.convstudio") for n in ("two", "one")]
    (tmp_path / "two.convstudio").unlink()
    offered(page)[1].setFocus()
    QApplication.sendEvent(page, QEvent(QEvent.Type.WindowActivate))
    (left,) = offered(page)
    assert left.toolTip() == str(tmp_path / "one.convstudio")
    QApplication.sendEvent(page, QEvent(QEvent.Type.WindowActivate))
    assert offered(page) == [left]  # which keeps the keyboard where it has it


def offered(page: WelcomePage) -> list[RecentFile]:
    """The files on the page, from above."""
    found = [page.recent.itemAt(place).widget() for place in range(page.recent.count())]
    return [widget for widget in found if isinstance(widget, RecentFile)]


def test_long_names_of_recent_files_take_no_more_room_than_there_is(qtbot: QtBot, tmp_path: Path) -> None:
    recent = RecentFiles(tmp_path / "config")
    path = tmp_path / f"{'long ' * 40}.convstudio"
    path.write_bytes(b"")
    recent.add(path)
    page = WelcomePage(recent)
    qtbot.addWidget(page)
    page.resize(700, 500)
    page.show()
    QApplication.processEvents()
    button, area = page.recent.itemAt(1).widget(), page.findChild(QScrollArea)
    assert isinstance(button, RecentFile)
    assert area is not None
    assert not area.horizontalScrollBar().isVisible()
    assert "…" in button.text()
    assert (button.toolTip(), path.name in button.accessibleName()) == (str(path), True)
    page.resize(3000, 500)
    QApplication.processEvents()
    assert "…" not in button.text()


@pytest.mark.parametrize("width", [700, 1000, 1900])
def test_templates_use_the_width_of_the_page(qtbot: QtBot, tmp_path: Path, width: int) -> None:
    page = WelcomePage(RecentFiles(tmp_path / "config"))
    qtbot.addWidget(page)
    page.resize(width, 600)
    page.show()
    QApplication.processEvents()
    cards = [card.geometry() for card in page.cards.values()]
    right = max(card.right() for card in cards)
    shelf = next(iter(page.cards.values())).parentWidget()
    assert 0 <= shelf.width() - right < 40
    assert not any(a.intersects(b) for i, a in enumerate(cards) for b in cards[:i])


def test_the_tour_leads_through_the_window_and_back(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(window.session._pipe, "_make_link", InlineLink)
    monkeypatch.setattr(window.session.kept, "folder", tmp_path)
    tour = begun(window)
    project = window.document.project  # its run does not end before the tour, however fast it is
    window.document.perform(edits.set_settings(project, attrs.evolve(project.settings, epochs=100_000)))
    titles = [tour.bubble.title.text()]
    assert window.document.graph == template("lenet5")
    while tour.bubble.on.text() == "Next":
        assert window.rect().contains(tour.bubble.geometry())
        QTest.mouseClick(tour.bubble.on, LEFT)
        titles.append(tour.bubble.title.text())
        qtbot.waitUntil(lambda: tour.ring.size() == tour._target.size())  # panels find their places a moment later
        assert tour.ring.pos() == tour._target.mapTo(window, QPoint(0, 0))
        assert window.session.running == ("Watch filters form" in titles)
    assert len(set(titles)) == 8
    window.session.close()
    assert "conv1" in window.document.selection
    QTest.mouseClick(tour.bubble.back, LEFT)
    assert tour.bubble.title.text() == titles[-2]
    with qtbot.waitSignal(tour.ended):
        QTest.keyClick(tour.bubble, Qt.Key.Key_Escape)
    assert not tour.bubble.isVisible()


@pytest.mark.parametrize(
    ("area", "expected"),
    [
        (QRect(0, 0, 200, 400), QPoint(211, 12)),
        (QRect(700, 0, 300, 400), QPoint(368, 12)),
        (QRect(0, 0, 1000, 50), QPoint(339, 61)),
        (QRect(200, 0, 600, 500), QPoint(339, 511)),
        (QRect(200, 0, 600, 700), QPoint(467, 12)),
        (QRect(0, 0, 300, 800), QPoint(311, 12)),
    ],
)
def test_a_bubble_lies_where_there_is_room(area: QRect, expected: QPoint) -> None:
    assert beside(area, QRect(0, 0, 320, 200), QRect(0, 0, 1000, 800)) == expected


def test_a_tour_that_is_begun_again_takes_the_place_of_the_first(window: MainWindow, qtbot: QtBot) -> None:
    first = begun(window)
    QTest.mouseClick(first.bubble.on, LEFT)
    window.actions_["start_tour"].trigger()
    (shown,) = (tour for tour in window.findChildren(Tour) if tour.bubble.isVisible())
    assert shown.bubble.count.text() == "1 of 8"
    assert not first.ring.isVisible()
    QTest.keyClick(shown.bubble.on, Qt.Key.Key_Escape)
    assert not shown.bubble.isVisible()


def test_the_words_of_the_tour_are_whole_where_text_is_large(large_text: None, window: MainWindow) -> None:
    bubble = begun(window).bubble
    for _ in range(3):  # the next one trains
        needed = bubble.text.heightForWidth(bubble.text.width())
        assert needed <= bubble.text.height() < needed + bubble.text.fontMetrics().height()
        assert bubble.leave.width() >= bubble.leave.sizeHint().width()
        QTest.mouseClick(bubble.on, LEFT)


def test_the_tour_is_told_to_those_who_listen(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[str] = []
    monkeypatch.setattr("convstudio.tour.announce", lambda widget, text: heard.append(text))
    QTest.mouseClick(begun(window).bubble.on, LEFT)
    assert [text.partition(".")[0] for text in heard] == ["The network", "Layers to choose from"]


def begun(window: MainWindow) -> Tour:
    window.actions_["start_tour"].trigger()
    tour = window.findChild(Tour)
    assert tour is not None
    return tour
