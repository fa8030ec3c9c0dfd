"""Threads turn for a moment before they sleep, unless somebody has chosen otherwise."""

import subprocess
import sys

import pytest

from engine.waiting import POLICY, TURNS, USUAL_TURNS

ASKED = f"import engine, os; print(os.environ.get({TURNS!r}))"


@pytest.mark.parametrize(
    ("chosen", "found"), [({}, USUAL_TURNS), ({TURNS: "7"}, "7"), ({POLICY: "active"}, "None")], ids=str
)
def test_what_the_library_reads(chosen: dict[str, str], found: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (POLICY, TURNS):
        monkeypatch.delenv(name, raising=False)
    for name, value in chosen.items():
        monkeypatch.setenv(name, value)
    assert (
        subprocess.run([sys.executable, "-c", ASKED], capture_output=True, text=True, check=True).stdout == found + "\n"
    )
