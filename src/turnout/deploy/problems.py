"""Everything that is wrong, collected: a file with ten mistakes is reported once, not ten times."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from turnout.core.errors import ManifestError, TurnoutError


@dataclass(frozen=True, kw_only=True)
class Warning:
    """Something that works and is worth a look. `where` is `file:line:column` as in errors."""

    what: str
    where: str | None = None
    fix: str | None = None


@dataclass(kw_only=True)
class Problems:
    """Errors and warnings in the order they were found."""

    errors: list[TurnoutError] = field(default_factory=list)
    warnings: list[Warning] = field(default_factory=list)

    def error(self, where: str, what: str, fix: str | None = None) -> None:
        """A mistake in the manifest at `where`."""
        self.errors.append(ManifestError(what, where=where, fix=fix))

    def warn(self, where: str, what: str, fix: str | None = None) -> None:
        """Something odd at `where`."""
        self.warnings.append(Warning(what=what, where=where, fix=fix))

    def raise_first(self) -> None:
        """Raise the first error, naming how many more there are; nothing if there is none."""
        if not self.errors:
            return
        first, others = self.errors[0], len(self.errors) - 1
        if others:
            first.add_note(f"and {others} more: `turnout check` shows them all")
        raise first


def in_reading_order(errors: Iterable[TurnoutError]) -> list[TurnoutError]:
    """Errors sorted by file, line and column; those without a place come last, in the order given."""
    return sorted(errors, key=lambda error: _place(error.where))


def _place(where: str | None) -> tuple[bool, str, int, int]:
    file, _, rest = (where or "").partition(":")
    numbers = [int(part) for part in rest.split(":") if part.isdigit()]
    line, column, *_ = [*numbers, 0, 0]
    return where is None, file, line, column
