"""What a server's process keeps, looked at in one of its own."""

import subprocess
import sys

CODE = """
import gc, sys
import turnout.server.app
from turnout.server.memory import settle
settle()
print(gc.get_freeze_count(), len(gc.get_objects()), *sys.modules)
"""


def test_a_full_collection_has_little_to_walk() -> None:
    said = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True).stdout.split()
    frozen, walked, loaded = int(said[0]), int(said[1]), said[2:]
    assert frozen > 50 * walked
    assert {"turnout.store.views", "turnout.store.journal", "turnout.store.projects"} <= set(loaded)
