#!/usr/bin/env python3
"""From starting the program to a test accuracy on MNIST: `convstudio train` against the same loop in PyTorch.

    python tests/bench/race_versus_torch.py --studio ".venv/bin/convstudio" --versus VERSUS_TORCH.PY --data-dir DATA

Run it with a Python that has PyTorch.  VERSUS_TORCH.PY holds the networks (NETS: name -> (make, input shape)), DATA the
folder `mnist` with the four files.  Each side is a process of its own, timed from its start; it trains with Adam at
1e-3 on batches of 64 with two threads and tests after every epoch.  Sides alternate; the median of the rounds counts.
"""

import argparse
import json
import shlex
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable

RACES = {"lenet5": (0.98, 0.5), "deep_mnist": (0.99, 0.65)}  # accuracy, and the share of PyTorch's time that is allowed

TORCH = """
import gzip, runpy, sys
import numpy as np, torch, torch.nn.functional as F
name, versus, folder, wanted, seed = sys.argv[1:]
folder, wanted = folder + "/mnist/", float(wanted)
torch.set_num_threads(2)
torch.manual_seed(int(seed))
def part(prefix):
    x = np.frombuffer(gzip.open(folder + prefix + "-images-idx3-ubyte.gz").read(), np.uint8, offset=16)
    y = np.frombuffer(gzip.open(folder + prefix + "-labels-idx1-ubyte.gz").read(), np.uint8, offset=8)
    x = (torch.tensor(x.reshape(-1, 1, 28, 28)).float() / 255 - 0.1307) / 0.3081
    return x.contiguous(memory_format=torch.channels_last), torch.tensor(y.astype(np.int64))
x, y = part("train")
test_x, test_y = part("t10k")
net = runpy.run_path(versus)["NETS"][name][0]().to(memory_format=torch.channels_last)
adam = torch.optim.Adam(net.parameters(), 1e-3, fused=True)
for epoch in range(1, 21):
    net.train()
    order = torch.randperm(len(x))
    for start in range(0, len(x), 64):
        picks = order[start : start + 64]
        adam.zero_grad(set_to_none=True)
        F.cross_entropy(net(x[picks]), y[picks]).backward()
        adam.step()
    net.eval()
    with torch.inference_mode():
        hits = sum(int((net(test_x[s : s + 256]).argmax(1) == test_y[s : s + 256]).sum()) for s in range(0, 10000, 256))
    print(epoch, hits / len(test_y), flush=True)
    if hits / len(test_y) >= wanted:
        break
"""


def until(command: list[str], reached: Callable[[str], int], what: str) -> tuple[float, int]:
    """Seconds from the start of a program to the line that says enough, and which epoch that was."""
    started = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as program:
        for line in program.stdout:
            epoch = reached(line)
            if epoch:
                seconds = time.perf_counter() - started
                program.kill()
                return seconds, epoch
    raise SystemExit(f"{what} ended before it was good enough.")


def ours(options: argparse.Namespace, name: str, wanted: float, seed: int, folder: str) -> tuple[float, int]:
    def reached(line: str) -> int:
        found = json.loads(line)
        return found["epoch"] if found.get("test_accuracy", 0) >= wanted else 0

    command = [*shlex.split(options.studio), "train", name, "--data", "mnist", "--data-dir", options.data_dir]
    more = [
        "--epochs",
        "20",
        "--validation",
        "0",
        "--threads",
        "2",
        "--seed",
        str(seed),
        "--out",
        folder,
        "--json",
        "-",
    ]
    return until([*command, *more], reached, "ConvStudio")


def theirs(options: argparse.Namespace, name: str, wanted: float, seed: int) -> tuple[float, int]:
    def reached(line: str) -> int:
        epoch, accuracy = line.split()
        return int(epoch) if float(accuracy) >= wanted else 0

    command = [sys.executable, "-c", TORCH, name, options.versus, options.data_dir, str(wanted), str(seed)]
    return until(command, reached, "PyTorch")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("nets", nargs="*")
    parser.add_argument("--studio", default="convstudio")
    parser.add_argument("--versus", required=True)
    parser.add_argument("--data-dir", required=True)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    late = []
    for name in options.nets or RACES:
        wanted, allowed = RACES[name]
        with tempfile.TemporaryDirectory() as place:
            pairs = [
                (ours(options, name, wanted, seed, f"{place}/{seed}"), theirs(options, name, wanted, seed))
                for seed in range(options.rounds)
            ]
        ratio = statistics.median(o[0] / t[0] for o, t in pairs)
        shown = "  ".join(f"{o[0]:.1f} s ({o[1]}) : {t[0]:.1f} s ({t[1]})" for o, t in pairs)
        print(f"{name:11s} to {100 * wanted:.0f} %   {shown}   ratio {ratio:.2f}, at most {allowed}", flush=True)
        late += [name] if ratio > allowed else []
    raise SystemExit(f"Too slow: {', '.join(late)}" if late else 0)


if __name__ == "__main__":
    main()
