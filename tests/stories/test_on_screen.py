"""The whole program on a real screen, led by the screen's own mouse and keys: also the system's drag and drop."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from convstudio.document import files
from tests.patience import PATIENCE_S

XVFB = shutil.which("Xvfb")
pytestmark = pytest.mark.skipif(XVFB is None, reason="Xvfb, a screen in memory, is not installed here.")


@pytest.fixture
def screen() -> Iterator[str]:
    """Its name; it chooses a number that is free."""
    ours, theirs = os.pipe()
    command = [str(XVFB), "-displayfd", str(theirs), "-screen", "0", "1400x900x24", "-nolisten", "tcp"]
    with subprocess.Popen(command, pass_fds=(theirs,), stderr=subprocess.DEVNULL) as server:
        os.close(theirs)
        with os.fdopen(ours) as said:
            number = said.readline().strip()
        assert number, "Xvfb did not start."
        yield f":{number}"
        server.terminate()


def test_a_network_is_built_and_saved_on_a_real_screen(project: Path, screen: str, tmp_path: Path) -> None:
    path = tmp_path / "small.convstudio"
    environment = {**os.environ, "DISPLAY": screen, "QT_QPA_PLATFORM": "xcb"}
    command = [sys.executable, str(project / "tests" / "stories" / "on_screen.py"), str(path)]
    played = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    assert played.returncode == 0, played.stdout + played.stderr
    graph = files.read(path).project.graph
    assert [node.layer.kind for node in graph.order] == ["input", "conv2d", "relu", "dense"]
