"""The Train menu: what can be done with the run, from the keyboard and in every arrangement of the window."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QKeySequence

from convstudio.training.session import Session
from convstudio.training.steering import TIPS


class SteeringMenu(QObject):
    """Does what the buttons of the train panel do, and says the same."""

    def __init__(self, session: Session, panels: Mapping[str, Any], show: Callable[[str], object]) -> None:
        super().__init__(session)
        self._session, self._panels, self._show = session, panels, show

    def follow(self, actions: Mapping[str, QAction]) -> None:
        """Keeps the actions true from now on."""
        self._actions = actions
        session = self._session
        for told in (
            session.phase_changed,
            session.started,
            session.finished,
            session.network_changed,
            session.kept.chosen_changed,
            session.document.content_changed,
        ):
            told.connect(self._show_state)
        self._show_state()

    def _show_state(self, *_: object) -> None:
        session, can = self._session, self._session.steering
        train = self._actions["train"]
        keys = train.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        train.setText(can.word)
        train.setStatusTip(TIPS[can.word])
        train.setToolTip(f"{TIPS[can.word]} ({keys})")
        for name, possible in (
            ("train", can.train or not session.running),  # where something is in the way, pressing it shows what
            ("pause_training", can.pause),
            ("step_training", can.step),
            ("stop_training", can.stop),
            ("start_anew", can.anew),
            ("find_rate", not session.obstacles),
            ("export_charts", len(session.curves) > 0 or bool(session.kept.chosen)),
        ):
            self._actions[name].setEnabled(possible)

    def train(self) -> None:
        """Begins or goes on, and shows what is in the way where it cannot."""
        if not self._session.train():
            self._show("train")

    def start_anew(self) -> None:
        self._session.start()

    def pause_training(self) -> None:
        self._session.pause()

    def step_training(self) -> None:
        self._session.step()

    def stop_training(self) -> None:
        self._session.stop()

    def find_rate(self) -> None:
        """A dialog that tries learning rates."""
        self._panels["train"].find_rate()

    def export_charts(self) -> None:
        """A dialog that asks where to; one sees what is written."""
        self._show("charts")
        self._panels["charts"].ask_to_export()
