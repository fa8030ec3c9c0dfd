"""What a test leaves behind is found."""

from __future__ import annotations

import multiprocessing
import threading
import time

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from tests import leaks
from tests.leaks import alive


@pytest.fixture(autouse=True)
def in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PATIENCE_SECONDS", "ENDING_SECONDS"):
        monkeypatch.setattr(leaks, name, 0.05)


def test_a_window_and_its_timer_are_found(qtbot: QtBot) -> None:
    before = alive()
    window = QWidget()
    window.setWindowTitle("forgotten")
    window.show()
    timer = QTimer(window)
    timer.start(50)
    assert leaks.leaks(before) == ["the window QWidget forgotten", "a timer of QWidget"]
    window.close()
    window.deleteLater()
    assert leaks.leaks(before) == []


def test_a_timer_that_is_over_soon_is_none(qtbot: QtBot) -> None:
    before = alive()
    timer = QTimer()
    timer.setSingleShot(True)
    timer.start(20)
    assert leaks.leaks(before) == []
    timer.stop()


def test_a_thread_and_a_process_are_found() -> None:
    before = alive()
    over = threading.Event()
    thread = threading.Thread(target=over.wait, name="forgotten")
    thread.start()
    process = multiprocessing.get_context("spawn").Process(target=time.sleep, args=(60,), name="lasting")
    process.start()
    assert leaks.leaks(before) == ["the thread forgotten", "the process lasting"]
    over.set()
    process.kill()
    thread.join()
    process.join()
    assert leaks.leaks(before) == []
    process.close()
