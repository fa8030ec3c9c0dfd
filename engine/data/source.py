"""Which data set, as a plain value."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from engine.data.catalogue import Dataset


@attrs.frozen
class DataSource:
    """Which data set, and the folder that holds its files: any process can load it."""

    name: str
    folder: str = ""
    shape: tuple[int, ...] = ()  # what the network takes: images of one's own are brought to it

    def load(
        self,
        *,
        fetch: bool = True,
        progress: Callable[[int, int], None] = lambda there, total: None,
        wanted: Callable[[], bool] = lambda: True,
    ) -> Dataset:
        from engine.data.catalogue import load  # reads and decodes: the window only passes the value on

        return load(self.name, self.folder, shape=self.shape, fetch=fetch, progress=progress, wanted=wanted)
