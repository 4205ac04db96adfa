"""Files in S3 and what speaks its protocol: `s3://bucket/key`, with the credentials that boto3 finds."""

from pathlib import Path
from typing import Any

from turnout.core.errors import ConfigurationError, StoreError

SCHEME = "s3://"


def is_remote(place: str) -> bool:
    """Whether a place is an object and not a file."""
    return place.startswith(SCHEME)


def check(place: str) -> None:
    """Raises ConfigurationError if the address cannot be, or what is needed to reach it is not installed."""
    _parts(place)
    _client(place)


def upload(path: Path, place: str) -> None:
    """Send a file; the object is there whole, or not at all. Raises StoreError."""
    bucket, key = _parts(place)
    client = _client(place)
    try:
        client.upload_file(str(path), bucket, key, ExtraArgs={"ServerSideEncryption": "AES256"})
        size = client.head_object(Bucket=bucket, Key=key)["ContentLength"]
    except Exception as error:  # boto3's errors have no common base that could be named without it
        raise _failed(place, f"the backup could not be sent: {error}") from error
    if size != path.stat().st_size:
        raise _failed(place, f"the object has {size} bytes, the backup {path.stat().st_size}")


def download(place: str, path: Path) -> None:
    """Fetch an object. Raises StoreError."""
    bucket, key = _parts(place)
    client = _client(place)
    try:
        client.download_file(bucket, key, str(path))
    except Exception as error:  # see upload
        raise _failed(place, f"the backup could not be fetched: {error}") from error


def _parts(place: str) -> tuple[str, str]:
    bucket, _, key = place.removeprefix(SCHEME).partition("/")
    if not bucket or not key or key.endswith("/"):
        raise ConfigurationError("this names no object", where=place, fix="write s3://bucket/folder/file")
    return bucket, key


def _client(place: str) -> Any:
    try:
        # On use: an extra, and half a second to load.
        import boto3  # type: ignore[import-untyped]
    except ImportError as error:
        raise ConfigurationError(
            "S3 needs boto3, which is not installed", where=place, fix="pip install 'turnout[aws]'"
        ) from error
    try:
        return boto3.client("s3")
    except Exception as error:  # see upload
        raise _failed(place, f"S3 cannot be reached: {error}") from error


def _failed(place: str, what: str) -> StoreError:
    return StoreError(what, where=place, fix="check bucket, region and credentials: `aws s3 ls` shows what they allow")
