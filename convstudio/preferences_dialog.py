"""The preferences as a form; there is no OK, since everything is effective while one looks."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from convstudio.look.letters import wear
from convstudio.look.theme import DARK, LIGHT, SYSTEM, space
from convstudio.preferences import COPY_SECONDS, MOST_THREADS, Preferences, Preferred

WIDTH_PX = 520
THEMES = ((SYSTEM, "Like the system"), (LIGHT, "Light"), (DARK, "Dark"))
USUAL_FOLDER = "The program's own folder"


class PreferencesDialog(QDialog):
    """Light or dark, movement, data, threads and copies of unsaved work."""

    def __init__(self, preferred: Preferred, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._preferred = preferred
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Preferences")
        self.setMinimumWidth(WIDTH_PX)
        self.form = QFormLayout()
        self.form.setHorizontalSpacing(space(4))
        self.form.setVerticalSpacing(space(4))
        self.form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self.theme, self.still = QComboBox(), QCheckBox("Reduce movement")
        self.folder, self.own_folder = QPushButton(), QPushButton("Use the program's own")
        self.threads = self._spin(0, MOST_THREADS, "", "as many as there are")
        self.copies = self._spin(*COPY_SECONDS, " s", "")
        for name, text in THEMES:
            self.theme.addItem(text, name)
        self._fill_form()
        done = QPushButton("Done")
        done.setDefault(True)
        done.clicked.connect(self.accept)
        column = QVBoxLayout(self)
        column.setContentsMargins(space(5), space(5), space(5), space(4))
        column.setSpacing(space(5))
        column.addLayout(self.form)
        column.addWidget(done, 0, Qt.AlignmentFlag.AlignRight)
        self._connect()
        preferred.changed.connect(self._follow)
        self.show_preferences(preferred.now)

    def _fill_form(self) -> None:
        folders = QHBoxLayout()
        folders.setSpacing(space(2))
        folders.addWidget(self.folder, 1)
        folders.addWidget(self.own_folder)
        rows = (
            ("Colours", self.theme, ""),
            ("Animations", self.still, "Cards and wires go to their places at once."),
            ("Data sets", folders, "Where they are looked for, and where new ones are downloaded to."),
            ("Threads", self.threads, "How many compute, unless a project says it. It changes no result."),
            ("Copy unsaved work every", self.copies, "And after each burst of edits; a crash costs no more than that."),
        )
        for name, field, explanation in rows:
            label = QLabel(name)
            label.setProperty("role", "quiet")
            box = QVBoxLayout()
            box.setSpacing(space(1))
            if isinstance(field, QWidget):
                field.setAccessibleName(name)
                label.setBuddy(field)
                box.addWidget(field)
            else:
                box.addLayout(field)
            if explanation:
                told = QLabel(explanation)
                told.setProperty("role", "quiet")
                wear(told, "caption")
                box.addWidget(told)
            self.form.addRow(label, box)
        self.folder.setAccessibleName("Folder of data sets")

    def _spin(self, low: int, high: int, unit: str, least: str) -> QSpinBox:
        spin = QSpinBox()
        spin.setRange(low, high)
        spin.setSuffix(unit)
        spin.setSpecialValueText(least)
        spin.setKeyboardTracking(False)
        spin.lineEdit().setTextMargins(space(1) + 2, 0, 0, 0)  # the style sheet does not reach into a spin box
        return spin

    def _connect(self) -> None:
        chosen = self._preferred.set
        self.theme.activated.connect(lambda place: chosen(theme=self.theme.itemData(place)))
        self.still.toggled.connect(lambda yes: chosen(still=yes))
        self.threads.valueChanged.connect(lambda number: chosen(threads=number))
        self.copies.valueChanged.connect(lambda seconds: chosen(copy_seconds=seconds))
        self.folder.clicked.connect(self._ask_for_folder)
        self.own_folder.clicked.connect(lambda: chosen(data_folder=""))

    def _ask_for_folder(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, "Folder of data sets", self._preferred.now.data_folder)
        if folder:
            self._preferred.set(data_folder=folder)

    def _follow(self, before: Preferences, after: Preferences) -> None:
        self.show_preferences(after)

    def show_preferences(self, now: Preferences) -> None:
        """Shows what holds."""
        for field in (self.theme, self.threads, self.copies):
            field.blockSignals(True)
        self.theme.setCurrentIndex(self.theme.findData(now.theme))
        self.threads.setValue(now.threads)
        self.copies.setValue(now.copy_seconds)
        for field in (self.theme, self.threads, self.copies):
            field.blockSignals(False)
        with QSignalBlocker(self.still):
            self.still.setChecked(now.still)
        room = self.folder.fontMetrics().elidedText(now.data_folder, Qt.TextElideMode.ElideLeft, WIDTH_PX // 2)
        self.folder.setText(room or USUAL_FOLDER)
        self.folder.setToolTip(now.data_folder)
        self.own_folder.setEnabled(bool(now.data_folder))
