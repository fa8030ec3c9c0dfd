"""How is the network in training?"""

from __future__ import annotations

import attrs

from engine.health import Health


@attrs.frozen
class CheckHealth:
    """Is something wrong, and how large are gradients and steps? Best asked about once a second."""

    number: int


@attrs.frozen
class HealthChecked:
    """The answer to `CheckHealth`."""

    number: int
    health: Health
