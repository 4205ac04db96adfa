"""Values that come from outside the code: the project's variables and secrets."""

from __future__ import annotations

from turnout.core.errors import ConfigurationError, Conflict, NotFound, SecretError
from turnout.engine import connect
from turnout.engine.context.scopes import current
from turnout.engine.control_plane.secret_values import project_dir, secret_value
from turnout.engine.strict import is_strict
from turnout.engine.twins import in_async_code, in_thread

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from turnout.core.records import StoredValue

_MISSING: Any = object()
KIND = "variable"
MANIFEST = "turnout.deploy.manifest:load_manifest"
"""(project folder) -> its manifest; for scripts, which no worker gives their variables."""
_declared_in: dict[str, dict[str, Any]] = {}


class Variable:
    """A variable of the project: declared in `turnout.yaml`, or set while things run. The manifest's names are its own:
    they are read from it and cannot be set. name, value, tags."""

    def __init__(self, name: str, value: Any, tags: Sequence[str] | None = None) -> None:
        self.name = name
        self.value = value
        self.tags = list(tags or ())

    @classmethod
    def get(cls, name: str, default: Any = _MISSING) -> Any:
        """The value of the variable `name`: of the manifest as it was when the run was claimed (in a script, as it is),
        else as it was set last.

        Raises NotFound if there is none and no default; in strict mode it is None then. In `async def` code this and
        the others are awaited.
        """
        return _asked(cls.aget, _get, name, default)

    @classmethod
    async def aget(cls, name: str, default: Any = _MISSING) -> Any:
        """`get`, awaited."""
        return await in_thread(_get)(name, default)

    @classmethod
    def set(cls, name: str, value: Any, tags: Sequence[str] | None = None, overwrite: bool = False) -> Any:
        """Set a variable of the project, plain JSON. With `overwrite` a deployed run overrides one of the manifest,
        too, for the runs after it. Raises Conflict for one of the manifest in a script, and, unless `overwrite`, for
        one that is set."""
        return _asked(cls.aset, _set, name, value, tags, overwrite)

    @classmethod
    async def aset(cls, name: str, value: Any, tags: Sequence[str] | None = None, overwrite: bool = False) -> Variable:
        """`set`, awaited."""
        made: Variable = await in_thread(_set)(name, value, tags, overwrite)
        return made

    @classmethod
    def unset(cls, name: str) -> Any:
        """Forget a variable that was set; False if there was none. Raises Conflict for a name of the manifest."""
        return _asked(cls.aunset, _unset, name)

    @classmethod
    async def aunset(cls, name: str) -> bool:
        """`unset`, awaited."""
        return bool(await in_thread(_unset)(name))

    def __repr__(self) -> str:
        return f"Variable({self.name!r}, {self.value!r})"


class Secret:
    """A secret's fields as attributes: `secret("van").api_key`. Its repr shows no value."""

    def __init__(self, name: str) -> None:
        self.__name = name

    def __getattr__(self, field: str) -> str:
        if field.startswith("_"):
            raise AttributeError(field)
        value = secret_value(self.__name, field)
        if value is None:
            variable = f"{self.__name}_{field}".upper().replace("-", "_")
            raise SecretError(
                f"the secret '{self.__name}' has no value for '{field}'",
                fix=f"run `turnout secret set {self.__name}.{field}`, or set {variable} in the environment",
            )
        return value

    def __repr__(self) -> str:
        return f"secret('{self.__name}')"


def secret(name: str) -> Secret:
    """The secret `name`: its fields come from the environment (NAME_FIELD), else from the data folder's 0600 file."""
    return Secret(name)


def _asked(awaited: Any, blocking: Any, *args: Any) -> Any:
    return awaited(*args) if in_async_code() else blocking(*args)


def _get(name: str, default: Any) -> Any:
    declared = _variables()
    if name in declared:
        return declared[name]
    found = _at_run_time(name)
    if found is not None:
        return found.content
    if default is not _MISSING:
        return default
    if is_strict(current.get()):
        return None
    raise NotFound(
        f"there is no variable '{name}'", fix="declare it under `variables:` in turnout.yaml, or set it: Variable.set"
    )


def _set(name: str, value: Any, tags: Sequence[str] | None, overwrite: bool) -> Variable:
    from turnout.engine.control_plane.asking import ask

    if name in _variables() and not (overwrite and _deployed()):
        raise Conflict(
            f"the variable '{name}' is turnout.yaml's",
            fix="change it under `variables:` and run `turnout apply`; a deployed run overrides it with overwrite=True",
        )
    stored: StoredValue = ask(
        lambda api: api.put_value(KIND, name, value, tags=tuple(tags or ()), replace=overwrite), repeat=overwrite
    )
    return Variable(stored.name, stored.content, stored.tags)


def _unset(name: str) -> bool:
    from turnout.engine.control_plane.asking import ask

    removed: bool = ask(lambda api: api.remove_value(KIND, name))
    return removed


def _at_run_time(name: str) -> StoredValue | None:
    """What was set; nothing where there is nobody to ask: in the test harness, and outside every project."""
    from turnout.engine.control_plane.asking import ask

    if connect.make_root is not None and connect.make_api is None:
        return None
    try:
        found: StoredValue | None = ask(lambda api: api.value(KIND, name))
    except ConfigurationError:
        return None
    return found


def _deployed() -> bool:
    """Whether this is a run of what was applied, so that there is something to override."""
    scope = current.get()
    return scope is not None and scope.root.variables is not None


def _variables() -> dict[str, Any]:
    scope = current.get()
    if scope is not None and scope.root.variables is not None:
        return dict(scope.root.variables)
    return _declared(project_dir())


def _declared(project: str | None) -> dict[str, Any]:
    if project is None:
        return {}
    if project not in _declared_in:
        from pathlib import Path

        from turnout.engine.definitions.load import resolve

        _declared_in[project] = dict(resolve(MANIFEST)(Path(project)).snapshot.variables)
    return _declared_in[project]
