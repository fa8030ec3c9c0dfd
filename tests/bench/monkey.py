#!/usr/bin/env python3
"""A user who does anything: random clicks, drags, keys, commands and mishaps over the whole window, for minutes.

    xvfb-run -a -s "-screen 0 1600x1000x24" python tests/bench/monkey.py --seconds 120 --seeds 1 2 3

Everything that it does is drawn from the seed.  Files that are asked for are hostile, the clipboard holds nonsense,
processes are killed and stopped, runs break.  It fails where Python or Qt say anything at all, where the window does
not react for longer than five seconds, where memory grows on and on, or where a process stays behind.
"""

from __future__ import annotations

import argparse
import faulthandler
import os
import subprocess
import sys
import tempfile
from pathlib import Path

LONGEST_GAP_S = 5.0  # in which the window does nothing: a new theme dresses every widget of three windows
MOST_GROWTH_MB = 500.0  # in the second half: caches are full by then
FOLDERS = ("CACHE", "CONFIG", "DATA", "STATE")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60.0, help="for each seed (60)")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1], metavar="N", help="what is drawn from (1)")
    parser.add_argument(
        "--gap",
        type=float,
        default=LONGEST_GAP_S,
        metavar="S",
        help=f"the window may do nothing for ({LONGEST_GAP_S:.0f})",
    )
    parser.add_argument("--verbose", action="store_true", help="tell every act")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.here:
        raise SystemExit(play(options.seeds[0], options.seconds, options.gap, options.verbose))
    failed = [seed for seed in options.seeds if not in_a_process(seed, options)]
    raise SystemExit(f"Failed with the seeds {', '.join(map(str, failed))}." if failed else 0)


def in_a_process(seed: int, options: argparse.Namespace) -> bool:
    """A seed in a process of its own, with user folders of its own."""
    import platformdirs

    kernels = Path(platformdirs.user_cache_dir("convstudio", appauthor=False)) / "kernels"
    with tempfile.TemporaryDirectory(prefix="convstudio-monkey-") as home:
        own = {f"XDG_{name}_HOME": str(Path(home) / name.lower()) for name in FOLDERS}
        kept = os.environ.get("CONVSTUDIO_KERNEL_CACHE", str(kernels))
        environment = {**os.environ, **own, "CONVSTUDIO_KERNEL_CACHE": kept, "HOME": home}
        command = [sys.executable, __file__, "--here", "--seeds", str(seed), "--seconds", str(options.seconds)]
        command += ["--gap", str(options.gap)]
        command += ["--verbose"] if options.verbose else []
        return subprocess.run(command, env=environment, cwd=home, check=False).returncode == 0


def play(seed: int, seconds: float, longest_gap_s: float, verbose: bool) -> int:
    """Lets it play in this process; 0 where nothing broke."""
    faulthandler.enable()
    faulthandler.dump_traceback_later(seconds + 12 * longest_gap_s, exit=True)  # a window that hangs for good
    sys.path.insert(0, str(Path(__file__).parents[2]))

    from convstudio.app import Windows, dress
    from convstudio.application import Application
    from convstudio.collecting import Collector
    from tests.monkey import Monkey
    from tests.watch import Watch

    application = Application(["convstudio"])
    application.setOrganizationName("ConvStudio")
    application.setApplicationName("convstudio")
    application.setQuitOnLastWindowClosed(False)
    dress(application)
    Collector(application)
    windows = Windows(application, warms=True)
    windows.open()
    with Watch() as watch:
        monkey = Monkey(windows, Path.cwd(), seed, tell=print if verbose else lambda act: None)
        monkey.play(seconds)
        left = monkey.leave()
    problems = watch.problems(longest_gap_s, MOST_GROWTH_MB) + left
    print(f"seed {seed}: {monkey.count} acts, longest gap {watch.longest_gap_s:.2f} s, {watch.growth()}")
    for problem in problems:
        print(f"  {problem}")
    if problems:
        print("  the last acts: " + "; ".join(monkey.done))
    sys.stdout.flush()
    if left:
        os._exit(1)  # what stays behind would be waited for
    return 1 if problems else 0


if __name__ == "__main__":
    main()
