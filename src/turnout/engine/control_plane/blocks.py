"""Blocks: typed configuration that is saved under a name. A subclass of `Block` is a pydantic model; what of it is no
secret is stored by the control plane, fields of type SecretStr in the secrets file of the data folder (or they come
from the environment): no database and no server sees them.

The classes are made when they are first asked for, because pydantic is loaded for them.
"""

from __future__ import annotations

import re
from functools import cache

from turnout.core.errors import NotFound, ParameterError, SecretError
from turnout.engine.context.scopes import current
from turnout.engine.control_plane.asking import ask
from turnout.engine.control_plane.secret_values import secret_value, store_secret
from turnout.engine.twins import in_async_code, in_thread

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, Self

    from pydantic import BaseModel

MARK = "$secret"
"""The key of the object that stands for a secret in what is stored."""
_registry: dict[str, Any] = {}


class BlockNotSaved(RuntimeError):
    """A block that has no name was asked for one."""


@cache
def _block() -> Any:
    from typing import Any, ClassVar  # noqa: F401 - pydantic looks annotations up here

    from pydantic import BaseModel, ConfigDict

    class Block(BaseModel):
        """Subclass it with typed fields; `save` it once, `load` it by name anywhere in the project."""

        model_config = ConfigDict(extra="allow")
        _block_type_slug: ClassVar[str | None] = None
        _block_type_name: ClassVar[str | None] = None
        _description: ClassVar[str | None] = None
        _saved_as: Any = None

        @classmethod
        def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
            super().__pydantic_init_subclass__(**kwargs)
            _registry[cls.get_block_type_slug()] = cls

        def model_post_init(self, context: Any, /) -> None:
            super().model_post_init(context)
            self.block_initialization()

        def block_initialization(self) -> None:
            """Called once the fields are set: override it."""

        @classmethod
        def get_block_type_slug(cls) -> str:
            """What the type is called where it is stored: `my-block`."""
            return cls._block_type_slug or _slug(cls.__name__)

        @classmethod
        def get_block_type_name(cls) -> str:
            """What people call it."""
            return cls._block_type_name or cls.__name__

        @classmethod
        def get_description(cls) -> str | None:
            """What it is for."""
            return cls._description or cls.__doc__

        @classmethod
        def load(cls, name: str, validate: bool = True, client: Any = None) -> Any:
            """The block that was saved as `name`; on `Block` itself `type/name`. Raises NotFound, SecretError."""
            return cls.aload(name, validate) if in_async_code() else _load(cls, name, validate)

        @classmethod
        async def aload(cls, name: str, validate: bool = True, client: Any = None) -> Any:
            """`load`, awaited."""
            return await in_thread(_load)(cls, name, validate)

        def save(self, name: str | None = None, overwrite: bool = False, client: Any = None) -> Any:
            """Store it; `type/name`. Raises Conflict if the name is taken, unless `overwrite`."""
            return self.asave(name, overwrite) if in_async_code() else _save(self, name, overwrite)

        async def asave(self, name: str | None = None, overwrite: bool = False, client: Any = None) -> str:
            """`save`, awaited."""
            saved: str = await in_thread(_save)(self, name, overwrite)
            return saved

        @classmethod
        def delete(cls, name: str, client: Any = None) -> Any:
            """Forget the block and its secrets. Raises NotFound."""
            return cls.adelete(name) if in_async_code() else _delete(cls, name)

        @classmethod
        async def adelete(cls, name: str, client: Any = None) -> None:
            """`delete`, awaited."""
            await in_thread(_delete)(cls, name)

    Block.__module__, Block.__qualname__ = __name__, "Block"
    _registry.pop("block", None)
    return Block


@cache
def _system(name: str) -> Any:
    from datetime import datetime
    from typing import Any, ClassVar  # noqa: F401 - pydantic looks annotations up here

    from pydantic import SecretStr

    base = _block()

    class Secret(base):  # type: ignore[misc, valid-type]
        """One secret text: `turnout secret set NAME.value`, or NAME_VALUE in the environment."""

        _block_type_slug: ClassVar[str | None] = "secret"
        value: SecretStr

        def get(self) -> str:
            """The text."""
            return str(self.value.get_secret_value())

    class JSON(base):  # type: ignore[misc, valid-type]
        """Plain JSON."""

        _block_type_slug: ClassVar[str | None] = "json"
        value: Any

    class String(base):  # type: ignore[misc, valid-type]
        """A text."""

        _block_type_slug: ClassVar[str | None] = "string"
        value: str

    class DateTime(base):  # type: ignore[misc, valid-type]
        """A moment."""

        _block_type_slug: ClassVar[str | None] = "date-time"
        value: datetime

    made = {"Secret": Secret, "JSON": JSON, "String": String, "DateTime": DateTime}
    for title, kind in made.items():
        kind.__module__, kind.__qualname__ = __name__, title
    return made[name]


def _load(cls: Any, name: str, validate: bool) -> Any:
    cls, name = _kind(cls, name)
    slug = cls.get_block_type_slug()
    if slug == "secret":
        return _remembered(cls(value=_needed(name, "value")), name)
    stored = ask(lambda api: api.value(f"block.{slug}", name))
    if stored is None:
        raise NotFound(f"there is no {slug} block '{name}'", fix=f"save one: {cls.__name__}(...).save('{name}')")
    fields = _filled(stored.content, _secret_name(slug, name))
    made = cls.model_validate(fields) if validate else cls.model_construct(**fields)
    return _remembered(made, name)


