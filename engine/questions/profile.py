"""What does each layer cost?"""

from __future__ import annotations

import attrs

from engine.profile import Profile


@attrs.frozen
class MeasureLayers:
    """How long does each layer take, and how long will an epoch?"""

    number: int


@attrs.frozen
class Profiled:
    """An answer to `MeasureLayers`: a first one after a moment, and a good one at the end."""

    number: int
    profile: Profile
    finished: bool

    @property
    def samples_per_second(self) -> float:
        return self.profile.samples_per_second

    @property
    def seconds_per_epoch(self) -> float:
        return self.profile.seconds_per_epoch
