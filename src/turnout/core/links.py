"""Symbolic links of a project: which of them stay inside whatever other links there are."""


def leads_out(link: str, target: str) -> bool:
    """Whether the link at the relative path `link` may lead out of the tree: its target is absolute, climbs beyond the
    top, or climbs after it went down, where another link may have taken it elsewhere."""
    parts = _parts(target)
    climbs = next((i for i, part in enumerate(parts) if part != ".."), len(parts))
    depth = len(_parts(link)) - 1
    return target.startswith("/") or ".." in parts[climbs:] or climbs > depth


def _parts(path: str) -> list[str]:
    return [part for part in path.split("/") if part not in ("", ".")]
