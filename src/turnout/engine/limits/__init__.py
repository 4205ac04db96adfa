"""How many at once, and how fast: limits, where their places are kept, and who waits for one."""
