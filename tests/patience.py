"""How long tests wait for what is certain to come: machines that test are busy, and kernels may be compiled first.

A test that waits says for what, never for how long; only one that fails takes so much time.
"""

PATIENCE_S = 600
PATIENCE_MS = 1000 * PATIENCE_S
WINDOW_MS = 60_000  # for what the window alone has to do
