#!/usr/bin/env python3
"""Peak memory of training steps: ConvStudio's process against PyTorch's, on the same nets and batch.

    python tests/bench/memory_versus_torch.py --studio ".venv/bin/convstudio" --versus VERSUS_TORCH.PY [NET ...]

Run it with a Python that has PyTorch.  VERSUS_TORCH.PY holds the networks (NETS: name -> (make, input shape)).  Each
side runs in a process of its own; a figure is the process's peak resident memory as the system counts it, with the
share that came on top of the imports in brackets.
"""

import argparse
import json
import runpy
import shlex
import subprocess
import sys

TORCH = """
import resource, runpy, sys
import torch, torch.nn.functional as F
versus = runpy.run_path(sys.argv[2])
torch.set_num_threads(2)
make, shape = versus["NETS"][sys.argv[1]]
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
net = make().to(memory_format=torch.channels_last)
x = torch.randn(64, *shape).to(memory_format=torch.channels_last)
y = torch.randint(0, 10, (64,))
adam = torch.optim.Adam(net.parameters(), 1e-3, fused=True)
for _ in range(20):
    adam.zero_grad(set_to_none=True)
    F.cross_entropy(net(x), y).backward()
    adam.step()
after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(before * 1024, after * 1024)
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("nets", nargs="*")
    parser.add_argument("--studio", default="convstudio")
    parser.add_argument("--versus", required=True)
    options = parser.parse_args()
    for name in options.nets or runpy.run_path(options.versus)["NETS"]:
        command = [*shlex.split(options.studio), "bench", name, "--seconds", "1", "--json", "-"]
        ours = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        command = [sys.executable, "-c", TORCH, name, options.versus]
        theirs = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        before, after = map(int, theirs.split())
        ours_mb, step_mb = ours["peak_memory_bytes"] / 1e6, ours["arena_bytes"] / 1e6
        print(
            f"{name:11s} ConvStudio {ours_mb:5.0f} MB (step {step_mb:4.0f})   "
            f"PyTorch {after / 1e6:5.0f} MB (step {(after - before) / 1e6:4.0f})"
        )


if __name__ == "__main__":
    main()
