"""Compiling kernels: the @kernel decorator, vector width and threads of this machine, and the cache on disk."""

from __future__ import annotations

import hashlib
import os
import platform
import re
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import llvmlite.binding as llvm
import numba
import numpy as np
import platformdirs
from numba import njit, types
from numba.core import config

config.THREADING_LAYER_PRIORITY = ["omp", "tbb", "workqueue"]

# Named one by one: "fast" would also promise that there are no NaNs, and checks for them would vanish.  "reassoc" is
# missing, so that sums keep their order: Numba orders instructions a little differently in each process that compiles,
# and a run that is resumed elsewhere must end with the same bits.
FASTMATH = {"contract", "nsz"}
OPTIONS = {"nogil": True, "fastmath": FASTMATH, "boundscheck": False, "error_model": "numpy"}
# What kernel modules import; a test holds them to it.
SHARED_SOURCES = ("jit.py", "kernels/simd/*.py", "kernels/mathematics.py", "kernels/sliding.py")


def _lanes() -> int:
    """How many float32 numbers one vector register of this CPU holds."""
    features = llvm.get_host_cpu_features()
    if features.get("avx512f"):
        return 16
    return 8 if features.get("avx") else 4


LANES = int(os.environ.get("CONVSTUDIO_LANES", _lanes()))
REGISTERS = 32 if LANES == 16 or platform.machine() in ("arm64", "aarch64") else 16
MAX_THREADS = int(config.NUMBA_NUM_THREADS)


def set_threads(threads: int) -> int:
    """How many threads kernels use from now on; results do not depend on it."""
    chosen = max(1, min(threads, MAX_THREADS))
    numba.set_num_threads(chosen)
    return chosen


def cache_root() -> Path:
    """The folder of compiled kernels."""
    chosen = os.environ.get("CONVSTUDIO_KERNEL_CACHE")
    return Path(chosen) if chosen else Path(platformdirs.user_cache_dir("convstudio", appauthor=False)) / "kernels"


@cache
def _module_key(module: str) -> str:
    """Names all that a module's machine code depends on; Numba itself looks only at the module's own time stamp."""
    digest = hashlib.sha256()
    engine = Path(__file__).parent
    own = Path(sys.modules[module].__file__ or "")
    shared = (path for pattern in SHARED_SOURCES for path in sorted(engine.glob(pattern)))
    for source in (*shared, own):
        digest.update(source.read_bytes())
    machine = (llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten(), LANES, numba.__version__)
    digest.update(repr((machine, llvm.llvm_version_info, sys.version_info[:2])).encode())
    return f"{module.rpartition('.')[2]}-{digest.hexdigest()[:16]}"


class Kernel:
    """A function that is compiled when it is first bound to arguments, and loaded from the cache ever after."""

    def __init__(self, function: Callable[..., None], parallel: bool) -> None:
        self.name = function.__name__
        config.CACHE_DIR = str(cache_root() / _module_key(function.__module__))
        self._dispatcher = njit(cache=True, parallel=parallel, **OPTIONS)(function)
        self._entries: dict[tuple[Any, ...], Callable[..., None]] = {}

    def bind(self, *args: Any) -> Callable[[], None]:
        """The kernel with its arguments: calling it runs machine code, past Numba's dispatch."""
        entry = self.compiled(*args)

        def run() -> None:
            entry(*args)

        return run

    def compiled(self, *args: Any) -> Callable[..., None]:
        """The machine code for arguments of these types."""
        signature = tuple(numba_type(a) for a in args)
        if signature not in self._entries:
            self._dispatcher.compile(signature)
            self._entries[signature] = self._dispatcher.overloads[signature].entry_point
        return self._entries[signature]

    def __call__(self, *args: Any) -> None:
        self.compiled(*args)(*args)


def numba_type(value: Any) -> Any:
    """The type that a kernel is compiled for: arrays of several axes may be views, flat ones are contiguous."""
    if isinstance(value, np.ndarray):
        return _array_type(value.dtype, value.ndim)
    if isinstance(value, bool):
        return types.boolean
    if isinstance(value, (int, np.integer)):
        return types.int64
    if isinstance(value, (float, np.floating)):
        return types.float32
    raise TypeError(f"kernels take arrays and numbers, not {type(value).__name__}")


@cache
def _array_type(dtype: np.dtype[Any], axes: int) -> Any:
    return types.Array(numba.from_dtype(dtype), axes, "C" if axes == 1 else "A")


def kernel(function: Callable[..., None]) -> Kernel:
    """Compiles a function whose `prange` loops run on all threads."""
    return Kernel(function, parallel=True)


def serial_kernel(function: Callable[..., None]) -> Kernel:
    """Compiles a function that is too small to share among threads."""
    return Kernel(function, parallel=False)


def device(function: Callable[..., Any]) -> Any:
    """Compiles a function that kernels call."""
    return njit(inline="never", **OPTIONS)(function)


def cpu_name() -> str:
    """The processor, for reports."""
    try:
        text = Path("/proc/cpuinfo").read_text()
    except OSError:
        return platform.processor() or llvm.get_host_cpu_name()
    found = re.search(r"model name\s*: (.*)", text)
    return found.group(1).strip() if found else str(llvm.get_host_cpu_name())
