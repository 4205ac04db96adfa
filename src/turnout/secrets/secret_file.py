"""`<data>/secrets.json`: {"van": {"api_key": "..."}}, readable by its owner alone, replaced as a whole."""

import contextlib
import json
import os
import stat
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from turnout.core.errors import SecretError
from turnout.secrets.naming import split_name

try:
    import fcntl
except ImportError:  # Windows: `turnout check` works there; two `secret set` at once are not guarded
    fcntl = None  # type: ignore[assignment]

FILE = "secrets.json"
Values = dict[str, dict[str, str]]


def read_secrets(data_dir: Path) -> Values:
    """Everything in the file; empty if there is none.

    Raises SecretError when others may read the file, when it cannot be read, or when it is not such JSON.
    """
    path = data_dir / FILE
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise SecretError(f"the secrets cannot be read: {error.strerror}", where=str(path)) from None
    with open(descriptor, encoding="utf-8") as file:
        _check_private(os.fstat(file.fileno()), path)
        return _parse(file.read(), path)


def set_secret(data_dir: Path, name: str, value: str) -> None:
    """Store the value of `name.field`. Raises SecretError for a bad name, an empty value or an unsafe file."""
    secret, field = split_name(name)
    if not value or "\0" in value:
        raise SecretError(f"the value of {name} is empty or holds a NUL byte", fix="give it a value")
    _change(data_dir, lambda values: values.setdefault(secret, {}).__setitem__(field, value))


def remove_secret(data_dir: Path, name: str) -> None:
    """Forget the value of `name.field`. Raises SecretError if there is none."""
    secret, field = split_name(name)

    def forget(values: Values) -> None:
        if field not in values.get(secret, {}):
            raise SecretError(
                f"{name} is not in the secrets file", where=str(data_dir / FILE), fix="`turnout secret ls`"
            )
        del values[secret][field]
        if not values[secret]:
            del values[secret]

    _change(data_dir, forget)


def list_secrets(data_dir: Path) -> list[str]:
    """The names in the file, as `name.field`, sorted; never a value."""
    return sorted(f"{secret}.{field}" for secret, fields in read_secrets(data_dir).items() for field in fields)


def _change(data_dir: Path, change: Callable[[Values], None]) -> None:
    """Read, change and replace the file, alone."""
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _alone(data_dir):
        values = read_secrets(data_dir)
        change(values)
        _replace(data_dir / FILE, values)


@contextlib.contextmanager
def _alone(data_dir: Path) -> Iterator[None]:
    """Hold the lock that keeps two `turnout secret set` from losing each other's value."""
    descriptor = os.open(data_dir / f"{FILE}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        if fcntl is not None:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _replace(path: Path, values: Values) -> None:
    # mkstemp makes the file 0600 from its first moment: there is none at which others could read it.
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{FILE}.")
    try:
        with open(descriptor, "w", encoding="utf-8") as file:
            json.dump(values, file, indent=2, sort_keys=True)
            file.write("\n")
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary)
        raise


def _check_private(status: os.stat_result, path: Path) -> None:
    if os.name == "posix" and status.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        mode = stat.S_IMODE(status.st_mode)
        raise SecretError(f"others may read the secrets (mode {mode:04o})", where=str(path), fix=f"chmod 600 {path}")


def _parse(text: str, path: Path) -> Values:
    fix = 'it looks like {"van": {"api_key": "..."}}: mend or remove it, then `turnout secret set NAME.FIELD`'
    try:
        values = json.loads(text)
    except ValueError:
        # The parser's own message may quote the text, which is secret.
        raise SecretError("the secrets file is not JSON", where=str(path), fix=fix) from None
    sound = isinstance(values, dict) and all(
        isinstance(fields, dict) and all(isinstance(value, str) for value in fields.values())
        for fields in values.values()
    )
    if not sound:
        raise SecretError(
            "the secrets file holds something else than names, fields and texts", where=str(path), fix=fix
        )
    return dict(values)
