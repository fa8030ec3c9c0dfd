"""How much memory this process takes."""

from __future__ import annotations

import sys


def peak_memory_bytes() -> int:
    """The most memory that this process has held so far, as the system counts it; 0 where it does not say."""
    try:
        import resource
    except ImportError:
        return 0
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
