"""Drives the real window through its main states and writes a picture of each.

    convstudio pictures                          into the folder pictures
    convstudio pictures DIR --scale 2            as a screen of twice the density shows them
    convstudio pictures DIR --data-dir ~/data    with a network that was trained on MNIST, not on digits
    convstudio pictures DIR --only maps draw     some of them

Each state is drawn in the light and in the dark theme. Without a display the pictures are made all the same.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

SIZES = ("1280x800", "1600x1000", "2560x1440")


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", metavar="DIR", nargs="?", default="pictures", help="where to write (pictures)")
    parser.add_argument(
        "--scale", metavar="N", default="1", choices=("1", "1.5", "2"), help="density of the screen (1)"
    )
    parser.add_argument("--size", metavar="WxH", default=SIZES[0], choices=SIZES, help=f"of the window ({SIZES[0]})")
    parser.add_argument("--font", metavar="PT", type=int, default=0, choices=range(7, 25), help="size of the text")
    parser.add_argument("--data-dir", metavar="DIR", default="", help="a folder that holds MNIST to train on")
    parser.add_argument("--only", metavar="STATE", nargs="+", default=[], help="these states alone")


def run(options: argparse.Namespace) -> None:
    from convstudio.app import has_display

    if not has_display():
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    os.environ["QT_SCALE_FACTOR"] = options.scale
    from PySide6.QtCore import QSize

    from convstudio.application import Application
    from convstudio.scenes import scene_names, take_pictures
    from engine.data.source import DataSource
    from engine.errors import EngineError

    unknown = [name for name in options.only if name not in scene_names()]
    if unknown:
        raise EngineError(f"There is no state {unknown[0]!r}; there are {', '.join(scene_names())}.")
    application = Application(["convstudio"])
    if options.font:
        text = application.font()
        text.setPointSize(options.font)
        application.setFont(text)
    width, height = map(int, options.size.split("x"))
    source = DataSource("mnist", options.data_dir) if options.data_dir else DataSource("digits")
    for path in take_pictures(Path(options.folder), QSize(width, height), source, tuple(options.only)):
        print(path, flush=True)
