"""The style sheet: Qt's own widgets in the colours and sizes of the tokens."""

from __future__ import annotations

from collections.abc import Mapping
from string import Template
from typing import Any

FIELD_PX, ROW_PX, BAR_PX = 26, 28, 10  # heights inside borders, of rows, and the width of a scroll bar
CELL_PX, FRAME_PX = 10, 3  # from the edge of a table's cell or header to its text, and what Qt adds to cells by itself

SHEET = Template("""
QWidget { color: $text; }
QMainWindow, QDialog { background: $window; }
QDialogButtonBox { dialogbuttonbox-buttons-have-icons: 0; }
QMainWindow::separator { background: $border; width: 1px; height: 1px; }
QMainWindow::separator:hover { background: $accent; }
QDockWidget { background: $panel; font-weight: 600; }
QDockWidget::title { background: $panel; padding: ${s2}px ${s4}px; text-align: left; border-bottom: 1px solid $border; }
QToolTip { background: $panel; color: $text; border: 1px solid $border; padding: ${s1}px ${s2}px; }
QMenuBar { background: $window; border-bottom: 1px solid $border; }
QMenuBar::item { padding: ${s1}px ${s2}px; background: transparent; }
QMenuBar::item:selected, QMenu::item:selected { background: $selection; color: $text; }
QMenu { background: $panel; border: 1px solid $border; padding: ${s1}px 0; }
QMenu::item { padding: ${s1}px ${s5}px; }
QMenu::icon { padding-left: ${s3}px; }
QMenu::item:disabled { color: $text_quiet; }
QMenu::separator { height: 1px; background: $border; margin: ${s1}px 0; }
QToolBar { background: $window; border: none; border-bottom: 1px solid $border; padding: ${s1}px ${s2}px;
    spacing: ${s1}px; }
QToolButton { background: transparent; border: 1px solid transparent; border-radius: ${round_field}px;
    padding: ${s1}px ${s2}px; }
QToolButton:hover { background: $selection; }
QToolButton:pressed, QToolButton:checked { background: $selection; border-color: $accent; }
QToolButton:focus { border-color: $accent; }
QToolButton:disabled { color: $text_quiet; }
QStatusBar { background: $window; border-top: 1px solid $border; color: $text_quiet; }
QStatusBar::item { border: none; }
QStatusBar QLabel { padding: 0 ${s2}px; }
QPushButton { background: $panel; border: 1px solid $border; border-radius: ${round_field}px; min-height: ${height}px;
    padding: 0 ${s3}px; }
QPushButton:hover { border-color: $edge; background: $selection; }
QPushButton:focus { border: 2px solid $accent; padding: 0 11px; min-height: 24px; }
QPushButton:default { background: $accent; color: $accent_text; border-color: $accent; }
QPushButton:disabled { color: $text_quiet; background: $window; }
QLineEdit, QSpinBox, QDoubleSpinBox, QComboBox, QPlainTextEdit { background: $panel; border: 1px solid $border;
    border-radius: ${round_field}px; min-height: ${height}px; padding: 0 ${s2}px; selection-background-color: $accent;
    selection-color: $accent_text; }
QLineEdit:disabled, QSpinBox:disabled, QDoubleSpinBox:disabled, QComboBox:disabled { color: $text_quiet;
    background: $window; }
QPlainTextEdit { padding: ${s1}px; }
QLineEdit:focus, QSpinBox:focus, QDoubleSpinBox:focus, QComboBox:focus, QPlainTextEdit:focus {
    border: 2px solid $accent; padding: 0 7px; min-height: 24px; }
QAbstractSpinBox QLineEdit, QAbstractSpinBox QLineEdit:focus { border: none; padding: 0 6px; min-height: 0;
    background: transparent; }
QAbstractSpinBox { max-height: ${height}px; padding: 0 0 0 6px; }
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button { width: 0; border: none; }
QComboBox::drop-down { border: none; width: ${s5}px; }
QComboBox::down-arrow { image: url("$arrow"); width: ${s4}px; height: ${s4}px; }
QCheckBox::indicator, QTableView::indicator { width: ${s4}px; height: ${s4}px; border: 1px solid $edge;
    border-radius: ${s1}px; background: $panel; }
QCheckBox::indicator:checked, QTableView::indicator:checked { background: $accent; border-color: $accent;
    image: url("$tick"); }
QCheckBox::indicator:focus { border: 2px solid $accent; }
QComboBox QAbstractItemView { background: $panel; border: 1px solid $border; selection-background-color: $selection;
    selection-color: $text; }
QListView, QTreeView, QTableView, QScrollArea { background: $panel; border: none; outline: none; }
QListView[role="heard"] { background: transparent; }
QListView::item, QTreeView::item, QTableView::item { min-height: ${row}px; border: none; }
QTableView::item { padding: 0 ${inset}px; }
QListView::item:hover, QTreeView::item:hover, QTableView::item:hover { background: $window; }
QListView::item:selected, QTreeView::item:selected, QTableView::item:selected { background: $selection; color: $text; }
QHeaderView::section { background: $panel; color: $text_quiet; border: none; border-bottom: 1px solid $border;
    padding: ${s1}px ${cell}px; }
QTabBar { border-bottom: 1px solid $border; qproperty-drawBase: 0; }
QTabBar::tab { background: transparent; padding: 6px 14px; border: 2px solid transparent; }
QTabBar::tab:selected { border-bottom-color: $accent; }
QTabBar::tab:hover { background: $selection; }
QTabBar::tab:selected:focus { border-color: $accent; }
QTabWidget::pane { border: none; }
QScrollBar:vertical { background: transparent; width: ${bar}px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: ${bar}px; margin: 0; }
QScrollBar::handle { background: $border; border-radius: 4px; min-height: ${s6}px; min-width: ${s6}px; margin: 1px; }
QScrollBar::handle:hover { background: $edge; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QSplitter::handle { background: $border; }
QProgressBar { background: $border; border: none; border-radius: 2px; }
QProgressBar::chunk { background: $accent; border-radius: 2px; }
QSlider::groove:horizontal { background: $border; height: 4px; border-radius: 2px; }
QSlider::sub-page:horizontal { background: $accent; height: 4px; border-radius: 2px; }
QSlider::handle:horizontal { background: $panel; border: 1px solid $edge; border-radius: ${round_field}px;
    width: ${s3}px; height: ${s3}px; margin: -5px 0; }
QSlider::handle:horizontal:hover, QSlider::handle:horizontal:focus { border-color: $accent; background: $selection; }
QLabel { background: transparent; }
QLabel[role="quiet"] { color: $text_quiet; }
QLabel[role="error"] { color: $error; }
QLabel[role="warning"] { color: $warning; }
QLabel[role="arithmetic"] { background: $window; border-radius: ${round_field}px; padding: ${s2}px ${s1}px; }
QFrame[role="panel"], QWidget[role="panel"], QDockWidget > QWidget { background: $panel; }
QDockWidget QScrollArea > QWidget > QWidget { background: $panel; }
QScrollArea[role="canvas"], QScrollArea[role="canvas"] > QWidget > QWidget { background: $canvas; }
QFrame[role="framed"] { background: $panel; border: 1px solid $border; border-radius: ${round_card}px; }
QFrame[role="floating"] { background: $panel; border: 1px solid $border; border-radius: ${round_card}px; }
""")


def style_sheet(name: str, tokens: Mapping[str, Any], signs: Mapping[str, str]) -> str:
    """The sheet of the light or the dark theme; `signs` says where the pictures in it are: arrow and tick."""
    spaces = {f"s{step}": size for step, size in enumerate(tokens["space_px"])}
    rounds = {f"round_{what}": size for what, size in tokens["radius_px"].items()}
    sizes = {"height": FIELD_PX, "row": ROW_PX, "bar": BAR_PX, "cell": CELL_PX, "inset": CELL_PX - FRAME_PX, **rounds}
    return SHEET.substitute(tokens[name], **spaces, **sizes, **signs)
