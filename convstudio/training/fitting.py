"""Whether a network can be trained with its data, and the edits that make it so."""

from __future__ import annotations

import attrs

from convstudio.document import edits
from convstudio.document.edit import Edit
from convstudio.document.project import Project
from convstudio.wording import sizes
from engine.browsing import Facts
from engine.data.places import place_of
from engine.data.sets import DATA_SETS
from engine.data.source import DataSource
from engine.errors import EngineError
from engine.graph import Graph
from engine.limits import SHARE, gigabytes, machine_bytes, needed_bytes
from engine.settings import CROSS_ENTROPY
from engine.shapes import Inference, infer
from engine.templates import SAMPLES

TOGETHER = 16  # samples that the engine computes side by side, at least: a smaller batch takes no less memory


@attrs.frozen
class LayerMend:
    """Gives a layer another setting."""

    node: str
    field: str
    value: object
    text: str

    def __call__(self, project: Project) -> Edit:
        return attrs.evolve(edits.set_field(project, {self.node}, self.field, self.value), text=self.text)


@attrs.frozen
class BatchMend:
    """Trains on fewer samples at a time."""

    batch: int

    @property
    def text(self) -> str:
        return f"Train on {self.batch} at a time"

    def __call__(self, project: Project) -> Edit:
        return edits.set_settings(project, attrs.evolve(project.settings, batch=self.batch), self.text)


@attrs.frozen
class Obstacle:
    """Why training cannot start, and what would mend it in one step: an edit of the project as it is by then."""

    text: str
    mend: LayerMend | BatchMend | None = None


def steps_of(project: Project) -> int:
    """How many steps a run will take; 0 where nobody has counted the samples yet."""
    declared, settings = DATA_SETS.get(project.data.name), project.settings
    if declared is None:
        return 0
    samples = declared.samples[0] - round(declared.samples[0] * settings.validation_fraction)
    return settings.epochs * -(-samples // settings.batch)


def suiting(graph: Graph) -> DataSource:
    """Data that a network takes: MNIST where it is on this computer, else the digits that need no download."""
    name = _published(graph)
    here = name != "mnist" or place_of(DATA_SETS[name]) is not None
    return DataSource(name if name and here else "digits")


def larger(project: Project) -> tuple[str, Edit] | None:
    """What to press for MNIST, where a network begins with the digits that need no download."""
    if project.data != DataSource("digits") or _published(project.graph) != "mnist":
        return None
    declared = DATA_SETS["mnist"]
    here = place_of(declared) is not None
    size = "" if here else f" (fetches {round(declared.download_bytes / 1e6)} MB once)"
    return f"Take {declared.title} instead{size}", edits.set_data(project, DataSource("mnist"))


def _published(graph: Graph) -> str:
    """The name of the data set that has samples of the network's shape; empty where there is none."""
    shapes = [node.layer.output_shape() for node in graph if not node.layer.ports]
    return SAMPLES.get(shapes[0], "") if shapes else ""


def obstacles(project: Project, inference: Inference, facts: Facts | None = None) -> tuple[Obstacle, ...]:
    """Everything in the way of training; nothing where it can start. `facts` tell of data that are not declared."""
    if not project.graph.nodes:
        return (Obstacle("There is no network yet. Add layers, or choose a template."),)
    if inference.problems:
        return tuple(Obstacle(problem.text) for problem in inference.problems)
    return misfits(project, inference, facts) or _memory_obstacle(project, inference)


def misfits(project: Project, inference: Inference, facts: Facts | None = None) -> tuple[Obstacle, ...]:
    """Where a network without problems does not take its data, or says something else than their classes."""
    declared = DATA_SETS.get(project.data.name) or facts
    if declared is None or inference.problems or not project.graph.nodes:
        return ()
    entries = [node.id for node in project.graph if not node.layer.ports]
    if len(entries) > 1:
        text = (
            f"The network has {len(entries)} inputs, {', '.join(entries)}, but each sample of {declared.title} is one."
        )
        return (Obstacle(f"{text} Wire what they feed to one of them, and remove the others."),)
    shape = inference.nodes[entries[0]].output
    if shape != declared.shape:
        text = f"The network takes {sizes(shape)}, but the samples of {declared.title} are {sizes(declared.shape)}."
        mend = LayerMend(entries[0], "shape", declared.shape, f"Take {sizes(declared.shape)}")
        return (_mended(project, text, mend, "Choose other data, or layers that suit them."),)
    if project.settings.loss == CROSS_ENTROPY:
        return _outputs_obstacle(project, inference, len(declared.classes), declared.title)
    return ()


def _memory_obstacle(project: Project, inference: Inference) -> tuple[Obstacle, ...]:
    """Training that this machine could never hold; a batch that it could is offered."""
    batch, room = project.settings.batch, machine_bytes()
    needed = needed_bytes(inference, max(batch, TOGETHER), training=True)
    if needed <= room:
        return ()
    text = (
        f"Training this network on {batch} samples at a time needs {gigabytes(needed)} of memory, "
        f"and this computer has {gigabytes(room)}."
    )
    fixed = needed_bytes(inference, 0, training=True)
    each = max(1, needed_bytes(inference, 1, training=True) - fixed)
    fitting = int((room * SHARE - fixed) // each) // TOGETHER * TOGETHER
    if not 0 < fitting < batch:
        return (Obstacle(f"{text} Use smaller images, fewer channels or smaller dense layers."),)
    return (Obstacle(text, BatchMend(fitting)),)


def _outputs_obstacle(project: Project, inference: Inference, classes: int, title: str) -> tuple[Obstacle, ...]:
    last = project.unfolded.order[-1]
    output = inference.nodes[last.id].output
    if output == (classes,):
        return ()
    text = f"The network ends in {sizes(output)}, but {title} has {classes} classes."
    dense = next((n for n in reversed(project.graph.order) if n.layer.kind == "dense"), None)
    if dense is None or len(output) != 1:
        return (Obstacle(f"{text} End it with a dense layer of {classes} outputs."),)
    mend = LayerMend(dense.id, "out_features", classes, f"Give {dense.id} {classes} outputs")
    return (_mended(project, text, mend, f"End it with {classes} outputs."),)


def _mended(project: Project, text: str, mend: LayerMend, otherwise: str) -> Obstacle:
    """With its mend, where the layer takes it and all others what comes of it; else with other advice."""
    try:
        mended = mend(project).project
    except EngineError:
        return Obstacle(f"{text} {otherwise}")
    return Obstacle(f"{text} {otherwise}") if infer(mended.unfolded).problems else Obstacle(text, mend)
