"""What an inspector shows."""

from __future__ import annotations

from convstudio.panels.inspector.panel import InspectorPanel


def facts(panel: InspectorPanel) -> dict[str, str]:
    return {name: label.text() for name, label in panel._facts.items()}
