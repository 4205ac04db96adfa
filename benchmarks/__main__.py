"""`python -m benchmarks NAME`: run one benchmark."""

import sys
from importlib import import_module

NAMES = ("apply", "core", "engine", "limits", "runners", "server", "store", "ui", "waking")


def main() -> int:
    """Run the named benchmark; lists them without a name."""
    if len(sys.argv) < 2 or sys.argv[1] not in NAMES:
        print(f"usage: ./dev bench {'|'.join(NAMES)} [--rounds N] [--json FILE]", file=sys.stderr)
        return 2
    return int(import_module(f"benchmarks.{sys.argv[1]}").main(sys.argv[2:]))


if __name__ == "__main__":
    sys.exit(main())
