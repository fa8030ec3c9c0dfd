"""The installed app finds its resources from any folder."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from engine.resources import read_text, resource_path
from tests.patience import PATIENCE_S

LIST_RESOURCES = """
import json, engine.resources as r
root = r.resource_path()
names = sorted(p.relative_to(root).as_posix() for p in root.rglob("*") if p.is_file())
print(json.dumps({"engine": r.__file__, "names": names}))
"""


@pytest.fixture(scope="module")
def installed(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which the app's wheel is installed."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(project)]
    subprocess.run(build, check=True, capture_output=True, timeout=PATIENCE_S)
    [wheel] = folder.glob("*.whl")
    target = folder / "Orte für Programme"
    pip = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--no-index",
        "--target",
        str(target),
        str(wheel),
    ]
    subprocess.run(pip, check=True, capture_output=True, timeout=PATIENCE_S)
    return target


def resources_of(project: Path) -> list[str]:
    root = project / "resources"
    return sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file())


def test_checkout_finds_its_resources(project: Path) -> None:
    assert resource_path("templates") == project / "resources" / "templates"
    template = resources_of(project)[-1].split("/")
    assert read_text(*template) == project.joinpath("resources", *template).read_text(encoding="utf-8")


def test_installed_app_has_every_resource_in_any_folder(project: Path, installed: Path, tmp_path: Path) -> None:
    environment = os.environ | {"PYTHONPATH": str(installed)}
    listing = [sys.executable, "-c", LIST_RESOURCES]
    done = subprocess.run(
        listing, cwd=tmp_path, env=environment, check=True, capture_output=True, text=True, timeout=PATIENCE_S
    )
    found = json.loads(done.stdout)
    assert Path(found["engine"]).is_relative_to(installed)
    assert found["names"] == resources_of(project)


def test_installed_app_takes_no_names_but_its_own(installed: Path) -> None:
    folders = {path.name for path in installed.iterdir() if not path.name.endswith(".dist-info")}
    assert folders - {"bin", "Scripts"} == {"engine", "convstudio"}
