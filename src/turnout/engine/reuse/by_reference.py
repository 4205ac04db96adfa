"""Results that the journal names instead of holding them: where they are put, and how they are read again."""

from __future__ import annotations

from turnout.core.errors import ConfigurationError, ResultUnavailable
from turnout.engine.journal import entries
from turnout.engine.results.data_frames import frame_kind
from turnout.engine.results.storage import default_storage, resolve_storage
from turnout.engine.results.stored import pack, unpack
from turnout.engine.results.typed_json import NotStorable, unstored
from turnout.engine.reuse.keeping import settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from turnout.engine.context.scopes import Scope
    from turnout.engine.results.storage import Storage
    from turnout.engine.results.stored import ResultRecordMetadata


def by_reference(scope: Scope, value: Any, inline: str) -> str:
    """The `result` of a value that is not stored inline: in a file, or still why not. For runs that may be resumed."""
    if not _may_be_stored(value, inline):
        return inline
    try:
        data, said = pack(value, None, by=scope.id)
        refuse_secrets(scope, data)
        storage, place = default_storage(scope.root), own_place(scope)
        storage.write(place, data)
    except (NotStorable, OSError) as error:
        return unstored(why(error))
    return reference(storage, place, said)


def read_reference(scope: Scope, said: Any) -> Any:
    """The value that a `{"ref": ...}` of the journal stands for, as the options of `scope` let it be read. Raises
    ResultUnavailable."""
    options, referred = settings(scope), str(said["ref"])
    try:
        storage = default_storage(scope.root) if options.storage is None else resolve_storage(options.storage)
        if referred.startswith(f"{storage.url}/"):
            place = referred[len(storage.url) + 1 :]
        else:  # written while the options were others
            folder, _, place = referred.rpartition("/")
            storage = resolve_storage(folder)
        data = storage.read(place)
    except (OSError, ConfigurationError) as error:
        raise ResultUnavailable(f"its stored result is gone: {error}") from error
    return unpack(data, options.serializer, said["digest"]).result


def reference(storage: Storage, place: str, said: ResultRecordMetadata) -> str:
    """The journal's `result` that names a file."""
    return (
        f'{{"ref":{entries.quote(f"{storage.url}/{place}")},"format":{entries.quote(said.format)},'
        f'"digest":"{said.digest}","size":{said.size}}}'
    )


def own_place(scope: Scope) -> str:
    """Where the result of one run alone goes."""
    root = scope.root
    return f"runs/{root.run_id or 'none'}/{root.attempt}-{scope.number}"


def refuse_secrets(scope: Scope, data: bytes) -> None:
    """Raise NotStorable for a file that would hold the value of a secret."""
    if any(entries.quote(secret)[1:-1].encode() in data for secret in scope.root.mask):
        raise NotStorable("it contains the value of a secret")


def why(error: Exception) -> str:
    """Why a result is not stored, or not found, in words."""
    what = getattr(error, "what", None)
    return str(what) if what else f"the result store failed: {error}"


def _may_be_stored(value: Any, inline: str) -> bool:
    """Whether what is too much for the record has a form that needs no pickle."""
    return "inline limit" in inline or frame_kind(value) is not None
