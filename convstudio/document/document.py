"""The document: the project that is shown, what is selected in it, and every earlier state."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import attrs
import numpy as np
import shiboken6
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from convstudio.document import files
from convstudio.document.edits import Edit
from convstudio.document.project import Project, ProjectError
from convstudio.document.unfolding import repeat_problems
from engine.graph import Graph
from engine.shapes import Inference, Problem, infer

Weights = Mapping[str, np.ndarray[Any, Any]]


class _Change(QUndoCommand):
    """From one project to another."""

    def __init__(self, document: Document, edit: Edit, gesture: Hashable | None, since: _Change | None) -> None:
        super().__init__(edit.text)
        self._document, self._after, self._select = document, edit.project, edit.selection
        self.before: Project = since.before if since else document.project
        self.selected: frozenset[str] = since.selected if since else document.selection
        self.gesture, self.renamed = gesture, edit.renamed

    def redo(self) -> None:
        self._document._show(self._after, self._select)
        if self.renamed:
            self._document._rename_weights(*self.renamed)

    def undo(self) -> None:
        self._document._show(self.before, self.selected)
        if self.renamed:
            self._document._rename_weights(*reversed(self.renamed))


@attrs.frozen(eq=False)
class State:
    """What a document was at one moment."""

    stored: files.Stored
    history: int  # which of the projects that the document has shown it belongs to


@attrs.frozen(eq=False)
class Filed:
    """What the file of a document holds, as far as that is known."""

    project: Project | None
    weights: Weights | None

    def is_in(self, stored: files.Stored) -> bool:
        """Whether a file that was read holds the same."""
        if self.project != stored.project:
            return False
        if self.weights is None:
            return True
        same = (np.array_equal(array, stored.weights[name]) for name, array in self.weights.items())
        return self.weights.keys() == stored.weights.keys() and all(same)


class Document(QObject):
    """Holds the project; whoever shows it listens, and changes it with `perform` alone."""

    project_changed = Signal(object, object)  # before, after
    content_changed = Signal(object, object)  # the same, where more has changed than the places of things
    inference_changed = Signal()
    selecting = Signal()  # other things are about to be
    selection_changed = Signal()
    modified_changed = Signal(bool)
    title_changed = Signal(str)
    weights_changed = Signal()
    performed = Signal(object, object)  # the same, for a new step: not for one that is undone, or done again
    told = Signal(str)  # what is not plain to see of the newest step, such as what is gone by it

    def __init__(self, project: Project | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.project = project or Project()
        self.inference = _inferred(self.project)
        self.selection: frozenset[str] = frozenset()
        self.path: Path | None = None
        self.weights: Weights = {}
        self._saved: Project | None = self.project  # None: what is shown is in no file
        self._weights_saved = True
        self._filed: Weights = {}  # the weights as the file names them, unless training found others since
        self.displaced = False  # whether the file holds something else by now, or is gone
        self.first = self.project  # what was shown before any edit
        self.history = 0  # counts the projects that were shown
        self.undo_stack = QUndoStack(self)
        self._said_modified = False

    def __del__(self) -> None:
        """Python might end steps of undo before their stack, which would end them once more, and the program too."""
        stack = self.__dict__.get("undo_stack")
        if stack is not None and shiboken6.isValid(stack):
            stack.blockSignals(True)
            stack.clear()

    @property
    def graph(self) -> Graph:
        return self.project.graph

    @property
    def problems(self) -> tuple[Problem, ...]:
        return self.inference.problems

    @property
    def modified(self) -> bool:
        """Whether there is anything that is not in the file."""
        return self.displaced or self.project != self._saved or not self._weights_saved

    @property
    def saved(self) -> Project | None:
        """What is in the file, or what was shown first where there is none; None for work that was never saved."""
        return self._saved

    def earlier(self) -> list[tuple[str, Project]]:
        """What can be undone, newest first: the words of each step, and the project before it."""
        stack = self.undo_stack
        steps = [stack.command(place) for place in range(stack.index() - 1, -1, -1)]
        return [(step.text(), step.before) for step in steps if isinstance(step, _Change)]

    @property
    def weights_modified(self) -> bool:
        """Whether training found something that is not in the file."""
        return not self._weights_saved

    @property
    def weights_differ(self) -> bool:
        """Whether the file has other weights, or has them under names that their layers had before."""
        filed = self._filed
        named = self.weights.keys() == filed.keys() and all(filed[name] is w for name, w in self.weights.items())
        return self.weights_modified or self.displaced or not named

    @property
    def filed(self) -> Filed:
        """What was read from the file, or written into it; of weights nothing where others were found since."""
        return Filed(self._saved, self._filed if self._weights_saved else None)

    @property
    def has_only_learned(self) -> bool:
        """Whether what is in no file is what training found, and nothing else."""
        return self.weights_modified and self.project == self._saved and not self.displaced

    @property
    def title(self) -> str:
        """The file's name, or the network's where there is no file yet."""
        return self.path.stem if self.path else self.graph.name

    # --- editing -----------------------------------------------------------------------------------------------------

    def perform(self, edit: Edit, *, gesture: Hashable | None = None) -> None:
        """One step that can be undone; steps of the same gesture become one."""
        if edit.project == self.project:
            if edit.selection is not None:
                self.select(edit.selection)
            return
        before, since = self.project, None if edit.renamed else self._begun(gesture)
        if since is not None:
            self._take_back(since)
        if since is not None and edit.project == since.before:
            self._show(edit.project, edit.selection)  # dragged back to where it was
        else:
            self.undo_stack.push(_Change(self, edit, gesture, since))
            self.performed.emit(before, self.project)
            if edit.told:
                self.told.emit(edit.told)

    def _begun(self, gesture: Hashable | None) -> _Change | None:
        """The newest step if it belongs to this gesture, and is not what the file holds."""
        stack = self.undo_stack
        newest = stack.command(stack.index() - 1) if stack.index() else None
        if gesture is None or not isinstance(newest, _Change) or newest.gesture != gesture or newest.renamed:
            return None
        return newest if stack.index() == stack.count() != stack.cleanIndex() else None

    def _take_back(self, step: _Change) -> None:
        """Removes the newest step without showing what was before it.

        Qt's own merging would do, but the commands that it merges are never freed.
        """
        step.setObsolete(True)  # Qt drops such steps without undoing them
        self.undo_stack.undo()

    def select(self, ids: Iterable[str]) -> None:
        """Selects these nodes, blocks and comments, and nothing else."""
        wanted = frozenset(ids)
        if self._existing(wanted) != self.selection:
            self.selecting.emit()  # what was typed is written, which may change what there is
            self.selection = self._existing(wanted)
            self.selection_changed.emit()

    def set_weights(self, weights: Weights) -> None:
        """What training found; it is saved with the project."""
        self.weights, self._weights_saved, self._filed = weights, False, {}
        self.weights_changed.emit()
        self._say_modified()

    def _existing(self, ids: Iterable[str]) -> frozenset[str]:
        project = self.project
        known = {n.id for n in project.graph} | {b.id for b in project.blocks} | {c.id for c in project.comments}
        return frozenset(ids) & known

    def _show(self, project: Project, selection: frozenset[str] | None) -> None:
        before, self.project = self.project, project
        computed_anew, moved = not computes_the_same(before, project), only_moved(before, project)
        if computed_anew:
            self.inference = _inferred(project)
        wanted = self._existing(self.selection if selection is None else selection)
        changed, self.selection = wanted != self.selection, wanted
        self.project_changed.emit(before, project)
        if not moved:
            self.content_changed.emit(before, project)
        if computed_anew:
            self.inference_changed.emit()
        if changed:
            self.selection_changed.emit()
        if before.graph.name != project.graph.name:
            self.title_changed.emit(self.title)
        self._say_modified()
        _shed(before, project)

    def _rename_weights(self, old: str, new: str) -> None:
        if any(key.rpartition(".")[0] == old for key in self.weights):
            self.weights = {_renamed(key, old, new): array for key, array in self.weights.items()}
            self.weights_changed.emit()

    def _say_modified(self) -> None:
        if self.modified != self._said_modified:
            self._said_modified = self.modified
            self.modified_changed.emit(self.modified)

    # --- files -------------------------------------------------------------------------------------------------------

    def replace(self, project: Project, path: Path | None = None, weights: Weights | None = None) -> None:
        """Another project altogether, with a history of its own."""
        self.undo_stack.clear()
        self.history += 1
        self.first = project
        self.path, self.weights, self._saved, self._weights_saved = path, weights or {}, project, True
        self.displaced = False
        self._filed = self.weights
        self._show(project, frozenset())
        self.weights_changed.emit()
        self.title_changed.emit(self.title)
        self._say_modified()

    def new(self, project: Project | None = None) -> None:
        """An empty project, or one to begin with."""
        self.replace(project or Project())

    def restore(self, stored: files.Stored, path: Path | None) -> None:
        """Shows work that was never saved, as what it is: a modified document."""
        self.replace(stored.project, path, stored.weights)
        self._saved, self._weights_saved = None, not stored.weights
        self.undo_stack.resetClean()
        self._say_modified()

    def open(self, path: Path) -> None:
        """Shows a file; one that cannot be read leaves everything as it is, and says why."""
        stored = files.read(path)
        self.replace(stored.project, path if files.is_project(path) else None, stored.weights)

    def save(self, path: Path | None = None, thumbnail: bytes = b"") -> None:
        """Writes the file, whole or not at all."""
        target = path or self.path
        if target is None:
            raise ProjectError("This project has no file yet; choose where to save it.")
        state = self.state(thumbnail)
        files.write(target, state.stored)
        self.mark_saved(target, state)

    def set_displaced(self, displaced: bool) -> None:
        """Whether what was in the file is no longer there: then it is nowhere but here."""
        self.displaced = displaced
        self._say_modified()

    def state(self, thumbnail: bytes = b"") -> State:
        """What there is to save now; it can be written while editing goes on."""
        return State(files.Stored(self.project, self.weights, thumbnail), self.history)

    def mark_saved(self, path: Path, state: State) -> None:
        """That state is in a file now; what was edited since is not."""
        if state.history != self.history:
            return  # another project is shown by now
        self.path, self._saved, self.displaced = path, state.stored.project, False
        self._weights_saved = self._weights_saved or self.weights is state.stored.weights
        self._filed = state.stored.weights if self._weights_saved else {}
        if self.project is state.stored.project:
            self.undo_stack.setClean()
        else:
            self.undo_stack.resetClean()
        self._say_modified()
        self.title_changed.emit(self.title)


def _shed(before: Project, now: Project) -> None:
    """What can be computed again is not kept for every step of the history: most of its memory, and Python's pauses."""
    if before is not now:
        for name in ("unfolded", "contents"):
            vars(before).pop(name, None)
    if before.graph is not now.graph:
        for name, kind in vars(Graph).items():
            if isinstance(kind, cached_property):
                vars(before.graph).pop(name, None)


