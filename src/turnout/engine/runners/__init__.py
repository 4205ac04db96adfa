"""Where submitted tasks run."""
