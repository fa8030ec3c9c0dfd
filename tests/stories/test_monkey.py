"""Some seconds of a user who does anything, in a process of its own; tests/bench/monkey.py plays for minutes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.patience import PATIENCE_S

SECONDS, LONGEST_GAP_S = 6, 60  # how smooth it is, is measured elsewhere: machines that test are busy


@pytest.mark.parametrize("seed", [1])
def test_nothing_that_a_user_does_breaks_the_window(project: Path, seed: int) -> None:
    script = project / "tests" / "bench" / "monkey.py"
    command = [
        sys.executable,
        str(script),
        "--seeds",
        str(seed),
        "--seconds",
        str(SECONDS),
        "--gap",
        str(LONGEST_GAP_S),
    ]
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    played = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    assert played.returncode == 0, played.stdout + played.stderr
    assert f"seed {seed}: " in played.stdout
