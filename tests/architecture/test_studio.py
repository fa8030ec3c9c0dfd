"""The start script, on made-up machines: programs that only write down their call stand in for the real ones."""

import os
import shutil
import subprocess
from pathlib import Path

import attrs
import pytest

from tests.patience import PATIENCE_S

pytestmark = pytest.mark.skipif(os.name == "nt", reason="./studio is for systems with a POSIX shell")

# Answers what ./studio asks Python, makes a .venv that holds itself, and installs programs that write down their call.
PYTHON = """#!/bin/sh
case "$*" in
    *version_info\\ \\<*) exit 0 ;;
    *"import ensurepip"*) [ -z "${NO_ENSUREPIP:-}" ] ;;
    *"python3.%d-venv"*) echo python3.12-venv ;;
    *ctypes*) printf '%s' "${MISSING:-}" ;;
    -V) echo Python 3.12.1 ;;
    "-m venv"*)
        for last; do :; done
        mkdir -p "$last/bin"
        cp -- "$0" "$last/bin/python"
        echo "made venv" >>"$LOG"
        ;;
    "-m pip install"*)
        for last; do :; done
        echo "pip ${last##*/}" >>"$LOG"
        for name in convstudio ruff mypy lint-imports pytest; do
            cp -- "$PROGRAM" "${0%/*}/$name"
        done
        [ -z "${PIP_FAILS:-}" ]
        ;;
esac
"""
PROGRAM = """#!/bin/sh
printf '%s:' "${0##*/}" >>"$LOG"
printf ' <%s>' "$@" >>"$LOG"
echo >>"$LOG"
[ "${BROKEN:-}" != "${0##*/}" ]
"""
LOGGED = '#!/bin/sh\necho "{name} $*" | tee -a "$LOG"\n'