def _inferred(project: Project) -> Inference:
    """Shapes of the network with repeated blocks written out; blocks that cannot be repeated are problems too."""
    inference = infer(project.unfolded)
    blocked = repeat_problems(project)
    return attrs.evolve(inference, problems=(*inference.problems, *blocked)) if blocked else inference


def only_moved(a: Project, b: Project) -> bool:
    """Whether things on the canvas are in other places, and all else is the same."""
    notes = [[(note.id, note.text) for note in p.comments] for p in (a, b)]
    named = [(p.graph.name, p.graph.description, p.settings, p.data, p.blocks, p.flow) for p in (a, b)]
    return notes[0] == notes[1] and named[0] == named[1] and _is_wired_alike(a.graph, b.graph)


def _is_wired_alike(a: Graph, b: Graph) -> bool:
    """Whether the same layers stand in the same order with the same wires, wherever they are."""
    if a is b:
        return True
    if len(a.nodes) != len(b.nodes) or a.edges != b.edges:
        return False
    return all(m is n or (m.id == n.id and m.layer == n.layer) for m, n in zip(a, b, strict=True))


def computes_the_same(a: Project, b: Project) -> bool:
    """Whether only things were changed that no shape depends on, such as places."""
    if not _is_wired_alike(a.graph, b.graph):
        return False
    if not any(block.repeat > 1 for p in (a, b) for block in p.blocks):
        return True
    repeats = [[(block.members, block.repeat, block.title, block.parent) for block in p.blocks] for p in (a, b)]
    return repeats[0] == repeats[1]


def _renamed(key: str, old: str, new: str) -> str:
    node, _, name = key.rpartition(".")
    return f"{new}.{name}" if node == old else key
