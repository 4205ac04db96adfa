"""Symbolic links of a project: which of them stay inside whatever other links there are."""

from pathlib import PurePosixPath


def leads_out(link: str, target: str) -> bool:
    """Whether the link at the relative path `link` may lead out of the tree: its target is absolute, climbs beyond the
    top, or climbs after it went down, where another link may have taken it elsewhere."""
    parts = PurePosixPath(target).parts
    climbs = next((i for i, part in enumerate(parts) if part != ".."), len(parts))
    depth = len(PurePosixPath(link).parts) - 1
    return target.startswith("/") or ".." in parts[climbs:] or climbs > depth
