"""What the window needs of Qt's bindings."""

import sys

from PySide6.QtGui import QPainterPath
from pytestqt.qtbot import QtBot


def test_calls_that_return_nothing_lose_no_reference_to_none(qtbot: QtBot) -> None:
    """A release of the bindings did, and Python ended the program after a few minutes of drawing."""
    path = QPainterPath()
    before = sys.getrefcount(None)
    for _ in range(1000):
        path.lineTo(1, 1)
    assert sys.getrefcount(None) > before - 500
