"""What to train on: a data set, where its files are, and how samples are changed at random."""

from __future__ import annotations

from pathlib import Path

import attrs
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QFileDialog, QFormLayout, QWidget

from convstudio.document import edits
from convstudio.document.document import Document
from convstudio.look.one_line import OneLineButton
from convstudio.panels.inspector.parts import Line, label, narrow, quiet
from engine.augmentation import PRESETS, Augmentation, parse
from engine.data.sets import DATA_SETS
from engine.data.source import DataSource
from engine.errors import EngineError

OWN = "Images of your own …"
FOLDER_HELP = "Fetched once and kept; or choose a folder that holds the files already"
HELP = "Which changes are made to training samples: none, digits, photos, or a list such as shift=2,rotate=10."


class SetChoice:
    """Two rows of a form that follow the document: a data set, and where its files are."""

    def __init__(self, document: Document, form: QFormLayout, parent: QWidget) -> None:
        self._document, self._parent = document, parent
        self.sets, self.folder = QComboBox(), OneLineButton()
        self.sets.setAccessibleName("Data set")
        for name, declared in DATA_SETS.items():
            self.sets.addItem(declared.title, name)
            self.sets.setItemData(self.sets.count() - 1, declared.summary, Qt.ItemDataRole.ToolTipRole)
        self.sets.addItem(OWN, "")
        self.sets.activated.connect(self._choose)
        self.folder.setAccessibleName("Folder of the data set's files")
        self.folder.clicked.connect(self._ask_for_folder)
        narrow(self.sets)
        narrow(self.folder)
        form.addRow(label("Data"), self.sets)
        form.addRow(label("Files"), self.folder)

    def show_choice(self) -> None:
        """Shows what the document says."""
        data = self._document.project.data
        place = self.sets.findData(data.name)
        self.sets.setCurrentIndex(place if place >= 0 else self.sets.count() - 1)
        declared = DATA_SETS.get(data.name)
        self.folder.setEnabled(declared is None or not declared.generated)
        if declared is None:
            self.folder.setText(Path(data.name).name)
        elif declared.generated and not data.folder:
            self.folder.setText("none needed")
        else:
            self.folder.setText(Path(data.folder).name if data.folder else "fetched once …")
        self.folder.setToolTip(data.folder or (FOLDER_HELP if declared and not declared.generated else data.name))

    def set_enabled(self, enabled: bool) -> None:
        """Whether it can be changed."""
        for widget in (self.sets, self.folder):
            widget.setEnabled(enabled)
        if enabled:
            self.show_choice()

    def _choose(self, place: int) -> None:
        name = self.sets.itemData(place)
        if name:
            self._set(DataSource(name, self._document.project.data.folder))
        else:
            self._ask_for_folder(own=True)

    def _ask_for_folder(self, own: bool = False) -> None:
        folder = QFileDialog.getExistingDirectory(self._parent, "Folder of images" if own else "Folder of data files")
        data = self._document.project.data
        if folder:
            self._set(DataSource(folder) if own or data.name not in DATA_SETS else attrs.evolve(data, folder=folder))
        self.show_choice()

    def _set(self, data: DataSource) -> None:
        if data != self._document.project.data:
            self._document.perform(edits.set_data(self._document.project, data))


class DataChoice(SetChoice):
    """The same with the augmentation in words: all that a run needs to know of its samples."""

    def __init__(self, document: Document, form: QFormLayout, parent: QWidget) -> None:
        super().__init__(document, form, parent)
        self.augmentation, self.says, self._form = Line(), quiet(""), form
        self.augmentation.setAccessibleName("Augmentation")
        self.augmentation.setPlaceholderText("none")
        self.augmentation.setToolTip(HELP)
        self.augmentation.editingFinished.connect(self._augment)
        narrow(self.augmentation)
        form.addRow(label("Augment", HELP), self.augmentation)
        form.addRow(self.says)
        self._say("")

    def _say(self, text: str) -> None:
        """A row that takes no room while it says nothing."""
        self.says.setText(text)
        self._form.setRowVisible(self.says, bool(text))

    def show_choice(self) -> None:
        super().show_choice()
        augmentation = self._document.project.settings.augmentation
        preset = next((name for name, known in PRESETS.items() if known == augmentation), "")
        self.augmentation.setText("" if augmentation == Augmentation() else preset or augmentation.text)

    def set_enabled(self, enabled: bool) -> None:
        self.augmentation.setEnabled(enabled)
        super().set_enabled(enabled)

    def _augment(self) -> None:
        try:
            augmentation = parse(self.augmentation.text() or "none")
        except EngineError as problem:
            self._say(str(problem))
            return
        self._say("")
        project = self._document.project
        settings = attrs.evolve(project.settings, augmentation=augmentation)
        if settings != project.settings:
            self._document.perform(edits.set_settings(project, settings, "Set augmentation"))
