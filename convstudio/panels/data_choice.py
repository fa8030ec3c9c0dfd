"""What to train on: a data set, where its files are, and how samples are changed at random."""

from __future__ import annotations

from pathlib import Path

import attrs
from PySide6.QtWidgets import QComboBox, QFileDialog, QFormLayout, QLineEdit, QPushButton, QWidget

from convstudio.document import edits
from convstudio.document.document import Document
from convstudio.panels.inspector.parts import label, narrow, quiet
from engine.augmentation import PRESETS, Augmentation, parse
from engine.data.sets import DATA_SETS
from engine.data.source import DataSource
from engine.errors import EngineError

OWN = "Images of your own …"
HELP = "Which changes are made to training samples: none, digits, photos, or a list such as shift=2,rotate=10."


class DataChoice:
    """Three rows of a form that follow the document."""

    def __init__(self, document: Document, form: QFormLayout, parent: QWidget) -> None:
        self._document, self._parent = document, parent
        self.sets, self.folder, self.augmentation = QComboBox(), QPushButton(), QLineEdit()
        self.sets.setAccessibleName("Data set")
        for name, declared in DATA_SETS.items():
            self.sets.addItem(declared.title, name)
            self.sets.setItemData(self.sets.count() - 1, declared.summary, 3)  # the tool tip
        self.sets.addItem(OWN, "")
        self.sets.activated.connect(self._choose)
        self.folder.setAccessibleName("Folder of the data set's files")
        self.folder.clicked.connect(self._ask_for_folder)
        self.augmentation.setAccessibleName("Augmentation")
        self.augmentation.setPlaceholderText("none")
        self.augmentation.setToolTip(HELP)
        self.augmentation.editingFinished.connect(self._augment)
        for widget in (self.sets, self.folder, self.augmentation):
            narrow(widget)
        self.says = quiet("")
        form.addRow(label("Data"), self.sets)
        form.addRow(label("Files"), self.folder)
        form.addRow(label("Augment", HELP), self.augmentation)
        form.addRow(self.says)

    def show_choice(self) -> None:
        """Shows what the document says."""
        data, augmentation = self._document.project.data, self._document.project.settings.augmentation
        place = self.sets.findData(data.name)
        self.sets.setCurrentIndex(place if place >= 0 else self.sets.count() - 1)
        declared = DATA_SETS.get(data.name)
        self.folder.setEnabled(declared is None or not declared.generated)
        if declared is None:
            self.folder.setText(Path(data.name).name)
        elif declared.generated and not data.folder:
            self.folder.setText("made by the program")
        else:
            self.folder.setText(Path(data.folder).name if data.folder else "fetched once, or choose …")
        self.folder.setToolTip(data.folder or data.name)
        preset = next((name for name, known in PRESETS.items() if known == augmentation), "")
        self.augmentation.setText("" if augmentation == Augmentation() else preset or augmentation.text)

    def set_enabled(self, enabled: bool) -> None:
        """What a run is trained on cannot be changed while it goes on."""
        for widget in (self.sets, self.folder, self.augmentation):
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
        self._document.perform(edits.set_data(self._document.project, data))

    def _augment(self) -> None:
        try:
            augmentation = parse(self.augmentation.text() or "none")
        except EngineError as problem:
            self.says.setText(str(problem))
            return
        self.says.setText("")
        project = self._document.project
        settings = attrs.evolve(project.settings, augmentation=augmentation)
        if settings != project.settings:
            self._document.perform(edits.set_settings(project, settings, "Set augmentation"))
