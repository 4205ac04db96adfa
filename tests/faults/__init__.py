"""Fault harnesses: campaigns that kill what must not matter. Run by `./dev faults ...`, not by the test suite."""
