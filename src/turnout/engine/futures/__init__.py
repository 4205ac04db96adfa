"""Submitted tasks: their futures, the arguments in which futures stand, and who waits for whom."""
