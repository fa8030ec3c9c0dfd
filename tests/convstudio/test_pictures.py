"""`convstudio pictures` brings the real window into every state."""

import os
import subprocess
import sys
from pathlib import Path

from PIL import Image


def test_every_state_is_drawn_in_both_themes(tmp_path: Path) -> None:
    """In a process of its own, as it is called: it gives the application a theme."""
    command = [sys.executable, "-m", "convstudio", "pictures", str(tmp_path / "pictures"), "--size", "1280x800"]
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    paths = sorted((tmp_path / "pictures").glob("*.png"))
    names = {path.stem.rpartition("-")[0] for path in paths}
    assert {"lenet", "empty", "problems", "branches", "pattern"} <= names
    assert len(paths) == 2 * len(names)
    for path in paths:
        with Image.open(path) as picture:
            assert len(picture.convert("RGB").getcolors(1 << 20) or []) > 100, path.name  # not an empty grey area
    light, dark = (Image.open(tmp_path / "pictures" / f"lenet-{look}.png").convert("L") for look in ("light", "dark"))
    assert light.resize((1, 1)).getpixel((0, 0)) > 200
    assert dark.resize((1, 1)).getpixel((0, 0)) < 60
