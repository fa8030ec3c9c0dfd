"""Asks a trained network what pictures show.

RUN is the folder of a run, whose best epoch answers. Pictures are prepared as the run's data were: scaled to the size
of the network's input, and for handwritten digits cut out, centred and inverted where they are dark on light.

    convstudio predict runs/lenet5 seven.png photo-of-a-three.jpg
    convstudio predict runs/lenet5 *.png --json
"""

from __future__ import annotations

import argparse
import json
import sys
from typing import TYPE_CHECKING, Any

from convstudio.wording import class_names
from engine.errors import EngineError

if TYPE_CHECKING:
    import numpy as np

    from engine.runs import Run

SHOWN = 3  # classes for each picture


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", metavar="RUN", help="the folder of a run")
    parser.add_argument("pictures", metavar="IMAGE", nargs="+", help="PNG, JPEG, BMP, GIF, WebP, ...")
    parser.add_argument("--json", action="store_true", help="print one JSON object a line instead of text")


def run(options: argparse.Namespace) -> None:
    from engine.data.pictures import picture_like
    from engine.runs import Run

    trained = Run.open(options.folder)
    network = trained.network()
    shape, failed = next(iter(network.input_shapes.values())), 0
    for picture in options.pictures:
        try:
            sample = picture_like(picture, shape, str(trained.about.get("name", "")))
        except EngineError as problem:
            print(f"convstudio: {problem}", file=sys.stderr)
            failed += 1
            continue
        scores = network.predict(_normalised(sample, trained)[None])[0].reshape(-1)
        softmax = network.graph[network.output].layer.is_softmax
        _say(options, picture, _ranked(scores, trained, softmax))
    if failed:
        raise EngineError(f"{failed} of {len(options.pictures)} pictures could not be read.")


def _normalised(sample: np.ndarray[Any, Any], trained: Run) -> np.ndarray[Any, Any]:
    import numpy as np

    about = trained.about
    if "mean" not in about or "std" not in about:
        raise EngineError(f"{trained.folder} does not say how its data were normalised; train it again.")
    mean, std = (np.asarray(about[name], np.float32).reshape(-1, 1, 1) for name in ("mean", "std"))
    return np.asarray((sample / np.float32(255) - mean) / std, np.float32)


def _ranked(scores: np.ndarray[Any, Any], trained: Run, softmax: bool) -> list[tuple[str, float]]:
    from engine.pictures import probabilities

    shares = scores if softmax else probabilities(scores)
    names = class_names(trained.about.get("classes", ()), len(shares))
    pairs = [(name, float(share)) for name, share in zip(names, shares, strict=True)]
    return sorted(pairs, key=lambda pair: -pair[1])


def _say(options: argparse.Namespace, picture: str, ranked: list[tuple[str, float]]) -> None:
    if options.json:
        print(json.dumps({"image": picture, "class": ranked[0][0], "probabilities": dict(ranked)}), flush=True)
        return
    best, *others = ranked[:SHOWN]
    doubts = ", ".join(f"{name} {100 * share:.1f} %" for name, share in others)
    print(f"{picture}: {best[0]} ({100 * best[1]:.1f} %" + (f"; {doubts})" if doubts else ")"), flush=True)
