"""Brings a run of the past back into the document."""

from __future__ import annotations

from typing import Any

import attrs

from convstudio.document.edit import Edit
from convstudio.document.project import Project
from engine.data.sets import DATA_SETS
from engine.data.source import DataSource
from engine.graph import Graph
from engine.run_files import RunSummary


def restored(project: Project, one: RunSummary, graph: Graph) -> Edit:
    """Network, settings and data of a run, in one step that can be undone."""
    data = _source(one.data) or project.data
    wanted = attrs.evolve(project, graph=graph, blocks=(), comments=(), settings=one.settings, data=data)
    told = f"Restored {one.title}: its network, settings and weights."
    return Edit(f"Restore run {one.title}", wanted, frozenset(), told=told)


def _source(about: Any) -> DataSource | None:
    """What a run remembers of its data; None where that is nothing one could load."""
    source = about.get("source")
    given = source if isinstance(source, dict) else {"name": about.get("name"), "folder": ""}
    name, folder = given.get("name"), given.get("folder")
    if not isinstance(name, str) or not isinstance(folder, str) or not name:
        return None
    return DataSource(name, folder) if name in DATA_SETS or isinstance(source, dict) else None
