"""Settings that something else has written over: the window opens as on the first day, and never crashes."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QByteArray, QSettings
from pytestqt.qtbot import QtBot

from convstudio.main_window import MainWindow
from convstudio.preferences import Preferences, read
from convstudio.remembering import remember, remembered
from convstudio.training.pipe import Pipe
from convstudio.workplaces import WORK_PLACES


@pytest.fixture(autouse=True)
def settings(monkeypatch: pytest.MonkeyPatch) -> Iterator[QSettings]:
    monkeypatch.setattr(Pipe, "send", lambda pipe, message: None)
    QSettings().clear()
    yield QSettings()
    QSettings().clear()


def test_bytes_are_remembered_as_they_were() -> None:
    state = QByteArray(b"\0\xff some state")
    remember("geometry", state)
    assert remembered("geometry") == state


@pytest.mark.parametrize("value", [None, "text", 7, QByteArray(), QByteArray(b"short"), QByteArray(b"x" * 400), []])
def test_what_is_not_ours_is_not_remembered(settings: QSettings, value: object) -> None:
    settings.setValue("geometry", value)
    assert remembered("geometry") is None


def test_a_single_wrong_byte_is_noticed(settings: QSettings) -> None:
    remember("geometry", QByteArray(b"some state"))
    content = bytearray(settings.value("geometry").data())
    for place in range(len(content)):
        garbled = bytes(content[:place]) + bytes([content[place] ^ 1]) + bytes(content[place + 1 :])
        settings.setValue("geometry", QByteArray(garbled))
        assert remembered("geometry") is None


def test_a_window_opens_whatever_is_in_the_settings(settings: QSettings, qtbot: QtBot) -> None:
    draw = random.Random(0)
    first = MainWindow()
    qtbot.addWidget(first)
    first.show()
    for place in WORK_PLACES:
        first.stand_at(place)
    first.close()
    names = settings.allKeys()
    assert "geometry" in names
    for name in names:
        value = settings.value(name)
        if isinstance(value, QByteArray):
            content = bytearray(value.data())
            for _ in range(9):
                content[draw.randrange(len(content))] = draw.randrange(256)
            settings.setValue(name, QByteArray(bytes(content)))
        else:
            settings.setValue(name, "nonsense")
    window = MainWindow()
    qtbot.addWidget(window)
    window.show()
    for place in WORK_PLACES:
        window.stand_at(place)
    assert window.docks["draw"].isVisible()


@pytest.mark.parametrize("folder", ["x" * 5000, "a\0b", 7, ["a"], "/gone"])
def test_a_folder_that_cannot_be_is_none(settings: QSettings, folder: object) -> None:
    settings.setValue("preferences/data_folder", folder)
    assert read() == Preferences()
