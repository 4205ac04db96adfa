"""A flow's parameters: bound to its signature, checked and coerced. pydantic is loaded only where it is needed.

A call whose values already are exactly what plain annotations (`str`, `int`, `float`, `bool`, `list`, `dict`, none)
ask for needs neither `inspect` nor pydantic. Everything else is judged by pydantic in its lax mode: "5" fits `int`.
"""

from __future__ import annotations

from turnout.core.errors import ParameterError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

_EXACT: dict[Any, type] = {kind: kind for kind in (str, int, float, bool, bytes, list, dict, tuple, set)}
_EXACT_BY_NAME = {kind.__name__: kind for kind in _EXACT}


class Signature:
    """The parameters of `function`, read from its code object.

    positional: names that may be given by position (the first `positional_only` must be). required: names without a
    default. takes_args, takes_kwargs: the names of `*args` and `**kwargs`, or None.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        code: Any = function.__code__
        names = code.co_varnames
        count, extra = code.co_argcount, code.co_kwonlyargcount
        self.function = function
        self.name = function.__name__
        self.positional_only = code.co_posonlyargcount
        self.positional: tuple[str, ...] = names[:count]
        self.keyword_only: tuple[str, ...] = names[count : count + extra]
        after = count + extra
        self.takes_args = names[after] if code.co_flags & 0x04 else None
        self.takes_kwargs = names[after + bool(self.takes_args)] if code.co_flags & 0x08 else None
        values = function.__defaults__ or ()
        self.defaults: dict[str, Any] = dict(zip(self.positional[count - len(values) :], values, strict=True))
        self.defaults.update(function.__kwdefaults__ or {})

    @property
    def names(self) -> tuple[str, ...]:
        return self.positional + self.keyword_only

    def bind(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> dict[str, Any]:
        """name -> value, defaults included; `*args` and `**kwargs` under their names. Raises ParameterError."""
        if len(args) > len(self.positional) and not self.takes_args:
            raise self.error(f"takes {len(self.positional)} positional arguments, got {len(args)}")
        bound = dict(zip(self.positional, args, strict=False))
        spare: dict[str, Any] = {}
        for name, value in kwargs.items():
            if name in bound and name not in self.positional[: self.positional_only]:
                raise self.error(f"got parameter '{name}' twice")
            if name in self.positional[self.positional_only :] or name in self.keyword_only:
                bound[name] = value
            elif self.takes_kwargs:
                spare[name] = value
            else:
                raise self.error(f"has no parameter '{name}'", fix=f"its parameters are: {', '.join(self.names)}")
        missing = [name for name in self.names if name not in bound and name not in self.defaults]
        if missing:
            raise self.error(f"needs {' and '.join(repr(name) for name in missing)}", fix="pass a value for it")
        complete = {name: bound[name] if name in bound else self.defaults[name] for name in self.names}
        if self.takes_args:
            complete[self.takes_args] = tuple(args[len(self.positional) :])
        if self.takes_kwargs:
            complete[self.takes_kwargs] = spare
        return complete

    def call_arguments(self, bound: Mapping[str, Any]) -> tuple[list[Any], dict[str, Any]]:
        """`bound` as the positional and keyword arguments of a call."""
        args = [bound[name] for name in self.positional]
        if self.takes_args:
            args.extend(bound[self.takes_args])
        kwargs = {name: bound[name] for name in self.keyword_only}
        if self.takes_kwargs:
            kwargs.update(bound[self.takes_kwargs])
        return args, kwargs

    def error(self, complaint: str, fix: str | None = None) -> ParameterError:
        return ParameterError(f"{self.name}() {complaint}", where=location(self.function), fix=fix)


def location(function: Callable[..., Any]) -> str:
    """`file:line` of a function."""
    code: Any = function.__code__
    return f"{code.co_filename}:{code.co_firstlineno}"


def validate(signature: Signature, bound: dict[str, Any], given: Sequence[str]) -> dict[str, Any]:
    """`bound` with the values of `given` checked and coerced to their annotations; defaults stay as they are.

    Raises ParameterError naming each parameter that does not fit, its value and what is expected.
    """
    fields = any(map(_is_field, signature.defaults.values()))
    if not fields and all(_fits(signature, name, bound[name]) for name in given):
        return bound
    return {**bound, **_validate_with_pydantic(signature, {name: bound[name] for name in given})}


def _is_field(value: Any) -> bool:
    """Whether a default is pydantic's `Field(...)`: such a parameter is always pydantic's to fill in."""
    return type(value).__name__ == "FieldInfo"


def parameter_schema(function: Callable[..., Any]) -> dict[str, Any]:
    """The JSON Schema of a flow's parameters. Types that JSON cannot say become an unrestricted value."""
    from pydantic.json_schema import GenerateJsonSchema

    class Lenient(GenerateJsonSchema):
        def handle_invalid_for_json_schema(self, schema: Any, error_info: str) -> Any:
            return {}

        def emit_warning(self, kind: Any, detail: str) -> None:
            pass

    signature = Signature(function)
    schema: dict[str, Any] = _model(signature).model_json_schema(by_alias=True, schema_generator=Lenient)
    schema.pop("title", None)
    for name, each in schema.get("properties", {}).items():
        if isinstance(each, dict) and each.get("title", "").replace(" ", "").lower() == name.replace("_", "").lower():
            each.pop("title")
    schema.setdefault("properties", {})
    schema["additionalProperties"] = bool(signature.takes_kwargs)
    return schema


