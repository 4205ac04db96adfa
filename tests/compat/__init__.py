"""What an earlier release wrote, and what every later one must still read."""
