"""The ledger forwards: click a pixel, read its arithmetic, go deeper and back."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QHBoxLayout, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from convstudio.document import edits
from convstudio.panels.ledger.map_view import MapView, picture
from convstudio.panels.ledger.panel import EMPTY, LedgerPanel
from convstudio.panels.ledger.table import TermsTable
from convstudio.training.asking import WhyLoss, WhyNumber, WhyWeight
from engine.explained import number
from engine.questions import Explain, ExplainedLoss, ExplainLoss, Look, Looked, NotAnswered
from tests.convstudio.panels.ledger.asked import CONV, DENSE, FLAT, INPUT, POOL, RELU, Asked, document_of

LEFT = Qt.MouseButton.LeftButton


def click(view: MapView, row: int, column: int) -> None:
    QTest.mouseClick(view, LEFT, pos=view.centre(row, column).center())


def cells(table: TermsTable, row: int) -> dict[str, str]:
    return {head.head: str(table.terms.index(row, column).data()) for column, head in enumerate(table.terms.columns)}


def choose(table: TermsTable, row: int, head: str) -> None:
    column = next(place for place, column in enumerate(table.terms.columns) if column.head == head)
    rect = table.visualRect(table.terms.index(row, column))
    QTest.mouseClick(table.viewport(), LEFT, pos=rect.center())


def read(text: str) -> float:
    return float(text.replace("−", "-"))


def test_nothing_chosen_says_what_to_do(panel: LedgerPanel) -> None:
    assert panel.refusal.text() == EMPTY
    assert panel.refusal.isVisible()
    assert not panel.number.isVisible()
    assert not panel.back.isEnabled()
    assert not panel.again.isEnabled()


def test_a_click_shows_every_product_and_their_sum(panel: LedgerPanel) -> None:
    page = panel.number
    panel._document.select([CONV])
    page.channel.setValue(1)
    click(page.map, 4, 5)
    assert page.says.text().startswith(f"{CONV}, channel 1, at 4, 5 = ")
    assert page.table.terms.rowCount() == 9
    value = page.says.text().rpartition(" = ")[2]
    sum_line, after = page.lines.text().split("\n")[0], page.lines.text().split("\n")[-1]
    assert sum_line.endswith(f"= {value}") or f" has {value}" in page.lines.text()
    assert after == f"{RELU} makes of it {value if read(value) > 0 else 0}"
    rows = [cells(page.table, row) for row in range(9)]
    parts = [abs(read(row["Product"])) for row in rows]
    assert parts == sorted(parts, reverse=True)
    assert {row["Position"] for row in rows} == {f"{r}, {c}" for r in (3, 4, 5) for c in (4, 5, 6)}


def test_patch_times_kernel_gives_the_products(panel: LedgerPanel) -> None:
    panel._document.select([CONV])
    click(panel.number.map, 0, 5)  # at the edge: a row of the patch is padding
    figure = panel.number.figure
    assert figure.isVisible()
    patch, kernel, products = (grid.values for grid in (figure.patch, figure.kernel, figure.products))
    assert patch.shape == kernel.shape == products.shape == (3, 3)
    assert np.isnan(patch[0]).all()
    assert np.isnan(products[0]).all()
    assert np.isfinite(kernel).all()  # those that meet nothing are there too
    assert patch[1:] * kernel[1:] == pytest.approx(products[1:])
    assert panel.number.table.terms.rowCount() == 6


def test_a_number_of_the_patch_leads_to_it(panel: LedgerPanel) -> None:
    panel._document.select([POOL])
    click(panel.number.map, 1, 2)
    figure = panel.number.figure
    assert not figure.kernel.isVisible()
    channel = panel.number.channel.value()
    QTest.mouseClick(figure.patch, LEFT, pos=figure.patch.cell(1, 0).center())
    assert panel.number.says.text().startswith(f"{RELU}, channel {channel}, at 3, 4 = ")


def test_the_header_sorts_the_terms(panel: LedgerPanel) -> None:
    panel._document.select([CONV])
    click(panel.number.map, 4, 5)
    table = panel.number.table
    header = table.horizontalHeader()
    assert header.model().headerData(5, Qt.Orientation.Horizontal, Qt.ItemDataRole.DisplayRole) == "Product ↓"
    QTest.mouseClick(header.viewport(), LEFT, pos=QPoint(header.sectionViewportPosition(3) + 20, 10))
    values = [read(cells(table, row)["Value"]) for row in range(9)]
    assert values in (sorted(values), sorted(values, reverse=True))


def test_no_digit_of_the_terms_is_cut_in_a_narrow_panel(panel: LedgerPanel) -> None:
    panel._document.select([CONV])
    panel.resize(660, 700)
    session: Asked = panel._session  # type: ignore[assignment]
    for why in (WhyNumber(CONV, (1, 3, 3), 0), WhyWeight(CONV, "weight", (0, 0, 1, 1)), WhyLoss(0)):
        session.why.emit(why)
        page = next(page for page in panel.pages if page.isVisible())
        table = page.findChild(TermsTable)
        assert table is not None
        head = table.horizontalHeader()
        assert table.terms.rowCount() > 3
        for column in range(table.terms.columnCount()):
            assert head.sectionSize(column) >= head.sectionSizeHint(column), table.terms.columns[column].head
            assert head.sectionSize(column) >= table.sizeHintForColumn(column)
        assert sum(map(head.sectionSize, range(head.count()))) == table.viewport().width()


def test_one_goes_deeper_to_the_input_and_back(panel: LedgerPanel) -> None:
    page = panel.number
    panel._document.select([DENSE])
    click(page.map, 0, 1)
    assert page.table.terms.rowCount() == 48
    assert not panel.back.isEnabled()  # one has only moved on the map
    for node in (FLAT, POOL, RELU, CONV, INPUT):
        value = cells(page.table, 0)["Value"]
        choose(page.table, 0, "Value")
        assert page.name.text() == node
        assert page.says.text().endswith(f" = {value}")
    assert page.lines.text().startswith("the sample's own number: ")
    assert [button.text().partition("[")[0] for button in panel.crumbs.buttons] == [
        DENSE,
        FLAT,
        POOL,
        RELU,
        CONV,
        INPUT,
    ]
    for node in (CONV, RELU, POOL, FLAT, DENSE):
        QTest.mouseClick(panel.back, LEFT)
        assert page.name.text() == node
    assert not panel.back.isEnabled()


def test_the_keyboard_stays_in_the_panel_where_the_table_of_terms_ends(qtbot: QtBot, session: Asked) -> None:
    window = QWidget()
    row = QHBoxLayout(window)
    panel = LedgerPanel(document_of(), session)
    for part in (QPushButton("of another panel"), panel, QPushButton("of a third one")):
        row.addWidget(part)
    qtbot.addWidget(window)
    window.resize(900, 900)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    panel._document.select([CONV])
    click(panel.number.map, 1, 1)
    choose(panel.number.table, 0, "Value")
    assert panel.number.table.isHidden()
    assert panel.isAncestorOf(QApplication.focusWidget()), QApplication.focusWidget()


def test_a_crumb_leads_back_and_the_way_goes_on_from_there(panel: LedgerPanel) -> None:
    panel._document.select([DENSE])
    click(panel.number.map, 0, 1)
    for _ in range(3):
        choose(panel.number.table, 0, "Value")
    QTest.mouseClick(panel.crumbs.buttons[1], LEFT)
    assert panel.number.name.text() == FLAT
    assert len(panel.crumbs.buttons) == 4
    assert [button.isChecked() for button in panel.crumbs.buttons] == [False, True, False, False]
    choose(panel.number.table, 0, "Value")
    assert [button.text().partition("[")[0] for button in panel.crumbs.buttons] == [DENSE, FLAT, POOL]


def test_the_receptive_field_is_framed_in_every_layer_below(panel: LedgerPanel) -> None:
    panel._document.select([POOL])
    click(panel.number.map, 1, 2)
    assert {view.accessibleName(): view._box for view in panel.number.sight.views.values()} == {
        f"{RELU} · 2 × 2 px": ((2, 4), (4, 6)),
        f"{CONV} · 2 × 2 px": ((2, 4), (4, 6)),
        f"{INPUT} · 4 × 4 px": ((1, 5), (3, 7)),
    }


def test_layers_below_never_lie_on_each_other(panel: LedgerPanel, qtbot: QtBot) -> None:
    panel._document.select([DENSE])
    sight = panel.number.sight
    panel.resize(panel.minimumSizeHint().width(), 900)
    qtbot.waitUntil(lambda: sight.height() >= sight.flow.heightForWidth(sight.width()) > 200)
    tiles = [sight.flow.itemAt(place).geometry() for place in range(sight.flow.count())]  # type: ignore[union-attr]
    assert len(tiles) == 5
    assert len({tile.top() for tile in tiles}) > 1
    assert not any(a.intersects(b) for i, a in enumerate(tiles) for b in tiles[:i])


def test_keys_move_on_the_map_and_the_value_under_the_mouse_is_told(panel: LedgerPanel) -> None:
    page = panel.number
    panel._document.select([CONV])
    click(page.map, 2, 2)
    QTest.keyClick(page.map, Qt.Key.Key_Down)
    assert ", at 3, 2 = " in page.says.text()
    QTest.mouseMove(page.map, page.map.centre(1, 6).center())
    assert (
        page.under_mouse.text()
        == f"channel {page.channel.value()}, at 1, 6: {number(float(page._values[page.channel.value(), 1, 6]))}"
    )


def test_another_sample_has_other_numbers(panel: LedgerPanel) -> None:
    panel._document.select([CONV])
    click(panel.number.map, 4, 4)
    before, values = panel.number.says.text(), panel.number._values.copy()
    panel.sample.setFocus()
    QTest.keyClick(panel.sample, Qt.Key.Key_Up)
    assert panel.sample.value() == 1
    assert panel.number.says.text() != before
    assert (panel.number._values != values).any()


def test_another_panel_may_ask_and_the_sample_comes_along(panel: LedgerPanel, session: Asked) -> None:
    session.why.emit(WhyNumber(CONV, (2, 7, 7), sample=5))
    assert panel.number.says.text().startswith(f"{CONV}, channel 2, at 7, 7 = ")
    assert panel.sample.value() == 5
    assert panel.number.channel.value() == 2
    session.why.emit(WhyNumber(POOL, (0, 1, 1), sample=5))
    assert not panel.back.isEnabled()  # a new way has begun


def test_a_hidden_panel_asks_when_it_is_seen(panel: LedgerPanel, session: Asked) -> None:
    panel.hide()
    session.why.emit(WhyNumber(CONV, (2, 7, 7)))
    session.network_changed.emit()
    assert not session.questions
    panel.show()
    assert panel.number.says.text().startswith(f"{CONV}, channel 2, at 7, 7 = ")


def test_after_a_step_update_shows_the_new_number(panel: LedgerPanel, session: Asked) -> None:
    session.why.emit(WhyNumber(DENSE, (2,)))
    before = panel.number.says.text()
    session.step()
    QTest.mouseClick(panel.again, LEFT)
    assert panel.number.says.text() != before


def test_the_loss_is_a_number_too(panel: LedgerPanel, session: Asked) -> None:
    panel._document.select([DENSE])
    QTest.mouseClick(panel.loss, LEFT)
    page, answers = panel.loss_page, list[ExplainedLoss]()
    session.answered.connect(answers.append)
    session.ask_about(ExplainLoss(99, 0))
    label = answers[0].label
    assert page.says.text() == f"Loss of sample 0 (class {label}) = {number(answers[0].value)}"
    assert page.table.terms.rowCount() == 4
    top = cells(page.table, 0)
    assert (top["Class"], top["Share wanted"], top["Loss"]) == (
        str(label),
        "1",
        number(answers[0].explanation.result),
    )
    assert top["Probability"] == number(float(np.exp(-answers[0].explanation.result)))
    classes = [cells(page.table, row)["Class"] for row in range(1, 4)]
    assert classes == sorted(classes)  # those that give nothing stay in their order
    choose(page.table, 1, "Output")
    assert panel.number.name.text() == DENSE
    assert panel.crumbs.buttons[-2].text() == "loss"
    session.why.emit(WhyLoss(3))
    assert page.says.text().startswith("Loss of sample 3 (class ")


def test_what_cannot_be_answered_is_said(panel: LedgerPanel, session: Asked) -> None:
    session.why.emit(WhyNumber("conv9", (0, 0, 0)))
    assert panel.refusal.text() == "The network in training has no layer 'conv9'. It was drawn after the run began."
    assert panel.refusal.isVisible()
    session.answered.emit(NotAnswered(10_000, "of somebody else"))
    assert panel.refusal.text() != "of somebody else"


def test_the_page_is_copied_as_text_and_rows_too(panel: LedgerPanel) -> None:
    panel._document.select([CONV])
    click(panel.number.map, 4, 5)
    QTest.mouseClick(panel.copy, LEFT)
    lines = QGuiApplication.clipboard().text().split("\n")
    assert lines[0] == panel.number.says.text()
    table = lines[lines.index("From\tChannel\tPosition\tValue\tWeight\tProduct") + 1 :]
    assert len(table) == 9
    assert table[0].split("\t") == list(cells(panel.number.table, 0).values())
    panel.number.table.selectRow(2)
    QTest.keyClick(panel.number.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == table[2]


def test_a_signals_numbers_have_two_places(qtbot: QtBot) -> None:
    from engine import chain, make

    network = chain(
        make("input", shape=(1, 8, 8)),
        make("reshape", shape=(4, 16)),
        make("conv1d", out_channels=2, kernel_size=3),
        make("flatten"),
        make("dense", out_features=4),
    )
    session = Asked(network)
    panel = LedgerPanel(document_of(network), session)
    qtbot.addWidget(panel)
    panel.show()
    conv = network.order[2].id
    panel._document.select([conv])
    click(panel.number.map, 1, 7)
    assert panel.number.says.text().startswith(f"{conv}, channel 1, at 7 = ")
    assert panel.number.figure.patch.values.shape == (1, 3)
    assert panel.number.figure.channel.maximum() == 3
    session.link.kill()


def test_zero_has_the_panels_colour_and_signs_have_their_own(qtbot: QtBot) -> None:
    from convstudio.look.theme import theme

    image = picture(np.array([[-2.0, 0.0, 2.0]], np.float32))
    colors = [image.pixelColor(column, 0).name() for column in range(3)]
    assert colors == [theme().category("pooling").name(), theme().color("panel").name(), theme().color("accent").name()]


def test_a_layer_begins_with_its_strongest_number(panel: LedgerPanel) -> None:
    page = panel.number
    panel._document.select([CONV])
    assert page.at is not None
    assert abs(page._values[page.at]) == np.abs(page._values).max()
    assert page.table.isVisible()
    assert page.under_mouse.text() == "Click a pixel to see how it was made"
    assert page.channel.value() == page.at[0]


def test_moving_on_a_map_does_not_ask_for_it_again(panel: LedgerPanel, session: Asked) -> None:
    panel._document.select([CONV])
    session.questions.clear()
    click(panel.number.map, 1, 1)
    assert [type(question) for question in session.questions] == [Explain]
    QTest.mouseClick(panel.again, LEFT)
    assert [type(question) for question in session.questions[1:]] == [Look, Explain]


def test_channels_that_did_not_fit_into_an_answer_come_when_they_are_wanted(
    panel: LedgerPanel, session: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    from engine.answers import inside

    monkeypatch.setattr(inside, "REPORT_BYTES", inside.SPARE_BYTES + 8 * 8 * 4)
    session.why.emit(WhyNumber(CONV, (0, 2, 2)))
    page = panel.number
    assert (page._first, len(page._values), page.channel.maximum()) == (0, 1, 2)
    page.channel.setValue(2)
    assert (page._first, page.channel.value()) == (2, 2)
    assert session.trainer.network.activations(session.trainer.sample(0)[None], (CONV,))[CONV][
        0, 2, 5, 6
    ] == page._value((2, 5, 6))
    click(page.map, 5, 6)
    assert page.says.text() == f"{CONV}, channel 2, at 5, 6 = {number(page._value((2, 5, 6)))}"


def test_a_map_that_comes_too_late_is_not_shown(panel: LedgerPanel, session: Asked) -> None:
    session.why.emit(WhyNumber(CONV, (2, 7, 7)))
    late = Looked(panel._looked, DENSE, "activations", np.zeros(4, np.float32), 4)
    session.answered.emit(late)
    assert panel.number.name.text() == CONV
    assert panel.number._values.shape == (3, 8, 8)


def test_a_number_that_is_not_there_is_said_and_the_panel_goes_on(panel: LedgerPanel, session: Asked) -> None:
    session.why.emit(WhyNumber(CONV, (2,)))
    sentence = f"{CONV} has the shape (3, 8, 8); there is no number at (2,). Click one of its pixels."
    assert panel.refusal.text() == sentence
    session.why.emit(WhyNumber(CONV, (2, 0, 0)))
    assert panel.number.isVisible()


@pytest.mark.parametrize("size", [(2, 2), (5, 5), (3, 2), (1, 7)])
def test_an_answer_about_a_layer_that_is_another_one_by_now_is_no_mistake(
    panel: LedgerPanel, session: Asked, size: tuple[int, int]
) -> None:
    document = panel._document
    panel.begin(WhyNumber(CONV, (0, 3, 3)))
    assert panel.number.figure.isVisible()
    document.perform(edits.set_field(document.project, {CONV}, "kernel_size", size))
    panel.begin(WhyNumber(CONV, (0, 4, 4)))  # answered by the network as it was
    assert panel.number.says.text().startswith(f"{CONV}")
    assert panel.number.figure.isHidden()
    document.perform(edits.set_field(document.project, {POOL}, "kernel_size", (1, 1)))
    panel.begin(WhyNumber(POOL, (0, 2, 2)))
    assert panel.number.says.text().startswith(f"{POOL}")