def jsonable(value: Any) -> Any:
    """`value` as pydantic writes it in JSON; `<type>` where it cannot."""
    from typing import Any as Anything

    from pydantic import TypeAdapter

    try:
        return TypeAdapter(Anything).dump_python(value, mode="json")
    except Exception:  # a value of user code may do anything when it is read
        return f"<{type(value).__name__}>"


def _fits(signature: Signature, name: str, value: Any) -> bool:
    annotation = signature.function.__annotations__.get(name)
    if annotation is None and name not in signature.function.__annotations__:
        return True
    if type(annotation) is str:
        if annotation in signature.function.__globals__:
            return False
        annotation = _EXACT_BY_NAME.get(annotation)
    return _is_exactly(annotation, value)


def _is_exactly(annotation: Any, value: Any) -> bool:
    try:
        return _EXACT.get(annotation) is type(value)
    except TypeError:  # an annotation that cannot be hashed
        return False


def _validate_with_pydantic(signature: Signature, values: dict[str, Any]) -> dict[str, Any]:
    from pydantic import ValidationError

    model = _model(signature)
    try:
        checked = model.model_validate(values)
    except ValidationError as error:
        raise _refusal(signature, error) from None
    names = _fields(signature)
    return {
        name: getattr(checked, field)
        for field, name in names.items()
        if field in checked.model_fields_set or _is_field(signature.defaults.get(name))
    }


def _refusal(signature: Signature, error: Any) -> ParameterError:
    told = []
    for detail in error.errors(include_url=False):
        name, *inner = detail["loc"]
        place = "".join(f"[{part!r}]" for part in inner)
        value = repr(detail["input"])
        shown = value if len(value) <= 100 else value[:97] + "..."
        told.append(f"parameter '{name}'{place} is {shown}: {detail['msg'][:1].lower()}{detail['msg'][1:]}")
    what = f"{signature.name}(): " + "; ".join(told)
    return ParameterError(what, where=location(signature.function), fix="pass a value of the type in its signature")


def _fields(signature: Signature) -> dict[str, str]:
    """Field of the model -> parameter."""
    return {f"turnout_parameter_{index}": name for index, name in enumerate(signature.names)}


def _model(signature: Signature) -> Any:
    """A pydantic model of the signature. Fields are numbered, so that no parameter's name is in pydantic's way."""
    from typing import Any, get_type_hints

    from pydantic import ConfigDict, create_model

    try:
        hints = get_type_hints(signature.function, include_extras=True)
    except Exception as error:
        raise signature.error(f"has an annotation that cannot be resolved: {error}") from error
    names = _fields(signature)
    fields: dict[str, Any] = {
        field: (hints.get(name, Any), signature.defaults.get(name, ...)) for field, name in names.items()
    }
    config = ConfigDict(
        arbitrary_types_allowed=True,
        extra="allow" if signature.takes_kwargs else "ignore",
        alias_generator=lambda field: names.get(field, field),  # pydantic asks for fields of dataclasses inside too
    )
    return create_model(signature.name, __config__=config, **fields)
