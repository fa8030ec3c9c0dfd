"""Drives the real window through its main states and writes a picture of each.

    convstudio pictures                  into the folder pictures
    convstudio pictures DIR --scale 2    as a screen of twice the density shows them

Each state is drawn in the light and in the dark theme. Without a display the pictures are made all the same.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

SIZES = ("1280x800", "1600x1000")


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", metavar="DIR", nargs="?", default="pictures", help="where to write (pictures)")
    parser.add_argument(
        "--scale", metavar="N", default="1", choices=("1", "1.5", "2"), help="density of the screen (1)"
    )
    parser.add_argument("--size", metavar="WxH", default=SIZES[0], choices=SIZES, help=f"of the window ({SIZES[0]})")


def run(options: argparse.Namespace) -> None:
    from convstudio.app import has_display

    if not has_display():
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    os.environ["QT_SCALE_FACTOR"] = options.scale
    from convstudio.scenes import take_pictures

    width, height = map(int, options.size.split("x"))
    for path in take_pictures(Path(options.folder), width, height):
        print(path)
