"""Training as the window sees it: one session that talks to the trainer and never waits for it."""
