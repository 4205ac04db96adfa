r"""A stored result's file: one line of JSON that says what follows, then the value's bytes.

    {"turnout_result": 1, "format": "json", "kind": null, "digest": SHA-256 of the bytes, "size": 12,
     "created": ISO 8601, "expires": ISO 8601 | null, "by": who stored it}\n
`format` is a serializer's type, or "parquet" for a data frame of `kind`.
"""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime

from turnout.core.errors import ResultUnavailable
from turnout.engine.clock import now
from turnout.engine.results import data_frames
from turnout.engine.results.serializers import JSONSerializer, may_run_code, resolve_serializer, serializer_type
from turnout.engine.results.typed_json import NotStorable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_MARK = b'{"turnout_result": 1, '


class ResultRecordMetadata:
    """What a stored result's file says of itself."""

    def __init__(
        self,
        *,
        format: str,
        kind: str | None,
        digest: str,
        size: int,
        created: str,
        expires: str | None,
        by: str | None,
    ) -> None:
        self.format = format
        self.kind = kind
        self.digest = digest
        self.size = size
        self.created = created
        self.by = by
        self.expiration = datetime.fromisoformat(expires) if expires else None
        self.storage_key: str | None = None

    @property
    def expired(self) -> bool:
        """Whether its time is over."""
        return self.expiration is not None and self.expiration.timestamp() <= now()

    @property
    def fact(self) -> dict[str, Any]:
        """What the journal has of it, but where it is."""
        return {"format": self.format, "digest": self.digest, "size": self.size}


class ResultRecord:
    """A stored value and what is known of it."""

    def __init__(self, result: Any, metadata: ResultRecordMetadata) -> None:
        self.result = result
        self.metadata = metadata

    @property
    def expiration(self) -> datetime | None:
        """When it is not to be used any more."""
        return self.metadata.expiration


def pack(
    value: Any, serializer: Any, *, expires: datetime | None = None, by: str | None = None
) -> tuple[bytes, ResultRecordMetadata]:
    """The file of `value`. serializer: None for what fits the value without pickle. Raises NotStorable."""
    kind = data_frames.frame_kind(value) if _fits_frames(serializer) else None
    if kind is not None:
        content, form = data_frames.frame_bytes(value, kind), data_frames.FORMAT
    else:
        content, form = _dumped(value, serializer or _TYPED), serializer_type(serializer or _TYPED)
    digest = hashlib.sha256(content).hexdigest()
    stamp = expires.astimezone(UTC).isoformat() if expires is not None else None
    created = datetime.fromtimestamp(now(), UTC).isoformat(timespec="milliseconds")
    said = {"format": form, "kind": kind, "digest": digest, "size": len(content), "created": created,
            "expires": stamp, "by": by}  # fmt: skip
    head = json.dumps({"turnout_result": 1, **said}).encode()
    return head + b"\n" + content, ResultRecordMetadata(**said)  # type: ignore[arg-type]


def metadata_of(data: bytes) -> ResultRecordMetadata:
    """What a file says of itself. Raises ResultUnavailable if it is no stored result."""
    line, found, _ = data.partition(b"\n")
    try:
        if not found or not line.startswith(_MARK):
            raise ValueError("it is no stored result")
        said = json.loads(line)
        del said["turnout_result"]
        return ResultRecordMetadata(**said)
    except (ValueError, TypeError, KeyError) as error:
        raise ResultUnavailable(f"the file cannot be read: {error}") from error


def unpack(data: bytes, serializer: Any = None, digest: str | None = None) -> ResultRecord:
    """The value in a file. serializer: the reader's own; pickles are read only if it is one for them.

    digest: what the content must have. Raises ResultUnavailable.
    """
    said = metadata_of(data)
    content = data.partition(b"\n")[2]
    if hashlib.sha256(content).hexdigest() != said.digest or digest not in (None, said.digest):
        raise ResultUnavailable("the stored file is not the one that was written: its digest is another")
    if said.format == data_frames.FORMAT:
        return ResultRecord(data_frames.frame_from(content, str(said.kind)), said)
    reader = _reader(said.format, serializer)
    try:
        return ResultRecord(reader.loads(content), said)
    except ResultUnavailable:
        raise
    except Exception as error:  # a serializer's own, or that of a class that reads itself
        raise ResultUnavailable(f"the stored {said.format} cannot be read: {error!r}") from error


def _reader(form: str, serializer: Any) -> Any:
    given = resolve_serializer(serializer) if serializer is not None else None
    if given is not None and serializer_type(given) == form:
        return given
    try:
        reader = resolve_serializer(form)
    except Exception as error:
        raise ResultUnavailable(f"the stored file is '{form}', which nothing here reads") from error
    if may_run_code(reader) and not (given is not None and may_run_code(given)):
        raise ResultUnavailable(f"the stored file is '{form}', and result_serializer does not ask for pickles")
    return reader


def _fits_frames(serializer: Any) -> bool:
    return serializer is None or (isinstance(serializer, JSONSerializer) and serializer.typed)


def _dumped(value: Any, serializer: Any) -> bytes:
    try:
        return bytes(serializer.dumps(value))
    except NotStorable:
        raise
    except Exception as error:
        raise NotStorable(f"its serializer '{serializer_type(serializer)}' failed: {error!r}") from error


_TYPED = JSONSerializer()
