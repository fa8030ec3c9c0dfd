"""The window: the canvas in the middle, panels around it, and a line that always says how the network is."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QKeyEvent
from PySide6.QtWidgets import QApplication, QLabel, QMainWindow, QMenu, QMessageBox, QStackedWidget

from convstudio import __version__, actions, window_menus
from convstudio.canvas.canvas import Canvas, full_size
from convstudio.command_palette import CommandPalette
from convstudio.document.document import Document
from convstudio.document.project import Project
from convstudio.editing import Editing
from convstudio.filing import Filing, dropped
from convstudio.leaving import Leaving
from convstudio.live_cards import LiveCards
from convstudio.look.one_line import OneLine
from convstudio.look.theme import space
from convstudio.panels.inspector.panel import InspectorPanel
from convstudio.panels.palette import PalettePanel
from convstudio.panels.pattern_builder import PatternBuilder
from convstudio.panels.problems import ProblemsPanel
from convstudio.preferences import Preferences, preferred
from convstudio.preferences_dialog import PreferencesDialog
from convstudio.remembering import remember, remembered
from convstudio.steering_menu import SteeringMenu
from convstudio.toasts import Toasts
from convstudio.tour import Tour
from convstudio.tour_stops import Guide
from convstudio.training.fitting import suiting
from convstudio.training.session import Session
from convstudio.welcome import WelcomePage
from convstudio.wording import totals
from convstudio.workplaces import COMPOSE, TRAIN, PanelWalk
from convstudio.workspace import Workspace
from engine.graph import Graph
from engine.templates import template

ABOUT = (
    "Composes convolutional networks, trains them and looks inside. "
    "All of it happens on this computer; nothing is sent anywhere."
)
FIRST_SIZE_PX = (1440, 900)


class MainWindow(QMainWindow):
    """Edits one document."""

    another_wanted = Signal(object)  # a new window for a Project
    closed = Signal()

    def __init__(self, document: Document | None = None) -> None:
        super().__init__()
        self.document = document or Document(Project(Graph(name="Untitled")))
        self.document.setParent(self)
        self.is_free = document is None  # whether nothing was wanted here yet
        self.setAcceptDrops(True)
        self.setDockNestingEnabled(True)
        self.canvas = Canvas(self.document)
        self.filing = Filing(self.document, self.canvas)
        self.welcome = WelcomePage(self.filing.recent)
        self.pages = QStackedWidget()
        self.pages.addWidget(self.welcome)
        self.pages.addWidget(self.canvas)
        self.pages.setCurrentWidget(self.canvas if document else self.welcome)
        self.setCentralWidget(self.pages)
        self.toasts = Toasts(self.pages, self.document.undo_stack)
        self.session = Session(self.document, parent=self)
        self.filing.trains = lambda: self.session.running
        self.leaving = Leaving(self, self.document, self.session, self.filing)
        self.editing = Editing(self.document, self.canvas)
        self.live_cards = LiveCards(self.document, self.session, self.canvas)
        self.workspace = Workspace(self, self.document, self.session)
        self.panels, self.docks = self.workspace.panels, self.workspace.docks
        self.walk = PanelWalk(self.canvas, self.docks, self.toasts.all)
        self.steering = SteeringMenu(self.session, self.panels, self.workspace.show)
        self.actions_, self.menus = actions.build(self, (self, self.editing, self.steering), self.editing.finish_typing)
        self.steering.follow(self.actions_)
        self.canvas.commands = self.actions_
        self._fill_menus()
        self.commands = CommandPalette(self.menus, self)
        self.toolbar = window_menus.make_toolbar(self.actions_, self.workspace.places)
        self.addToolBar(self.toolbar)
        self.totals, self.health, self.tip = QLabel(), OneLine(), QLabel()
        line = self.statusBar()
        for label, share in ((self.health, 1), (self.tip, 0), (self.totals, 0)):
            line.addPermanentWidget(label, share)
        self.tip.setProperty("role", "quiet")
        line.messageChanged.connect(self.tip.setText)  # what a command does: Qt itself would put it over the others
        self._listen()
        self._restore_state()
        if self.document.graph.nodes:  # something can happen from now on
            self.workspace.make_all()
        self._show_title()
        self._show_totals()

    # --- building ----------------------------------------------------------------------------------------------------

    def _fill_menus(self) -> None:
        file, view = self.menus["File"], self.menus["View"]
        window_menus.add_undo(self.document.undo_stack, self.menus["Edit"], self.actions_, self.editing.finish_typing)
        panels = view.addMenu("Panels")
        for dock in self.docks.values():
            panels.addAction(dock.toggleViewAction())
        self.live_cards.add_to(view)
        window_menus.add_themes(view.addMenu("Theme"), preferred())
        known = QMenu("New from a template", self)
        file.insertMenu(self.actions_["open_file"], known)
        window_menus.add_templates(known, lambda name: self.show_network(template(name)))
        self.recent = QMenu("Open recent", self)
        file.insertMenu(self.actions_["save"], self.recent)
        self.recent.aboutToShow.connect(partial(self.filing.fill_recent, self.recent))
        others = QMenu("Compare with a template", self)
        view.insertMenu(self.actions_["find_command"], others)
        window_menus.add_templates(others, self.compare_template)

    def _listen(self) -> None:
        document = self.document
        document.told.connect(self.toasts.offer_undo)
        self.session.kept.removed.connect(self.toasts.offer)
        document.inference_changed.connect(self._show_totals)
        self.workspace.made.connect(self._listen_to)
        document.title_changed.connect(self._show_title)
        document.modified_changed.connect(self._show_title)
        document.project_changed.connect(self._show_canvas)
        self.welcome.new_wanted.connect(self._show_canvas)
        self.welcome.pattern_wanted.connect(self.new_from_pattern)
        self.welcome.tour_wanted.connect(self.start_tour)
        self.welcome.template_chosen.connect(lambda name: self.show_network(template(name)))
        self.welcome.file_chosen.connect(self.open_path)
        self.canvas.said.connect(self.say)
        self.editing.said.connect(self.say)
        self.filing.said.connect(self.say)
        self.leaving.said.connect(self.say)
        self.filing.another_wanted.connect(self.another_wanted)
        self.filing.opened.connect(self._show_opened)
        self.canvas.details_wanted.connect(self._show_details)
        self.session.said.connect(self.say)
        self.session.failed.connect(self.say)
        self.session.fell_silent.connect(self.say)
        self.session.started.connect(self._show_training)
        self.live_cards.health_changed.connect(self._show_health)
        document.selection_changed.connect(self._follow_selection)
        preferred().changed.connect(self._follow_preferences)
        self.filing.autosave.set_interval(preferred().now.copy_seconds)

    def _listen_to(self, name: str, panel: Any) -> None:
        """A panel that was made just now."""
        match name:
            case "problems":
                panel.changed.connect(self._show_health)
            case "layers":
                panel.visited.connect(self._go_to)
            case "compare":
                panel.windows = self._others
                panel.visited.connect(self._visit)
        if name in ("palette", "problems", "layers"):
            panel.failed.connect(self.say)

    # --- what is shown -----------------------------------------------------------------------------------------------

    def say(self, sentence: str) -> None:
        """Tells something for a while; what the line at the bottom always says stays there."""
        self.toasts.say(sentence)

    def _show_canvas(self) -> None:
        self.is_free = False
        self.pages.setCurrentWidget(self.canvas)

    def add_layer(self) -> None:
        """On the canvas, also where that is not shown yet."""
        self._show_canvas()
        self.editing.add_layer()

    def start_tour(self) -> None:
        """Two minutes through the window, from the beginning if one is on the way."""
        if (earlier := self.findChild(Tour)) is not None:
            earlier.end()
        guide = Guide(self.canvas, self.docks, self.toolbar, self.session, self._show_something, self.workspace.show)
        Tour(self, guide.stops()).start()

    def _show_something(self) -> None:
        """A network, where there is none to look at."""
        if not self.document.graph.nodes:
            self.show_network(template("lenet5"))
        self._show_canvas()

    def _show_opened(self) -> None:
        self._show_canvas()
        self.canvas.show_start()

    def _show_title(self) -> None:
        name = self.document.title.replace("[*]", "[*][*]")  # written twice it is none of Qt's marks
        self.setWindowTitle(f"{name}[*] – ConvStudio")
        self.setWindowModified(self.document.modified)

    def _show_totals(self) -> None:
        self.totals.setText(totals(self.document.inference))
        self._show_health()

    def _show_health(self) -> None:
        """The first problem of the network, else how its training goes."""
        findings, panel = self.live_cards.findings, self.panels["problems"]
        assert isinstance(panel, ProblemsPanel)
        panel.show_findings(findings)
        self.panels["layers"].show_findings(findings)  # type: ignore[attr-defined]
        problems = [row.problem for row in panel.rows if row.problem not in findings]
        texts = [problem.text for problem in problems] or [finding.text for finding in findings]
        first = texts[0] if texts else self.live_cards.verdict or panel.fine.text()
        what = "problems" if problems else "things to look at"
        self.health.setText(f"{len(texts)} {what}. {first}" if len(texts) > 1 else first)
        self.health.setProperty("role", "error" if problems else "warning" if findings else "quiet")
        self.health.style().unpolish(self.health)
        self.health.style().polish(self.health)

    def _visit(self, name: str) -> None:
        """Selects something, and brings it into view even where it was selected before."""
        self.document.select([name])
        self._reveal()

    def _go_to(self, name: str) -> None:
        """The same, and shows it in the middle, large enough to be read."""
        scene = self.canvas.scene_
        item = scene.items_named().get(scene.shown_as(name))
        if item is None:
            self.say(f"{name} is no longer on the canvas.")  # a menu of the table was open meanwhile
            return
        self.document.select([name])
        if self.canvas.zoom < full_size():
            self.actual_size()
        self.canvas.centerOn(item.face().center())

    def _follow_selection(self) -> None:
        """What was selected elsewhere comes into view; on the canvas one sees it already."""
        if not self.canvas.hasFocus():
            self._reveal()

    def _reveal(self) -> None:
        scene = self.canvas.scene_
        chosen = [scene.items_named().get(scene.shown_as(name)) for name in self.document.selection]
        if len(chosen) == 1 and chosen[0] is not None:
            self.canvas.ensureVisible(chosen[0].sceneBoundingRect(), space(5), space(5))

    def _show_details(self) -> None:
        inspector = self.workspace.show("inspector")
        assert isinstance(inspector, InspectorPanel)
        inspector.focus_first()

    def _show_training(self) -> None:
        """Who composed sees the settings and the charts; who looks inside goes on with it."""
        if self.workspace.places.current == COMPOSE:
            self.workspace.places.go(TRAIN)
        if self.workspace.places.current == TRAIN:
            self.docks["charts"].raise_()

    def stand_at(self, place: str) -> None:
        """Shows the panels of a work place: compose, train or see."""
        self.workspace.places.go(place)

    def next_panel(self) -> None:
        self.walk.go(1)

    def previous_panel(self) -> None:
        self.walk.go(-1)

    def reset_panels(self) -> None:
        self.workspace.places.reset()

    def show_preferences(self) -> None:
        """A form in which everything is effective at once."""
        PreferencesDialog(preferred(), self).open()

    def _follow_preferences(self, before: Preferences, after: Preferences) -> None:
        self.filing.autosave.set_interval(after.copy_seconds)
        if (before.data_folder, before.threads) != (after.data_folder, after.threads):
            self.session.begin_anew()

    # --- files -------------------------------------------------------------------------------------------------------

    def new_network(self) -> None:
        self.another_wanted.emit(Project(Graph(name="Untitled")))

    def new_from_pattern(self) -> None:
        """A dialog that builds while one turns its numbers."""
        builder = PatternBuilder(self)
        builder.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        builder.accepted.connect(lambda: self.show_network(builder.graph))
        builder.open()

    def show_network(self, graph: Graph) -> None:
        self.filing.show_project(Project(graph, data=suiting(graph)))

    def open_file(self) -> None:
        self.filing.ask_for_file()

    def open_path(self, path: Path) -> None:
        self.filing.open(path)

    def save(self) -> None:
        self.filing.save()

    def save_as(self) -> None:
        self.filing.save_as()

    def export(self) -> None:
        self.filing.ask_to_export()

    def close_window(self) -> None:
        self.close()

    def quit(self) -> None:
        QApplication.closeAllWindows()

    def about(self) -> None:
        """Which program this is."""
        box = QMessageBox(QMessageBox.Icon.NoIcon, "About ConvStudio", f"ConvStudio {__version__}", parent=self)
        box.setInformativeText(ABOUT)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.open()

    def compare_saved(self) -> None:
        """The network beside what is in its file, or beside what it was when it was opened."""
        self._compare().compare_saved()

    def compare_template(self, name: str) -> None:
        """The network beside a template."""
        self._compare().compare_template(name)

    def next_difference(self) -> None:
        self._compare().go(1)

    def previous_difference(self) -> None:
        self._compare().go(-1)

    def _compare(self) -> Any:
        return self.workspace.show("compare")

    def _others(self) -> list[tuple[str, Graph]]:
        """What other windows show."""
        others = (window for window in QApplication.topLevelWidgets() if isinstance(window, MainWindow))
        shown = [window.document for window in others if window is not self and window.isVisible()]
        return [(document.title, document.project.unfolded) for document in shown]

    # --- looking -----------------------------------------------------------------------------------------------------

    def zoom_to_fit(self) -> None:
        self.canvas.zoom_to_fit()

    def actual_size(self) -> None:
        self.canvas.zoom_by(full_size() / self.canvas.zoom)

    def zoom_in(self) -> None:
        self.canvas.zoom_by(1.25)

    def zoom_out(self) -> None:
        self.canvas.zoom_by(0.8)

    def find_command(self) -> None:
        self.filing.fill_recent(self.recent)
        self.commands.open()

    def find_layer(self) -> None:
        palette = self.workspace.show("palette")
        assert isinstance(palette, PalettePanel)
        palette.field.setFocus()

    # --- the window itself -------------------------------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802  (Qt's name)
        if dropped(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802
        for number, path in enumerate(dropped(event.mimeData())):
            self.filing.open(path, apart=number > 0)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Escape that meant nothing to whoever has the keyboard closes what lies over the canvas, else leads there."""
        if event.key() != Qt.Key.Key_Escape:
            super().keyPressEvent(event)
        elif not self.toasts.close() and self.canvas.isVisible():
            self.canvas.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        super().changeEvent(event)
        if event.type() == QEvent.Type.WindowStateChange:
            self.session.set_visible(not self.isMinimized())

    def _restore_state(self) -> None:
        geometry = remembered("geometry")
        if geometry is None or not self.restoreGeometry(geometry):
            self.resize(QSize(*FIRST_SIZE_PX).boundedTo(self.screen().availableSize()))
        self.workspace.places.restore()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802
        self.editing.finish_typing()
        if not self.leaving.may_close():
            event.ignore()
            return
        self.session.close()
        remember("geometry", self.saveGeometry())
        self.workspace.places.remember()
        self.filing.close()
        event.accept()
        self.closed.emit()
