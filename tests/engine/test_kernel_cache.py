"""Compiled kernels are kept under names that hold all that they depend on."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

from engine import jit
from tests.patience import PATIENCE_S

SHARED = {"engine.jit", "engine.kernels", "engine.kernels.mathematics", "engine.kernels.simd", "engine.kernels.sliding"}


def test_kernel_modules_import_only_what_their_cache_keys_cover(project: Path) -> None:
    for path in (project / "engine" / "kernels").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("engine"):
                assert node.module in SHARED, f"{path.name} imports {node.module}, which no cache key covers"


def test_second_process_compiles_nothing(project: Path, tmp_path: Path) -> None:
    program = (
        "import numpy as np, engine\n"
        "from numba.core import event\n"
        "seen = []\n"
        "class Listener(event.Listener):\n"
        "    def on_start(self, e): seen.append(e)\n"
        "    def on_end(self, e): pass\n"
        "event.register('numba:compile', Listener())\n"
        "graph = engine.chain(engine.make('input', shape=(3,)), engine.make('dense', out_features=2))\n"
        "engine.Network(graph).predict(np.ones((1, 3)))\n"
        "print(len(seen))\n"
    )
    environment = os.environ | {"CONVSTUDIO_KERNEL_CACHE": str(tmp_path)}
    counts = []
    for _ in range(2):
        run = [sys.executable, "-c", program]
        done = subprocess.run(run, cwd=project, env=environment, capture_output=True, text=True, timeout=PATIENCE_S)
        assert done.returncode == 0, done.stderr
        counts.append(int(done.stdout))
    assert counts[0] > 0
    assert counts[1] == 0


def test_folder_names_change_with_the_vector_width() -> None:
    import engine.kernels.dense as module

    name = jit._module_key(module.__name__)
    assert name.startswith("dense-")
    jit._module_key.cache_clear()
    lanes = jit.LANES
    try:
        jit.LANES = 2
        assert jit._module_key(module.__name__) != name
    finally:
        jit.LANES = lanes
        jit._module_key.cache_clear()


def test_threads_stay_within_what_numba_has_started() -> None:
    assert jit.set_threads(0) == 1
    assert jit.set_threads(10_000) == jit.MAX_THREADS
    assert jit.set_threads(2) == 2
