"""A weight of a kernel that is shown large leads to its gradient in the ledger."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from convstudio.panels.filters.panel import FiltersPanel
from convstudio.training.asking import WhyWeight
from convstudio.training.session import Session
from tests.convstudio.panels.filters.test_filters import CONV, open_kernel


def test_a_click_on_a_weight_asks_for_it(panel: FiltersPanel, session: Session, qtbot: QtBot) -> None:
    open_kernel(panel, 2, qtbot)
    asked: list[Any] = []
    session.why.connect(asked.append)
    kernel = panel.detail.kernel
    zoom, corner = kernel.grid_.zoom, kernel.tile_rect(0).topLeft().toPoint()
    spot = QPoint(corner.x() + 2 * zoom + 1, corner.y() + zoom + 1)
    QTest.mouseClick(kernel, Qt.MouseButton.LeftButton, pos=spot)
    assert asked == [WhyWeight(CONV, "weight", (2, panel.detail.channel.value(), 1, 2))]
