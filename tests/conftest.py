"""What every test relies on: folders of its own, four threads for Numba, no screen, patience, repeatable draws.

And what every test is held to: it leaves no window, timer, thread or process behind. Warnings of Python and Qt, and
exceptions that nobody sees, fail it too (pyproject.toml).
"""

import gc
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import platformdirs
import pytest
from pytestqt.qtbot import QtBot

from tests.patience import WINDOW_MS

# All of this before anything imports Numba or Qt, which read their environment once.

# Results must not depend on the number of threads; tests compare 1, 2 and 3, whatever this machine has.
os.environ.setdefault("NUMBA_NUM_THREADS", "4")
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

# Compiled kernels outlive the run, in the folder where the app keeps them too. Everything else that tests write to user
# folders goes to one that is removed. With pytest-xdist, workers inherit both from the process that starts them.
_KERNELS = Path(platformdirs.user_cache_dir("convstudio", appauthor=False)) / "kernels"
os.environ.setdefault("CONVSTUDIO_KERNEL_CACHE", str(_KERNELS))
_USER_FOLDERS = Path(tempfile.mkdtemp(prefix="convstudio-tests-"))
for _name in ("CACHE", "CONFIG", "DATA", "STATE"):
    os.environ[f"XDG_{_name}_HOME"] = str(_USER_FOLDERS / _name.lower())

# How long an example takes to draw says something about the machine, not about the test.
_SLOW = [hypothesis.HealthCheck.too_slow]
hypothesis.settings.register_profile(
    "repeatable", deadline=None, derandomize=True, max_examples=25, suppress_health_check=_SLOW
)
hypothesis.settings.register_profile("explore", deadline=None, max_examples=500, suppress_health_check=_SLOW)
hypothesis.settings.load_profile("repeatable")


for _wait in (QtBot.waitUntil, QtBot.waitSignal, QtBot.waitSignals):  # five seconds by themselves
    _wait.__kwdefaults__["timeout"] = WINDOW_MS


def pytest_unconfigure() -> None:
    shutil.rmtree(_USER_FOLDERS, ignore_errors=True)


@pytest.fixture(scope="session")
def project() -> Path:
    """The folder of the checkout."""
    return Path(__file__).parent.parent


@pytest.fixture(scope="session")
def qapp_cls() -> Any:
    """The application is the program's own."""
    from convstudio.application import Application

    return Application


@pytest.fixture(scope="session")
def qapp(qapp: Any) -> Any:
    """The program's way of collecting, too: what ends in another thread than the window's ends the whole process."""
    from convstudio.collecting import Collector

    Collector(qapp)
    qapp.setKeyboardInputInterval(WINDOW_MS)  # lists take letters that follow each other for one word, however slowly
    return qapp


@pytest.fixture
def letters(qapp: Any) -> Iterator[Callable[[int], None]]:
    """Sets how large the system's letters are, in points; afterwards they are as before."""
    usual = qapp.font()

    def choose(points: int) -> None:
        font = qapp.font()
        font.setPointSize(points)
        qapp.setFont(font)

    yield choose
    qapp.setFont(usual)


@pytest.fixture(autouse=True)
def nothing_is_left_behind() -> Iterator[None]:
    """Looks for leaks after everything else of a test has ended."""
    from convstudio.collecting import collect_what_is_due
    from tests.leaks import alive, leaks

    before = alive()
    yield
    found = leaks(before)
    if not gc.isenabled():  # tests without a window give its collector no time
        collect_what_is_due()
    assert not found, f"The test leaves behind {', '.join(found)}."
