"""How a window closes: nothing is lost unasked, and what goes on comes to its end first."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QMainWindow, QMessageBox

from convstudio.document.document import Document
from convstudio.filing import Filing
from convstudio.training.session import Session
from engine.progress import FINISHED
from engine.protocol import FAILED, STOPPED


class Leaving(QObject):
    """Asks what to do with a run and with changes, and closes the window once both are safe."""

    said = Signal(str)

    def __init__(self, window: QMainWindow, document: Document, session: Session, filing: Filing) -> None:
        super().__init__(window)
        self._window, self._document, self._session, self._filing = window, document, session, filing
        self._agreed = False  # somebody has said that the window may close; something has to end before
        session.phase_changed.connect(self._follow_run)
        filing.settled.connect(self._follow_file)

    def may_close(self) -> bool:
        """Whether nothing is in the way now; else one is asked, and the window closes by itself when all is done."""
        agreed, self._agreed = self._agreed, False
        if self._session.running:
            self._ask_to_stop()
            return False
        if (agreed and self._run_keeps_all) or self._filing.may_close():
            return True
        self._agreed = self._filing.saving
        return False

    def _ask_to_stop(self) -> None:
        question = QMessageBox(self._window)
        question.setWindowTitle("ConvStudio")
        question.setText("The network is being trained.")
        question.setInformativeText("Save the run and close? It can go on from there the next time.")
        save = question.addButton("Save and close", QMessageBox.ButtonRole.AcceptRole)
        question.addButton(QMessageBox.StandardButton.Cancel)
        question.setDefaultButton(save)
        question.buttonClicked.connect(lambda button: self._stop_and_close() if button is save else None)
        question.finished.connect(question.deleteLater)
        question.open()

    def _stop_and_close(self) -> None:
        self._agreed = True
        if self._session.running:
            self.said.emit("Saving the run …")
            self._session.stop()  # it saves, ends, and then the window closes
        else:
            self._close_at_last()

    @property
    def _run_keeps_all(self) -> bool:
        """Whether the run that was just saved holds everything that is in no file: then nobody is asked once more."""
        document = self._document
        return document.path is None and document.has_only_learned and self._session.can_go_on

    def _follow_run(self, phase: str) -> None:
        if not self._session.running and phase in (STOPPED, FAILED, FINISHED):
            self._close_at_last()

    def _follow_file(self, saved: bool) -> None:
        self._agreed = self._agreed and saved
        self._close_at_last()

    def _close_at_last(self) -> None:
        if self._agreed:
            QTimer.singleShot(0, self._window.close)
