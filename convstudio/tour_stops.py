"""What the tour shows of a window: from an open network to the reason of a single number."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtWidgets import QToolBar, QWidget

from convstudio.canvas.canvas import Canvas
from convstudio.tour import Stop
from convstudio.training.session import Session


def stops(
    canvas: Canvas,
    docks: Mapping[str, QWidget],
    toolbar: QToolBar,
    session: Session,
    open_lenet: Callable[[], None],
    show: Callable[[str], object],
) -> list[Stop]:
    """What the tour shows; `show` brings a panel to the front."""
    document = canvas.document

    def select(panel: str, kind: str = "conv2d") -> None:
        show(panel)
        found = next((node.id for node in document.graph if node.layer.kind == kind), None)
        document.select([found] if found else [])

    def train_and_watch() -> None:
        if not session.running and not document.weights:
            session.start()
        select("filters")

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
            lambda: select("inspector"),
        ),
        Stop(
            "Train it",
            "Data, learning rate and how long: it could begin as it is. Digits need no download; MNIST is one click "
            "away. Go on, and the training begins.",
            lambda: docks["train"],
            lambda: show("train"),
        ),
        Stop(
            "Watch filters form",
            "These are the kernels of the first convolution, while the network learns: noise becomes edges and dots. "
            "Click one to see its numbers, and the samples that excite it most.",
            lambda: docks["filters"],
            train_and_watch,
        ),
        Stop(
            "Draw a 7",
            "Draw with the mouse: with every movement the network says how probable it finds each digit, also while it "
            "still learns. Below are the training samples that it finds most similar.",
            lambda: docks["draw"],
            lambda: show("draw"),
        ),
        Stop(
            "Click a pixel to see why",
            "What each layer makes of your drawing, or of a sample. Click a pixel, and the ledger shows every product "
            "that made it, down to the picture itself.",
            lambda: docks["maps"],
            lambda: select("maps"),
        ),
        Stop(
            "Everything else",
            "All that can be done is in the menus, has a key, and is found with Ctrl+K by typing a part of its name. "
            "Every panel has a ? that says what one sees. Everything can be undone.",
            lambda: toolbar,
        ),
    ]
