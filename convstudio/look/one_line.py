"""Words on one line: what there is no room for ends in dots, and stands beside the mouse."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QResizeEvent
from PySide6.QtWidgets import QLabel, QPushButton, QStyle, QStyleOptionButton, QStylePainter


class OneLine(QLabel):
    """As wide as there is room, however long its words are; `text` has all of them."""

    def minimumSizeHint(self) -> QSize:  # noqa: N802  (Qt's name)
        return QSize(0, super().minimumSizeHint().height())

    @property
    def shown(self) -> str:
        """The words as they are drawn."""
        room = self.contentsRect().width()
        return self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, room)

    def setText(self, text: str) -> None:  # noqa: N802
        super().setText(text)
        self._explain()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        self._explain()

    def _explain(self) -> None:
        self.setToolTip(self.text() if self.shown != self.text() else "")

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        place = QStyle.visualRect(self.layoutDirection(), self.rect(), self.contentsRect())
        ink, words = QPalette.ColorRole.WindowText, self.shown
        self.style().drawItemText(QPainter(self), place, int(left), self.palette(), self.isEnabled(), words, ink)


class OneLineButton(QPushButton):
    """A button whose words may be longer than it is: they begin where they can be read, and end in dots."""

    @property
    def shown(self) -> str:
        """The words as they are drawn."""
        option = QStyleOptionButton()
        self.initStyleOption(option)
        room = self.style().subElementRect(QStyle.SubElement.SE_PushButtonContents, option, self).width()
        return self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, room)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802  (Qt's name)
        option = QStyleOptionButton()
        self.initStyleOption(option)
        option.text = self.shown
        QStylePainter(self).drawControl(QStyle.ControlElement.CE_PushButton, option)
