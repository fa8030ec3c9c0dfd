"""Edits of every kind, drawn at random: what undo and the canvas must bear in any order."""

from __future__ import annotations

import random

from convstudio.document import edits
from convstudio.document.document import Document
from convstudio.document.edits import Edit
from convstudio.document.project import ACROSS, DOWN, Project
from engine.errors import EngineError
from engine.graph import Edge
from engine.settings import TrainingSettings
from engine.spec import make

KINDS = ("input", "conv2d", "relu", "max_pool2d", "flatten", "dense", "add", "concatenate", "dropout")


def random_edit(project: Project, draw: random.Random) -> Edit:
    """Any edit with any arguments; many of them are refused."""
    ids = [n.id for n in project.graph] or ["nobody"]
    some = set(draw.sample(ids, min(len(ids), draw.randint(1, 4))))
    one, other = draw.choice(ids), draw.choice(ids)
    block = draw.choice([b.id for b in project.blocks] or ["nobody"])
    comment = draw.choice([c.id for c in project.comments] or ["nobody"])
    edge = draw.choice(project.graph.edges or (Edge("nobody", "nobody"),))
    place = draw.uniform(-500, 500), draw.uniform(-500, 500)
    layer = make(draw.choice(KINDS))
    choices = [
        lambda: edits.add(project, layer, place),
        lambda: edits.append(project, layer, draw.choice([one, None])),
        lambda: edits.insert(project, layer, edge),
        lambda: edits.delete(project, some),
        lambda: edits.set_field(
            project, some, draw.choice(["kernel_size", "bias", "out_features"]), draw.randint(0, 9)
        ),
        lambda: edits.move(project, dict.fromkeys(some, place)),
        lambda: edits.connect(project, one, other, draw.randint(0, 3)),
        lambda: edits.disconnect(project, edge),
        lambda: edits.reroute(project, edge, other, draw.randint(0, 2)),
        lambda: edits.rename(project, one, f"name{draw.randint(0, 99)}"),
        lambda: edits.paste(project, edits.copy_text(project, some), place),
        lambda: edits.duplicate(project, some),
        lambda: edits.align(project, some, draw.choice(["left", "middle", "bottom"])),
        lambda: edits.distribute(project, some, "horizontal"),
        lambda: edits.group(project, some, "Stage"),
        lambda: edits.group(project, {block, one}, "Blocks in a block"),
        lambda: edits.set_flow(project, draw.choice([DOWN, ACROSS])),
        lambda: edits.ungroup(project, block),
        lambda: edits.set_repeat(project, block, draw.randint(1, 4)),
        lambda: edits.set_collapsed(project, block, draw.random() < 0.5),
        lambda: edits.add_comment(project, place, "Look"),
        lambda: edits.set_comment_text(project, comment, str(place)),
        lambda: edits.resize_comment(project, comment, place),
        lambda: edits.delete(project, {comment, block}),
        lambda: edits.lay_out(project),
        lambda: edits.set_settings(project, TrainingSettings(batch=draw.randint(1, 99))),
    ]
    return draw.choice(choices)()


def edit_at_random(document: Document, draw: random.Random, times: int) -> None:
    for _ in range(times):
        try:
            edit = random_edit(document.project, draw)
        except (EngineError, KeyError):
            continue  # refused, or about something that is not there
        if len(edit.project.graph.nodes) < 60:
            document.perform(edit, gesture=draw.choice([None, None, "drag"]))
