"""A question that keeps its answer true: one at a time, none while hidden, and none that is out of date."""

from __future__ import annotations

from typing import Any

import attrs
import pytest
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from convstudio.training import keeping_up
from convstudio.training.keeping_up import FOLLOW_MS, LONGEST_WAIT_MS, PACE_MS, KeepsUp
from engine.progress import TRAINING
from engine.protocol import Report
from engine.questions import NotAnswered
from tests.patience import PATIENCE_MS


@attrs.frozen
class Said:
    number: int
    text: str
    done: bool = True
    seconds: float = 0.0


class Asked(QObject):
    """A session that only notes what it is asked."""

    answered, reported, network_changed, ended = Signal(object), Signal(object), Signal(), Signal()

    def __init__(self) -> None:
        super().__init__()
        self.number, self.questions, self.forgotten = 0, list[Any](), list[int]()

    def new_number(self) -> int:
        self.number += 1
        return self.number

    def ask_about(self, question: Any) -> None:
        self.questions.append(question)

    def forget(self, number: int) -> None:
        self.forgotten.append(number)


class Clock:
    """Time that passes only when it is told to: whoever looks at what is left of it is not too late."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


class Kept:
    """A panel's question, and what came of it."""

    def __init__(self, qtbot: QtBot, live: bool) -> None:
        self.session, self.panel, self.came, self.refused = Asked(), QWidget(), list[Any](), list[str]()
        qtbot.addWidget(self.panel)
        self.wants = True
        self.asks = KeepsUp(self.session, self.panel, lambda number: number if self.wants else None, live=live)
        self.asks.came.connect(self.came.append)
        self.asks.refused.connect(self.refused.append)

    @property
    def asked(self) -> list[int]:
        return self.session.questions

    def answer(self, number: int, done: bool = True) -> Said:
        said = Said(number, f"answer {number}", done)
        self.session.answered.emit(said)
        return said


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(keeping_up, "time", made)
    return made


@pytest.fixture
def live(qtbot: QtBot) -> Kept:
    return Kept(qtbot, live=True)


def test_nothing_is_asked_until_it_can_be_seen(live: Kept, qtbot: QtBot) -> None:
    live.asks.renew()
    live.session.reported.emit(Report(TRAINING, step=3))
    qtbot.wait(1)
    assert live.asked == []
    live.panel.show()
    qtbot.waitUntil(lambda: live.asked == [1])


def test_while_training_every_answer_leads_to_the_next_question(live: Kept, qtbot: QtBot) -> None:
    live.panel.show()
    qtbot.waitUntil(lambda: live.asked == [1])
    for step in (1, 2, 3):
        live.session.reported.emit(Report(TRAINING, step=step))
    assert live.asked == [1]  # one at a time
    first = live.answer(1)
    qtbot.waitUntil(lambda: live.asked == [1, 2])
    assert live.came == [first]
    live.answer(2)
    live.session.reported.emit(Report(TRAINING, step=3))  # nothing was learned since
    qtbot.wait(200)
    assert live.asked == [1, 2]


def test_an_answer_that_takes_its_time_is_told_once(live: Kept, qtbot: QtBot) -> None:
    late: list[int] = []
    live.asks.late.connect(lambda: late.append(len(live.asked)))
    live.panel.show()
    qtbot.waitUntil(lambda: bool(late))
    live.answer(1)
    live.asks._patience.setInterval(PATIENCE_MS)  # the second one is not late, however busy this machine is
    live.session.reported.emit(Report(TRAINING, step=1))
    qtbot.waitUntil(lambda: live.asked == [1, 2])
    live.answer(2)
    assert not live.asks._patience.isActive()
    assert late == [1]


def test_a_costly_answer_is_asked_for_less_often_unless_the_user_wants_another(
    live: Kept, clock: Clock, qtbot: QtBot
) -> None:
    live.panel.show()
    qtbot.waitUntil(lambda: live.asked == [1])
    live.session.answered.emit(Said(1, "slow", seconds=2.0))
    live.session.reported.emit(Report(TRAINING, step=5))
    assert live.asks._later.isActive()
    assert live.asks._later.interval() == LONGEST_WAIT_MS + 1
    live.asks.renew()
    qtbot.waitUntil(lambda: live.asked == [1, 2])


def test_an_answer_to_what_is_not_wanted_any_more_is_not_shown(live: Kept, qtbot: QtBot) -> None:
    live.panel.show()
    qtbot.waitUntil(lambda: live.asked == [1])
    live.asks.renew()
    live.answer(1)
    qtbot.waitUntil(lambda: live.asked == [1, 2])
    assert live.came == []
    second = live.answer(2)
    assert live.came == [second]


def test_what_changes_under_a_hand_is_shown_on_the_way(live: Kept, clock: Clock, qtbot: QtBot) -> None:
    live.panel.show()
    qtbot.waitUntil(lambda: live.asked == [1])
    for _ in range(3):
        live.asks.follow()
    first = live.answer(1)
    assert live.came == [first]
    qtbot.waitUntil(lambda: live.asks._later.interval() == FOLLOW_MS + 1)  # it does not wait for its pace
    clock.now += 2 * FOLLOW_MS / 1000
    qtbot.waitUntil(lambda: live.asked == [1, 2])
    live.answer(2)
    live.session.reported.emit(Report(TRAINING, step=1))
    assert live.asks._later.interval() == PACE_MS + 1  # the hand rests


def test_a_long_search_tells_on_the_way_and_can_be_forgotten(qtbot: QtBot) -> None:
    slow = Kept(qtbot, live=False)
    slow.panel.show()
    qtbot.waitUntil(lambda: slow.asked == [1])
    slow.answer(1, done=False)
    slow.session.reported.emit(Report(TRAINING, step=9))
    assert len(slow.came) == 1
    slow.asks.renew()
    assert slow.session.forgotten == [1]
    qtbot.waitUntil(lambda: slow.asked == [1, 2])
    slow.answer(1)
    assert len(slow.came) == 1
    slow.answer(2)
    assert len(slow.came) == 2


def test_refusals_are_told_and_a_lost_process_is_asked_again(live: Kept, qtbot: QtBot) -> None:
    live.panel.show()
    qtbot.waitUntil(lambda: live.asked == [1])
    live.session.answered.emit(NotAnswered(1, "There is no such layer."))
    assert live.refused == ["There is no such layer."]
    live.session.network_changed.emit()
    qtbot.waitUntil(lambda: live.asked == [1, 2])
    live.session.ended.emit()
    live.session.network_changed.emit()
    qtbot.waitUntil(lambda: live.asked == [1, 2, 3])
    live.answer(3)
    live.wants = False
    live.asks.renew()
    qtbot.wait(1)
    assert live.asked == [1, 2, 3]
