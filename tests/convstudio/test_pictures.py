"""`convstudio pictures` brings the real window into every state."""

import os
import subprocess
import sys
from pathlib import Path

from PIL import Image

from convstudio.document.recent import RecentFiles
from convstudio.scenes import TRAINED, scene_names
from convstudio.workspace import PLACES
from tests.patience import PATIENCE_S

STATES = ("lenet", "problems", "branches", "recovery", "filters")


def run(folder: Path, *options: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """In a process of its own, as it is called: it gives the application a theme."""
    command = [sys.executable, "-m", "convstudio", "pictures", str(folder), *options]
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", **variables}
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=PATIENCE_S)


def test_states_are_drawn_in_both_themes_one_of_them_with_a_trained_network(tmp_path: Path) -> None:
    done = run(tmp_path / "pictures", "--size", "1280x800", "--only", *STATES)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    paths = sorted((tmp_path / "pictures").glob("*.png"))
    assert {path.stem for path in paths} == {f"{name}-{look}" for name in STATES for look in ("light", "dark")}
    for path in paths:
        with Image.open(path) as picture:
            assert len(picture.convert("RGB").getcolors(1 << 20) or []) > 100, path.name  # not an empty grey area
    light, dark = (Image.open(tmp_path / "pictures" / f"lenet-{look}.png").convert("L") for look in ("light", "dark"))
    assert light.size == (1280, 800)
    assert light.resize((1, 1)).getpixel((0, 0)) > 200
    assert dark.resize((1, 1)).getpixel((0, 0)) < 60


def test_a_denser_screen_has_more_pixels(tmp_path: Path) -> None:
    done = run(tmp_path, "--scale", "2", "--only", "lenet")
    assert done.returncode == 0, done.stderr
    with Image.open(tmp_path / "lenet-light.png") as picture:
        assert picture.size == (2560, 1600)


def test_nothing_of_the_user_is_touched_or_shown(tmp_path: Path) -> None:
    mine = tmp_path / "mine.convstudio"
    mine.write_text("only its name would be shown")
    folders = {f"XDG_{name}_HOME": tmp_path / name.lower() for name in ("CONFIG", "DATA", "STATE")}
    before = RecentFiles(folders["XDG_CONFIG_HOME"] / "convstudio")
    before.add(mine)
    for name in ("shown", "plain"):
        variables = {key: str(at) for key, at in folders.items()} if name == "shown" else {}
        done = run(tmp_path / name, "--only", "welcome", **variables)
        assert done.returncode == 0, done.stderr
    shown, plain = ((tmp_path / name / "welcome-light.png").read_bytes() for name in ("shown", "plain"))
    assert shown == plain
    assert before.paths() == (mine,)
    assert [path.name for folder in folders.values() for path in folder.rglob("*") if path.is_file()] == ["recent.json"]


def test_a_state_that_is_not_there_is_said(tmp_path: Path) -> None:
    done = run(tmp_path, "--only", "breakfast")
    assert done.returncode == 1
    assert done.stderr.startswith("convstudio: There is no state 'breakfast'; there are welcome, tour, lenet,")


def test_every_panel_is_shown_in_use() -> None:
    shown = {"lenet": "palette inspector problems", "trained": "train charts"}
    panels = {panel for name in scene_names() for panel in shown.get(name, name).split()}
    assert {place.name for place in PLACES} <= panels
    assert {scene.name for scene in TRAINED} <= set(scene_names())
