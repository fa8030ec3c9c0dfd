#!/usr/bin/env python3
"""Kills `convstudio train` at random moments, resumes it, and compares every bit with a run that nobody disturbed.

    python tests/bench/kill_and_resume.py --studio ".venv/bin/convstudio" --data-dir DATA [--kills 10]

Each kill is SIGKILL, at a moment drawn anew; the run goes on with --resume from what it left behind.
"""

import argparse
import random
import shlex
import signal
import subprocess
import tempfile
import time
from pathlib import Path

COMPARED = ("last.safetensors", "best.safetensors", "metrics.json", "network.json", "config.json")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--studio", default="convstudio")
    parser.add_argument("--data-dir", required=True)
    parser.add_argument("--network", default="lenet5")
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    chance = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as place:
        whole, broken = Path(place) / "whole", Path(place) / "broken"
        studio = [*shlex.split(options.studio), "train"]
        more = ["--data-dir", options.data_dir, "--json", "-"]
        how = ["--epochs", str(options.epochs), "--augment", "digits", "--schedule", "cosine"]
        began = time.perf_counter()
        run([*studio, options.network, *more, *how, "--out", str(whole)])
        lasted = time.perf_counter() - began
        print(f"undisturbed: {lasted:.1f} s")
        command = [*studio, options.network, *more, *how, "--out", str(broken)]
        for number in range(1, options.kills + 1):
            after = chance.uniform(0.2, 1.2) * lasted / options.epochs + 1.0
            program = subprocess.Popen(command, stdout=subprocess.DEVNULL)
            try:
                program.wait(after)
                print(f"{number}: had ended before {after:.2f} s")
            except subprocess.TimeoutExpired:
                program.send_signal(signal.SIGKILL)
                program.wait()
                saved = (broken / "last.safetensors").exists()
                print(f"{number}: killed after {after:.2f} s; {'a' if saved else 'no'} checkpoint is there")
            if (broken / "last.safetensors").exists():
                command = [*studio, "--resume", str(broken), *more]
            else:  # nothing was saved yet, so there is nothing to lose
                broken = broken.with_name(broken.name + "-again")
                command = [*studio, options.network, *more, *how, "--out", str(broken)]
        run(command)
        different = [n for n in COMPARED if (whole / n).read_bytes() != (broken / n).read_bytes()]
    if different:
        raise SystemExit(f"Different: {', '.join(different)}")
    print("The same bits.")


def run(command: list[str]) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    main()
