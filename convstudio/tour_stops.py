"""What the tour shows of a window."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtWidgets import QToolBar, QWidget

from convstudio.canvas.canvas import Canvas
from convstudio.tour import Stop


def stops(
    canvas: Canvas,
    docks: Mapping[str, QWidget],
    toolbar: QToolBar,
    open_lenet: Callable[[], None],
    show: Callable[[str], object],
) -> list[Stop]:
    """What the tour shows; `show` brings a panel to the front."""
    document = canvas.document

    def select(kind: str) -> None:
        show("inspector")
        found = next((node.id for node in document.graph if node.layer.kind == kind), None)
        document.select([found] if found else [])

    return [
        Stop(
            "The network",
            "Each card is a layer. Data flow downwards; the box on a card is the shape that it makes, so one sees the "
            "network narrow and deepen. The bold numbers are that shape, the quiet one counts the parameters.",
            lambda: canvas,
            open_lenet,
        ),
        Stop(
            "Layers to choose from",
            "Drag one on to the canvas, or on to a wire to put it in between. Or press Tab on the canvas, type "
            "a part of its name and press Enter.",
            lambda: docks["palette"],
            lambda: show("palette"),
        ),
        Stop(
            "Why is it so?",
            "Here are the settings of what is selected, and below them the arithmetic with the real numbers: how the "
            "output size and the parameters come about. Change a number, and the whole network follows at once.",
            lambda: docks["inspector"],
            lambda: select("conv2d"),
        ),
        Stop(
            "What does not work",
            "An impossible network can be drawn and saved. Each problem is a sentence; a click leads to its layer, and "
            "where one change would mend it there is a button.",
            lambda: docks["problems"],
            lambda: show("problems"),
        ),
        Stop(
            "Train it",
            "The settings are here; Ctrl+R begins, with digits that need no network if you like. Watch the loss fall "
            "in the charts, and the filters form in the panel beside them: select a convolution to see its kernels.",
            lambda: docks["train"],
            lambda: show("train"),
        ),
        Stop(
            "Everything else",
            "All that can be done is in the menus, has a key, and is found with Ctrl+K by typing a part of its name. "
            "Everything can be undone.",
            lambda: toolbar,
        ),
    ]
