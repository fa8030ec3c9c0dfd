"""The mistakes panel by mouse and keys: what it shows is what the network says."""

from __future__ import annotations

from typing import Any

import attrs
import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from convstudio.document import edits
from convstudio.look.sheet import CELL_PX
from convstudio.look.theme import DARK, LIGHT, Theme, appearance, theme
from convstudio.panels.mistakes.matrix import ConfusionView, contrast, ink_on, share_text
from convstudio.panels.mistakes.panel import CELL, CLASSES, LARGE, POINT, UNSURE, WORST, MistakesPanel
from convstudio.training.session import Session
from engine.network import Network
from engine.questions.mistakes import FindMistakes, Samples
from tests.convstudio.panels.mistakes.conftest import GRAPH, SETTINGS
from tests.patience import PATIENCE_MS

LEFT = Qt.MouseButton.LeftButton


def said_by(panel: MistakesPanel) -> tuple[np.ndarray, np.ndarray]:
    """Class and verdict of every test sample, by the network itself."""
    with np.load(panel._document.project.data.name) as file:
        train, x, labels = file["x_train"] / 255, file["x_test"] / 255, file["y_test"]
    network = Network(GRAPH)
    for name, array in network.parameters.items():
        array[...] = panel._document.weights[name]
    return labels, network.predict(((x - train.mean()) / train.std()).astype(np.float32)).argmax(1)