@attrs.frozen
class Machine:
    """A checkout in an awkward folder, and a PATH that leads to stand-ins first."""

    folder: Path

    @property
    def checkout(self) -> Path:
        return self.folder / "Größe 3 – été"

    @property
    def log(self) -> list[str]:
        path = self.folder / "log"
        return path.read_text(encoding="utf-8").splitlines() if path.exists() else []

    def program(self, name: str, text: str = "") -> None:
        path = self.folder / "bin" / name
        path.write_text(text or LOGGED.format(name=name), encoding="utf-8")
        path.chmod(0o755)

    def run(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        path = f"{self.folder / 'bin'}{os.pathsep}{os.environ['PATH']}"
        base = {
            "PATH": path,
            "HOME": str(self.folder),
            "DISPLAY": ":7",
            "LOG": str(self.folder / "log"),
            "PROGRAM": str(self.folder / "bin" / "program"),
        }
        return subprocess.run(
            [self.checkout / "studio", *arguments],
            cwd=self.folder,
            env=base | environment,
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
        )


@pytest.fixture
def machine(project: Path, tmp_path: Path) -> Machine:
    """A Debian machine with a font, a display and a user who is not root."""
    made = Machine(tmp_path)
    (tmp_path / "bin").mkdir()
    made.checkout.mkdir()
    shutil.copy(project / "studio", made.checkout)
    shutil.copy(project / "pyproject.toml", made.checkout)
    fonts = tmp_path / ".fonts"
    fonts.mkdir()
    (fonts / "letters.ttf").touch()
    made.program("python3", PYTHON)
    made.program("program", PROGRAM)
    made.program("uname", "#!/bin/sh\necho Linux\n")
    made.program("id", "#!/bin/sh\necho 1000\n")
    made.program("sudo", "#!/bin/sh\nexit 1\n")
    for name in ("apt-get", "Xvfb"):
        made.program(name)
    return made


def test_first_run_makes_a_venv_installs_and_opens_the_window(machine: Machine) -> None:
    done = machine.run()
    assert done.returncode == 0, done.stderr
    assert machine.log == ["made venv", f"pip {machine.checkout.name}", "convstudio: <>"]
    assert done.stdout == ""


def test_second_run_only_opens_the_window(machine: Machine) -> None:
    machine.run()
    done = machine.run()
    assert machine.log[3:] == ["convstudio: <>"]
    assert done.stderr == ""


def test_changed_settings_are_installed_anew(machine: Machine) -> None:
    machine.run()
    with (machine.checkout / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write("# changed\n")
    machine.run()
    assert machine.log[3:] == [f"pip {machine.checkout.name}", "convstudio: <>"]


def test_interrupted_installation_is_repeated(machine: Machine) -> None:
    done = machine.run(PIP_FAILS="1")
    assert done.returncode == 1
    assert done.stderr.endswith(
        "studio: The installation did not succeed (the reason is above); check the network and start again.\n"
    )
    machine.run()
    assert machine.log[2:] == [f"pip {machine.checkout.name}", "convstudio: <>"]


def test_moved_checkout_gets_a_new_venv(machine: Machine) -> None:
    machine.run()
    machine.checkout.rename(machine.folder / "elsewhere")
    machine.checkout.symlink_to(machine.folder / "elsewhere")
    machine.run()
    assert machine.log[3:] == ["made venv", "pip elsewhere", "convstudio: <>"]


def test_other_arguments_go_to_convstudio(machine: Machine) -> None:
    machine.run("summary", "my net.json", "--json")
    assert machine.log[-1] == "convstudio: <summary> <my net.json> <--json>"


def test_window_needs_a_display(machine: Machine) -> None:
    done = machine.run(DISPLAY="")
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1] == (
        "studio: There is no display here to open a window on; "
        "`convstudio train` (here: ./studio train) trains without one."
    )


def test_tests_run_every_check_and_name_those_that_failed(machine: Machine) -> None:
    done = machine.run("test", "-k", "pool", BROKEN="mypy")
    assert done.returncode == 1
    assert machine.log[1:] == [
        f"pip {machine.checkout.name}[test]",
        "ruff: <check> <.>",
        "ruff: <format> <--check> <.>",
        "mypy: <>",
        "lint-imports: <--no-logo>",
        "pytest: <-n> <auto> <--maxprocesses> <4> <--dist> <worksteal> <-k> <pool>",
    ]
    assert done.stderr.endswith("studio: Failed: types.\n")
    assert machine.run("test").returncode == 0


def test_app_is_not_installed_again_after_the_tests_were(machine: Machine) -> None:
    machine.run("test")
    machine.run()
    assert [line for line in machine.log if line.startswith("pip")] == [f"pip {machine.checkout.name}[test]"]


def test_missing_packages_are_named_in_the_line_to_run(machine: Machine) -> None:
    done = machine.run(MISSING="libegl1\nlibgl1\n", NO_ENSUREPIP="1")
    assert done.returncode == 1
    assert done.stderr == (
        "studio: Some system packages are missing; please run this line and start again: "
        "sudo apt-get install -y python3.12-venv libegl1 libgl1\n"
    )
    assert machine.log == []


@pytest.mark.parametrize("who", ["root", "sudo"])
def test_missing_packages_are_installed_where_no_password_is_asked(machine: Machine, who: str) -> None:
    if who == "root":
        machine.program("id", "#!/bin/sh\necho 0\n")
    else:
        machine.program("sudo", '#!/bin/sh\nshift\nexec "$@"\n')
    done = machine.run(MISSING="libegl1\n")
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    options = "-qq -o DPkg::Lock::Timeout=120"
    assert machine.log[:2] == [
        f"apt-get {options} update",
        f"apt-get {options} install -y --no-install-recommends libegl1",
    ]
    assert machine.log[-1] == "convstudio: <>"


def test_training_in_a_terminal_goes_on_without_libgomp(machine: Machine) -> None:
    done = machine.run("train", "lenet5", MISSING="libgomp1\n", DISPLAY="")
    assert done.returncode == 0
    assert "sudo apt-get install -y libgomp1" in done.stderr
    assert machine.log[-1] == "convstudio: <train> <lenet5>"


def test_old_python_is_refused(machine: Machine) -> None:
    for name in ("python3", "python3.14", "python3.13", "python3.12", "python3.11"):
        machine.program(name, "#!/bin/sh\nexit 1\n")
    done = machine.run()
    assert done.returncode == 1
    assert done.stderr == (
        "studio: ConvStudio needs Python 3.11 or newer, which was not found; "
        "install it, or name it: PYTHON=/path/to/python ./studio\n"
    )
