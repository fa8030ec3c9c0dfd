"""What can be done with a run now: buttons, menus and keys all say and do the same."""

from __future__ import annotations

import attrs

TRAIN, TRAIN_ON, RESUME = "Train", "Train on", "Resume"
TIPS = {
    TRAIN: "Trains the network with the settings of the train panel",
    TRAIN_ON: "Goes on with the weights that are there",
    RESUME: "Goes on where the run has come to",
}


@attrs.frozen
class Steering:
    """What pressing Train would do, and what else can be pressed."""

    word: str
    train: bool
    anew: bool
    pause: bool
    step: bool
    stop: bool


def steering(*, running: bool, paused: bool, goes_on: bool, has_learned: bool, blocked: bool) -> Steering:
    """Of a run that is under way, rests, ended early and can go on, or has not begun."""
    resumes = paused or goes_on
    return Steering(
        word=RESUME if resumes else TRAIN_ON if has_learned and not running else TRAIN,
        train=paused or (not running and (goes_on or not blocked)),
        anew=not running and not blocked and (goes_on or has_learned),
        pause=running and not paused,
        step=paused or (not running and (goes_on or not blocked)),
        stop=running,
    )
