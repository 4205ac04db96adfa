"""Lock managers for cache keys."""
