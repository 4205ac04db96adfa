"""What the harness `cancel` stops: bodies that resist, the project that deploys them, and the oracle."""
