"""What the window and the trainer's process say to each other: plain frozen values over one pipe.

The window asks and the trainer answers between two steps (`Ask` and `Report`), so nothing piles up.  Only rare facts
come unasked: a new phase, what is being prepared, problems, the end.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

import attrs
import numpy as np

from engine.metrics import Evaluation
from engine.progress import EpochResult
from engine.settings import TrainingSettings

Array = np.ndarray[Any, Any]
REPORT_BYTES = 256 * 1024  # a receive of so much takes well under a millisecond
MOST_POINTS = 4096  # of a report's curves; older ones are averaged in pairs when nobody asks for long

# Phases besides those of engine.progress
IDLE, PREPARING, LOADING, PAUSED, STOPPED, FAILED = "idle", "preparing", "loading", "paused", "stopped", "failed"


class Source(Protocol):
    """Where the data comes from: a plain value that the trainer's process can load by itself."""

    def load(
        self,
        *,
        fetch: bool = True,
        progress: Callable[[int, int], None] = lambda there, total: None,
        wanted: Callable[[], bool] = lambda: True,
    ) -> Any:
        """The data set, as `engine.batches.Data`; whether to fetch what is not on this computer.

        A download tells its bytes, and asks now and then whether it is still wanted.
        """


# --- from the window to the trainer ----------------------------------------------------------------------------------


@attrs.frozen
class Warm:
    """Compile the kernels of a network while there is time."""

    network: str  # a network file's text
    settings: TrainingSettings


@attrs.frozen
class Start:
    """Train a network, or go on with the run in the folder."""

    network: str
    settings: TrainingSettings
    source: Source
    folder: str = ""  # nothing is saved without one
    about: Mapping[str, Any] = attrs.field(factory=dict)  # describes the data in the run's folder
    resume: bool = False
    paused: bool = False
    checkpoint_seconds: float = 60.0  # between two checkpoints inside an epoch
    weights: Mapping[str, Array] = attrs.field(factory=dict)  # to begin with, as far as their shapes fit
    continues: bool = False  # counts on from the run that is under way: its network was edited
    identities: bool = False  # whether new layers start as identities where they can


@attrs.frozen(eq=False)
class Open:
    """Take a network in to look at, without training it; questions may follow at once."""

    network: str
    settings: TrainingSettings
    source: Source
    weights: Mapping[str, Array] = attrs.field(factory=dict)


@attrs.frozen
class Ask:
    """Report, with pictures of these nodes for one sample of the data, or for a picture in the data's own units."""

    watch: tuple[str, ...] = ()
    sample: int = 0
    image: Array | None = attrs.field(default=None, eq=id)


@attrs.frozen
class Pause:
    """Rest after this step."""


@attrs.frozen
class Resume:
    """Go on."""


@attrs.frozen
class StepOnce:
    """One step, then rest."""


@attrs.frozen
class SetLearningRate:
    """Another learning rate from the next step on."""

    learning_rate: float


@attrs.frozen
class SetBatch:
    """Another number of samples from the next step on."""

    batch: int


@attrs.frozen(eq=False)
class Predict:
    """What does the network say to this picture, in the data's own units? The number comes back with the answer."""

    number: int
    image: Array


@attrs.frozen
class Stop:
    """Save, and end the process."""


# --- from the trainer to the window ----------------------------------------------------------------------------------


@attrs.frozen
class PhaseChanged:
    """What the trainer does from now on."""

    phase: str


@attrs.frozen
class Carried:
    """Which layers kept their numbers in an edited network, which start as identities, and which anew."""

    kept: tuple[str, ...]
    identities: tuple[str, ...]
    fresh: tuple[str, ...]


@attrs.frozen
class Opened:
    """The network can be looked at; or why not."""

    problem: str = ""


@attrs.frozen
class Preparing:
    """Which kernel is being compiled."""

    what: str
    number: int
    total: int

    @property
    def text(self) -> str:
        return f"Preparing {self.what}, {self.number} of {self.total}"


@attrs.frozen
class Downloading:
    """How much of the data is on this computer, in bytes."""

    there: int
    total: int

    @property
    def text(self) -> str:
        return f"Downloading the data, {amount(self.there, self.total)}"


def amount(there: int, total: int) -> str:
    """3.1 of 11.6 MB"""
    return f"{there / 1e6:.1f} of {total / 1e6:.1f} MB"


@attrs.frozen(eq=False)
class Picture:
    """What a node makes of a sample, ready for the screen."""

    node: str
    tiles: Array  # uint8 [channels, height, width]; features as one row
    signed: bool  # whether 128 is zero; else 0 is
    is_sample: bool = False  # from black to white; three channels are red, green and blue


@attrs.frozen(eq=False)
class Report:
    """Everything since the last report."""

    phase: str
    step: int = 0
    total_steps: int = 0
    epoch: int = 0  # epochs that are behind us
    epochs: int = 0
    seen: int = 0  # samples of this epoch
    samples_per_epoch: int = 0
    learning_rate: float = 0.0
    samples_per_second: float = 0.0
    best_epoch: int = 0
    memory_bytes: int = 0  # the most that the process has taken so far
    steps: Array = attrs.field(factory=lambda: np.zeros(0, np.int64))
    losses: Array = attrs.field(factory=lambda: np.zeros(0, np.float32))
    accuracies: Array = attrs.field(factory=lambda: np.zeros(0, np.float32))  # NaN where nothing is classified
    history: tuple[EpochResult, ...] = ()
    evaluations: Mapping[str, Evaluation] = attrs.field(factory=dict)  # where an epoch has ended
    pictures: tuple[Picture, ...] = ()


@attrs.frozen(eq=False)
class Prediction:
    """The answer to `Predict`."""

    number: int
    scores: Array  # probabilities where the network classifies, else its output
    classifies: bool = True  # whether the scores are probabilities
    classes: tuple[str, ...] = ()  # names of the data's classes
    scale: tuple[float, ...] = (1.0,)  # of each channel; the network takes image * scale + shift
    shift: tuple[float, ...] = (0.0,)


@attrs.frozen
class Problem:
    """Something did not work, and training goes on."""

    message: str


@attrs.frozen
class Finished:
    """All epochs are done, or there was no progress for too long."""

    epochs: int
    best_epoch: int
    stopped_early: bool
    folder: str


@attrs.frozen
class Failed:
    """The run cannot go on; what to do is part of the message."""

    message: str
    crashed: bool = False  # the process itself is gone
    folder: str = ""  # where there is a checkpoint to go on from


@attrs.frozen
class Stopped:
    """The process has ended because it was asked to."""

    killed: bool = False  # it did not answer in time