def _save(block: Any, name: str | None, overwrite: bool) -> str:
    name = name or block._saved_as
    slug = block.get_block_type_slug()
    if not name:
        raise BlockNotSaved(f"this {slug} block has no name yet: save('NAME')")
    if slug == "secret":
        _store(name, "value", block.get(), overwrite)
    else:
        secrets: dict[str, str] = {}
        content = _without_secrets(block.model_dump(mode="python"), block.model_dump(mode="json"), "", secrets)
        ask(lambda api: api.put_value(f"block.{slug}", name, content, replace=overwrite), repeat=overwrite)
        for field, value in secrets.items():
            _store(_secret_name(slug, name), field, value, True)
    block._saved_as = name
    return f"{slug}/{name}"


def _delete(cls: Any, name: str) -> None:
    cls, name = _kind(cls, name)
    slug = cls.get_block_type_slug()
    if slug == "secret":
        raise ParameterError("a secret is removed where it is stored", fix=f"turnout secret rm {name}.value")
    if not ask(lambda api: api.remove_value(f"block.{slug}", name)):
        raise NotFound(f"there is no {slug} block '{name}'")


def _kind(cls: Any, name: str) -> tuple[Any, str]:
    """The class that is meant: `Block.load("json/settings")` names its type."""
    slug, sign, rest = name.partition("/")
    if cls is not _block() or not sign:
        return cls, rest if sign and slug == cls.get_block_type_slug() else name
    if slug in ("secret", "json", "string", "date-time"):
        _system("Secret")
    if slug not in _registry:
        raise NotFound(f"no class is known for block type '{slug}'", fix="import the class, then load the block")
    return _registry[slug], rest


def _remembered(block: Any, name: str) -> Any:
    block._saved_as = name
    return block


def _without_secrets(value: Any, plain: Any, path: str, secrets: dict[str, str]) -> Any:
    """The JSON of a block in which each secret is replaced by where it is kept; fills `secrets`, path -> value."""
    if hasattr(value, "get_secret_value"):
        if not re.fullmatch(r"[a-z][a-z0-9_]{0,62}", path):
            raise ParameterError(
                f"the secret field '{path}' cannot be stored", fix="name it in lower case, a-z, 0-9, _"
            )
        secrets[path] = str(value.get_secret_value())
        return {MARK: path}
    if isinstance(value, dict):
        return {
            key: _without_secrets(item, plain[key], f"{path}__{key}" if path else str(key), secrets)
            for key, item in value.items()
        }
    return plain


def _filled(content: Any, name: str) -> Any:
    if isinstance(content, dict):
        if set(content) == {MARK}:
            return _needed(name, content[MARK])
        return {key: _filled(item, name) for key, item in content.items()}
    return content


def _needed(name: str, field: str) -> str:
    value = secret_value(name, field)
    if value is None:
        variable = f"{name}_{field}".upper().replace("-", "_")
        raise SecretError(
            f"the secret '{name}' has no value for '{field}'",
            fix=f"run `turnout secret set {name}.{field}` where the flow runs, or set {variable} in its environment",
        )
    scope = current.get()
    if scope is not None and value not in scope.root.mask and len(value) >= 4:
        scope.root.mask = tuple(sorted({*scope.root.mask, value}, key=len, reverse=True))
    return value


def _store(name: str, field: str, value: str, overwrite: bool) -> None:
    from turnout.core.errors import Conflict

    if not overwrite and secret_value(name, field) is not None:
        raise Conflict(f"the secret '{name}' is set already", fix="save it with overwrite=True")
    store_secret(name, field, value)


def _secret_name(slug: str, name: str) -> str:
    return f"{slug}-{name}".lower().replace("_", "-").replace(".", "-")


def _slug(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "-", name).lower()


def _names() -> Iterator[str]:
    yield from ("Block", "Secret", "JSON", "String", "DateTime")


if TYPE_CHECKING:

    class Block(BaseModel):
        """Subclass it with typed fields; `save` it once, `load` it by name anywhere in the project."""

        @classmethod
        def load(cls, name: str, validate: bool = True, client: Any = None) -> Self: ...
        @classmethod
        async def aload(cls, name: str, validate: bool = True, client: Any = None) -> Self: ...
        def save(self, name: str | None = None, overwrite: bool = False, client: Any = None) -> str: ...
        async def asave(self, name: str | None = None, overwrite: bool = False, client: Any = None) -> str: ...
        @classmethod
        def delete(cls, name: str, client: Any = None) -> None: ...
        @classmethod
        async def adelete(cls, name: str, client: Any = None) -> None: ...

    class Secret(Block):
        """One secret text."""

        def get(self) -> str: ...

    class JSON(Block):
        """Plain JSON."""

    class String(Block):
        """A text."""

    class DateTime(Block):
        """A moment."""

else:

    def __getattr__(name):
        if name == "Block":
            return _block()
        if name in _names():
            return _system(name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
