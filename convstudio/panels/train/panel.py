"""The train panel: how to train, the buttons, and how far the run has come."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from convstudio.document.document import Document
from convstudio.panels.train.controls import RunControls
from convstudio.panels.train.rate_dialog import RateDialog
from convstudio.panels.train.settings_form import SettingsForm
from convstudio.training.inquiry import LARGEST_OPENED
from convstudio.training.session import Session
from convstudio.wording import NO_BREAK, thousands, time_text
from engine.questions.profile import MeasureLayers, Profiled

SETTLE_MS = 600  # after an edit, until the layers are measured again


class TrainPanel(QWidget):
    """Settings above, progress and buttons always in sight below."""

    explanation = (
        "How the network learns. The learning rate is how far one step goes, a batch how many samples it looks at, an "
        "epoch one walk through all samples. Press Train and watch the charts; learning rate and batch may be changed "
        "while it runs, and the network itself may be edited: the run can go on with what it has learned. Step does a "
        "single batch. Try a learning rate ten times as large, then one ten times as small, and tick both runs in the "
        "table of runs to see them side by side."
    )

    def __init__(self, document: Document, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.document, self.session = document, session
        self.setProperty("role", "panel")
        self.form, self.controls = SettingsForm(document), RunControls(document, session)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.form, 1)
        column.addWidget(self.controls)
        self._stale = True
        self._settled = QTimer(self)
        self._settled.setSingleShot(True)
        self._settled.setInterval(SETTLE_MS)
        self._settled.timeout.connect(self._measure)
        self.form.wants_rate.connect(self.find_rate)
        self.controls.changed.connect(self._follow_run)
        document.content_changed.connect(self._outdate)
        session.network_changed.connect(self._outdate)
        session.answered.connect(self._take)
        self._follow_run()

    def _follow_run(self) -> None:
        self.form.set_running(self.session.running)
        self.form.find_rate.setEnabled(not self.session.obstacles)
        if self.session.running:
            self.controls.predict("")

    def find_rate(self) -> None:
        """A dialog that tries learning rates."""
        dialog = RateDialog(self.session, self)
        dialog.chosen.connect(self.form.set_rate)
        dialog.finished.connect(dialog.deleteLater)
        dialog.show()
        dialog.begin()

    # --- what a run will cost ----------------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802  (Qt's name)
        super().showEvent(event)
        self._settled.start()

    def _outdate(self, *_: object) -> None:
        self._stale = True
        self._settled.start()

    def _measure(self) -> None:
        session = self.session
        small = self.document.inference.parameter_count <= LARGEST_OPENED
        if not self._stale or not self.isVisible() or session.running:
            return
        self.controls.predict("")
        if small and not session.obstacles:
            self._stale = False
            session.ask_about(MeasureLayers(session.new_number()))

    def _take(self, answer: object) -> None:
        if isinstance(answer, Profiled) and not self.session.running:  # whoever asked
            speed, seconds = answer.samples_per_second, answer.seconds_per_epoch
            epochs = self.document.project.settings.epochs
            one, all_ = (time_text(time).replace(" ", NO_BREAK) for time in (seconds, seconds * epochs))
            rate = f"{thousands(int(round(speed, -2 if speed > 1000 else 0)))}{NO_BREAK}samples/s"
            self.controls.predict(f"An epoch will take about {one}, all {epochs} about {all_} ({rate}).")
