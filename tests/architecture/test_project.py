"""The files that a project is expected to have, and what they promise."""

import os
import re
import tomllib
from pathlib import Path

import pytest

import convstudio


@pytest.mark.parametrize("name", ["README.md", "LICENSE", "CHANGELOG.md", "CONTRIBUTING.md", "studio", ".ci/run"])
def test_the_project_has(project: Path, name: str) -> None:
    assert (project / name).stat().st_size > 0


def test_changelog_has_a_dated_entry_for_this_version(project: Path) -> None:
    text = (project / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.search(rf"^## \[{re.escape(convstudio.__version__)}\] - \d{{4}}-\d\d-\d\d$", text, re.MULTILINE)


def test_pytorch_is_never_a_dependency_of_the_app(project: Path) -> None:
    declared = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert not [name for name in declared["dependencies"] if name.startswith("torch")]


def test_build_machine_runs_nothing_but_studio_test(project: Path) -> None:
    lines = (project / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if not line.startswith("#")] == ['exec "$(dirname -- "$0")/../studio" test']
    assert os.access(project / ".ci" / "run", os.X_OK) or os.name == "nt"