def asked(session: Session, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What is asked from now on."""
    questions: list[Any] = []
    ask = session.ask_about
    monkeypatch.setattr(session, "ask_about", lambda question: (questions.append(question), ask(question)))
    return questions


def click_cell(panel: MistakesPanel, row: int, column: int, qtbot: QtBot) -> None:
    QTest.mouseClick(panel.matrix, LEFT, pos=panel.matrix.cell_rect(row, column).center().toPoint())
    qtbot.waitUntil(lambda: "(" in panel.tabs.tabText(CELL), timeout=PATIENCE_MS)


def reddest(panel: MistakesPanel) -> tuple[int, int]:
    counts = panel.matrix.counts - np.diag(panel.matrix.counts.diagonal())
    row, column = np.unravel_index(counts.argmax(), counts.shape)
    return int(row), int(column)


def test_the_table_is_what_the_network_says(panel: MistakesPanel) -> None:
    labels, said = said_by(panel)
    expected = np.zeros((3, 3), int)
    np.add.at(expected, (labels, said), 1)
    assert panel.matrix.counts.tolist() == expected.tolist()
    mistakes = int((labels != said).sum())
    assert panel.summary.text() == f"{mistakes} mistakes · {(60 - mistakes) / 60 * 100:.2f} % right"
    assert [panel.part.itemText(i) for i in range(panel.part.count())] == ["Test", "Validation", "Training"]
    assert panel.part.currentData() == "test"
    assert panel.classes.index(1, 4).data() == "20"
    recall = expected[1, 1] / 20 * 100
    assert panel.classes.index(1, 2).data() == f"{recall:.1f} %"


def test_a_cell_under_the_mouse_is_read_and_a_click_shows_its_samples(panel: MistakesPanel, qtbot: QtBot) -> None:
    assert not panel.tabs.isTabVisible(CELL)
    row, column = reddest(panel)
    place = panel.matrix.cell_rect(row, column).center().toPoint()
    QTest.mouseMove(panel.matrix, place)
    count = panel.matrix.counts[row, column]
    share = count / 20 * 100
    assert panel.under_mouse.text() == f"{row} said to be {column}: {count} of 20, {share:.0f} %"
    click_cell(panel, row, column, qtbot)
    assert panel.tabs.tabText(CELL) == f"{row} → {column} ({count})"
    samples = panel.cell.model_.samples
    assert samples is not None
    assert len(samples) == count
    assert (np.diff(samples.confidence) <= 0).all()
    labels, said = said_by(panel)
    assert set(samples.numbers - 9) == set(np.flatnonzero((labels == row) & (said == column)))  # 9 are for validation
    QTest.mouseMove(panel.matrix, QPoint(1, 1))
    assert panel.under_mouse.text() == POINT


@pytest.mark.parametrize(
    ("share", "words"), [(1.0, "100"), (0.9731, "97"), (0.0123, "1.2"), (0.005, "0.5"), (0.0005, "0.05"), (0.0, "0")]
)
def test_shares_are_short(share: float, words: str) -> None:
    assert share_text(share) == words


def test_arrow_keys_walk_from_cell_to_cell(panel: MistakesPanel, qtbot: QtBot) -> None:
    panel.matrix.setFocus()
    for key, place in (
        (Qt.Key.Key_Right, (0, 0)),
        (Qt.Key.Key_Right, (0, 1)),
        (Qt.Key.Key_Down, (1, 1)),
        (Qt.Key.Key_Left, (1, 0)),
        (Qt.Key.Key_Left, (1, 0)),
        (Qt.Key.Key_Up, (0, 0)),
    ):
        QTest.keyClick(panel.matrix, key)
        assert panel.matrix.chosen == place
    qtbot.waitUntil(lambda: panel.tabs.tabText(CELL).startswith("0, found ("), timeout=PATIENCE_MS)


def test_a_class_of_the_table_opens_its_cell_and_the_head_sorts(panel: MistakesPanel, qtbot: QtBot) -> None:
    head = panel.table.horizontalHeader()
    QTest.mouseClick(head.viewport(), LEFT, pos=QPoint(head.sectionViewportPosition(3) + 20, 10))
    f1 = [float(panel.classes.index(row, 3).data().split()[0]) for row in range(3)]
    assert f1 in (sorted(f1), sorted(f1, reverse=True))
    assert head.sortIndicatorSection() == 3
    before = head.viewport().grab().toImage()
    QTest.mouseClick(head.viewport(), LEFT, pos=QPoint(head.sectionViewportPosition(3) + 20, 10))
    assert head.viewport().grab().toImage() != before  # the sign points the other way
    number = panel.classes.class_of(2)
    QTest.mouseClick(panel.table.viewport(), LEFT, pos=panel.table.visualRect(panel.classes.index(2, 0)).center())
    assert panel.matrix.chosen == (number, number)
    qtbot.waitUntil(lambda: panel.tabs.tabText(CELL).startswith(f"{number}, found ("), timeout=PATIENCE_MS)


def test_no_word_above_the_classes_is_cut(panel: MistakesPanel) -> None:
    head = panel.table.horizontalHeader()
    for place in range(1, head.count()):
        words = head.fontMetrics().horizontalAdvance(panel.classes.headerData(place, Qt.Orientation.Horizontal))
        assert head.sectionSize(place) > words + 2 * CELL_PX


def test_a_sample_is_looked_at_and_marked_everywhere(panel: MistakesPanel, session: Session, qtbot: QtBot) -> None:
    model = panel.wrong.model_
    assert model.samples is not None
    assert panel.tabs.currentIndex() == WORST
    assert (np.diff(model.samples.losses) <= 0).all()
    first = panel.wrong.visualRect(model.index(0))
    QTest.mouseClick(panel.wrong.viewport(), LEFT, pos=first.center())
    assert session.showing == model.number(0)
    QTest.keyClick(panel.wrong, Qt.Key.Key_Right)
    assert session.showing == model.number(1)
    panel.tabs.setCurrentIndex(UNSURE)
    uncertain = panel.uncertain.model_
    assert uncertain.samples is not None
    assert (np.diff(uncertain.samples.confidence) >= 0).all()
    told: list[Any] = []
    session.shown.connect(told.append)
    session.look_at(uncertain.number(4))  # by somebody else
    assert told == [uncertain.number(4)]
    assert [index.row() for index in panel.uncertain.selectedIndexes()] == [4]
    session.predict(np.zeros((1, 6, 6), np.uint8))  # something drawn: no sample of these
    assert not panel.uncertain.selectedIndexes()
    qtbot.waitSignal(session.predicted, timeout=PATIENCE_MS).wait()


def test_a_card_says_what_it_is_and_how_surely(panel: MistakesPanel) -> None:
    model = panel.wrong.model_
    assert model.samples is not None
    right, said, sure = (
        float(column[0]) for column in (model.samples.right, model.samples.said, model.samples.confidence)
    )
    assert model.words(0)[0] == f"{right:.0f} → {said:.0f}"
    assert model.words(0)[1].endswith(" %")
    text = model.index(0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert text.startswith(f"Sample {model.number(0)}\ntrue {right:.0f}, said {said:.0f} with {sure * 100:.0f}")
    with np.load(panel._document.project.data.name) as file:
        assert (model.samples.pictures[0] == file["x_test"][model.number(0) - 9, 0]).all()


def test_what_has_no_samples_says_so(panel: MistakesPanel, qtbot: QtBot) -> None:
    panel._open_cell(2, 1)
    assert panel.cell.empty == "No 2 is said to be 1."
    qtbot.waitUntil(lambda: "(" in panel.tabs.tabText(CELL), timeout=PATIENCE_MS)
    before = panel.cell.viewport().grab().toImage()
    assert panel.cell.model_.samples is not None
    nothing = Samples(*(column[:0] for column in attrs.astuple(panel.cell.model_.samples, recurse=False)))
    panel.cell.show_samples(nothing, ["0", "1", "2"])
    words = panel.cell.viewport().grab().toImage()
    assert words != before
    panel.cell.empty = ""
    assert panel.cell.viewport().grab().toImage() != words


def test_counts_become_shares(panel: MistakesPanel) -> None:
    before = panel.matrix.grab().toImage()
    panel.numbers.setCurrentIndex(1)
    assert panel.matrix.shares_shown
    assert panel.matrix.grab().toImage() != before
    assert np.allclose(panel.matrix.shares.sum(axis=1), 1)


def test_mistakes_are_written_where_the_large_numbers_beside_them_have_no_room(qtbot: QtBot) -> None:
    matrix = ConfusionView()
    qtbot.addWidget(matrix)
    counts = np.zeros((10, 10), np.int64)
    np.fill_diagonal(counts, 11_280)
    counts[4, 9] = 18
    matrix.show_counts(counts, [str(label) for label in range(10)])
    matrix.resize(matrix.readable_px, matrix.readable_px)
    image, ratio = matrix.grab().toImage(), matrix.devicePixelRatioF()

    def colors(row: int, column: int) -> int:
        cell = matrix.cell_rect(row, column).adjusted(3, 3, -3, -3)
        left, top, right, bottom = (
            int(edge * ratio) for edge in (cell.left(), cell.top(), cell.right(), cell.bottom())
        )
        return len({image.pixel(x, y) for x in range(left, right) for y in range(top, bottom)})

    assert colors(4, 9) > 1
    assert colors(4, 4) == colors(9, 4) == 1


@pytest.mark.parametrize("look", [LIGHT, DARK])
def test_the_diagonal_and_mistakes_have_colours_of_their_own(panel: MistakesPanel, look: str) -> None:
    appearance().choose(look)
    image, ratio = panel.matrix.grab().toImage(), panel.matrix.devicePixelRatioF()

    def color(row: int, column: int) -> Any:
        corner = panel.matrix.cell_rect(row, column).topLeft().toPoint() * ratio
        return image.pixelColor(corner.x() + 3, corner.y() + 3)

    row, column = reddest(panel)
    panel_color, shares = theme().color("panel"), panel.matrix.shares
    for (right, said), role in (((0, 0), "accent"), ((row, column), "error")):
        wanted = theme().mixed(panel_color, theme().color(role), shares[right, said] ** 0.5)
        assert np.allclose(color(right, said).getRgb(), wanted.getRgb(), atol=1)
    appearance().choose(LIGHT)


@pytest.mark.parametrize("look", [Theme(LIGHT), Theme(DARK)])
@pytest.mark.parametrize("role", ["accent", "error"])
def test_numbers_can_be_read_on_every_colour(look: Theme, role: str) -> None:
    for full in np.linspace(0, 1, 41):
        ground = look.mixed(look.color("panel"), look.color(role), float(full))
        assert contrast(ink_on(look, ground), ground) > 3.5


def test_another_part_is_asked_for(panel: MistakesPanel, qtbot: QtBot) -> None:
    panel.part.setCurrentIndex(2)
    panel.part.activated.emit(2)
    qtbot.waitUntil(lambda: panel._found is not None and panel._found.part == "training", timeout=PATIENCE_MS)
    assert panel.matrix.counts.sum() == 81
    assert panel.part.currentText() == "Training"


def test_every_epoch_brings_new_ones_and_a_hidden_panel_asks_nothing(
    panel: MistakesPanel, session: Session, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    questions = asked(session, monkeypatch)
    panel.hide()
    with qtbot.waitSignal(session.finished, timeout=PATIENCE_MS):
        session.start()
    assert not [question for question in questions if isinstance(question, FindMistakes)]
    before = panel._found
    panel.show()
    qtbot.waitUntil(lambda: panel._found is not None and panel._found is not before, timeout=PATIENCE_MS)
    labels, said = said_by(panel)
    assert panel.matrix.counts.trace() == (labels == said).sum()


def test_while_it_trains_the_table_follows(panel: MistakesPanel, session: Session, qtbot: QtBot) -> None:
    steps: set[int] = set()
    document = session.document
    document.perform(edits.set_settings(document.project, attrs.evolve(SETTINGS, epochs=100_000)))
    session.start()

    def followed() -> bool:
        if panel._found is not None and panel._found.step:
            steps.add(panel._found.step)
        return len(steps) > 2

    qtbot.waitUntil(followed, timeout=PATIENCE_MS)
    session.stop()
    qtbot.waitUntil(lambda: not session.running, timeout=PATIENCE_MS)


def test_a_network_that_names_no_classes_is_told_so(panel: MistakesPanel, session: Session, qtbot: QtBot) -> None:
    document = session.document
    settings = attrs.evolve(SETTINGS, loss="mean_squared_error")
    document.perform(edits.set_settings(document.project, settings))
    QTest.mouseClick(panel.again, LEFT)
    qtbot.waitUntil(lambda: panel.pages.currentWidget() is panel.says, timeout=PATIENCE_MS)
    assert panel.says.text() == (
        "This network is not trained to tell classes apart, so it makes no mistakes of this kind. "
        "Choose cross-entropy as the loss, and data with classes."
    )
    assert not panel.summary.isVisible()


def test_a_large_network_waits_for_a_wish(
    panel: MistakesPanel, session: Session, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("convstudio.panels.mistakes.panel.LARGEST_OPENED", 10)
    questions = asked(session, monkeypatch)
    session.network_changed.emit()
    qtbot.waitUntil(lambda: panel.says.text() == LARGE, timeout=PATIENCE_MS)
    assert not questions
    QTest.mouseClick(panel.again, LEFT)
    qtbot.waitUntil(lambda: panel._found is not None, timeout=PATIENCE_MS)
    assert panel.pages.currentWidget() is panel.halves


def test_the_halves_lie_side_by_side_where_it_is_wide(panel: MistakesPanel) -> None:
    assert panel.halves.orientation() == Qt.Orientation.Vertical
    panel.resize(1500, 420)
    assert panel.halves.orientation() == Qt.Orientation.Horizontal
    assert min(panel.halves.sizes()) > 300


def test_where_it_is_narrow_the_classes_are_a_list_of_their_own(
    panel: MistakesPanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("convstudio.panels.mistakes.matrix.READABLE_CELL_PX", 100)  # as many classes would need
    panel.resize(900, 700)
    assert panel.table.isVisible()
    assert not panel.tabs.isTabVisible(CLASSES)
    panel.resize(panel.matrix.readable_px + panel.table.minimumWidth(), 600)
    assert panel.tabs.isTabVisible(CLASSES)
    assert not panel.table.isVisible()
    QTest.mouseClick(panel.tabs, LEFT, pos=panel.tabs.tabRect(CLASSES).center())
    assert panel.table.isVisible()
    panel.resize(900, 700)
    assert not panel.tabs.isTabVisible(CLASSES)
    assert panel.table.isVisible()
    assert panel.tabs.currentIndex() == WORST
    assert panel.table.width() >= panel.table.minimumWidth()
