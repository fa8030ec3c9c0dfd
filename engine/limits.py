"""How much memory there is, and a refusal before a network asks for more."""

from __future__ import annotations

import os

from engine.errors import MemoryLimitError
from engine.shapes import FLOAT_BYTES, Inference

SHARE = 0.8  # of what is free: the rest of the machine wants to live too


def available_bytes() -> int:
    """Memory that can be had without swapping; where the system does not say, a cautious guess."""
    try:
        with open("/proc/meminfo") as lines:
            table = dict(line.split(":", 1) for line in lines)
        return int(table["MemAvailable"].split()[0]) * 1024
    except (OSError, KeyError, ValueError):
        pass
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2
    except (AttributeError, ValueError, OSError):
        return 4 << 30


def machine_bytes() -> int:
    """All the memory that this machine has; where the system does not say, what could be had now."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return available_bytes()


def needed_bytes(inference: Inference, samples: int, training: bool) -> int:
    """What the network takes: parameters (with gradients and two moments in training) and its activations."""
    copies = 4 if training else 1
    per_sample = inference.memory_bytes if training else inference.memory_bytes // 2
    return FLOAT_BYTES * copies * inference.parameter_count + samples * per_sample


def check_memory(inference: Inference, samples: int, training: bool) -> None:
    """Refuses what would not fit, with the figures, before anything is allocated."""
    needed, free = needed_bytes(inference, samples, training), int(available_bytes() * SHARE)
    if needed > free:
        what = "Training" if training else "Running"
        raise MemoryLimitError(
            f"{what} this network on {samples} samples at a time needs {gigabytes(needed)}, "
            f"and {gigabytes(free)} are free. Use a smaller batch, smaller images or fewer channels."
        )


def gigabytes(size: int) -> str:
    """8.0 GB."""
    return f"{size / 1e9:.1f} GB"
