"""What a SQL file is called when its header does not say."""

import re
from pathlib import Path


def flow_name(file: str) -> str:
    """The file's name spelled as a flow's: `sql/Nightly_Model.sql` -> `nightly-model`."""
    return re.sub(r"[^a-z0-9]+", "-", Path(file).stem.lower()).strip("-")[:63] or "sql"
