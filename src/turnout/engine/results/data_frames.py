"""Data frames as Parquet: those of pandas, polars and pyarrow, and their series."""

from __future__ import annotations

from io import BytesIO

from turnout.core.errors import ResultUnavailable
from turnout.engine.results.typed_json import NotStorable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

FORMAT = "parquet"


def frame_kind(value: Any) -> str | None:
    """The word for a frame's class, or None if it is none; loads nothing."""
    kind = type(value)
    library = kind.__module__.partition(".")[0]
    word = f"{library}.{kind.__name__}"
    return word if word in _FORMS else None


def frame_bytes(value: Any, kind: str) -> bytes:
    """`value`, of this kind, as Parquet. Raises NotStorable."""
    try:
        return _FORMS[kind][0](value)
    except ImportError as error:
        raise NotStorable(
            f"a {kind} is stored as Parquet, which needs `pip install turnout[frames]`: {error}"
        ) from error
    except Exception as error:  # a library's own errors: columns of mixed types, names that occur twice ...
        raise NotStorable(f"this {kind} has no Parquet form: {error}") from error


def frame_from(data: bytes, kind: str) -> Any:
    """The frame again. Raises ResultUnavailable."""
    form = _FORMS.get(kind)
    if form is None:
        raise ResultUnavailable(f"a stored result has the unknown kind '{kind}'", fix="upgrade turnout here")
    try:
        return form[1](BytesIO(data))
    except Exception as error:
        raise ResultUnavailable(f"a stored {kind} cannot be read: {error}") from error


def _pandas(value: Any) -> bytes:
    import pyarrow as pa

    return _arrow(pa.Table.from_pandas(value))


def _pandas_series(value: Any) -> bytes:
    _text_or_none(value.name)
    return _pandas(value.to_frame(_NAMELESS if value.name is None else value.name))


def _from_pandas_series(file: BytesIO) -> Any:
    frame = _from_pandas(file)
    series = frame[frame.columns[0]]
    return series.rename(None) if series.name == _NAMELESS else series


def _from_pandas(file: BytesIO) -> Any:
    return _from_arrow(file).to_pandas()


def _arrow(value: Any) -> bytes:
    from pyarrow import parquet

    file = BytesIO()
    parquet.write_table(value, file)
    return file.getvalue()


def _from_arrow(file: BytesIO) -> Any:
    from pyarrow import parquet

    return parquet.read_table(file)


def _polars(value: Any) -> bytes:
    file = BytesIO()
    value.write_parquet(file)
    return file.getvalue()


def _from_polars(file: BytesIO) -> Any:
    import polars as pl

    return pl.read_parquet(file)


def _text_or_none(name: Any) -> None:
    if name is not None and type(name) is not str:
        raise TypeError(f"its name is {name!r}, not text")


_NAMELESS = "__turnout_nameless__"
_FORMS: dict[str, tuple[Callable[[Any], bytes], Callable[[BytesIO], Any]]] = {
    "pandas.DataFrame": (_pandas, _from_pandas),
    "pandas.Series": (_pandas_series, _from_pandas_series),
    "polars.DataFrame": (_polars, _from_polars),
    "polars.Series": (lambda value: _polars(value.to_frame()), lambda file: _from_polars(file).to_series()),
    "pyarrow.Table": (_arrow, _from_arrow),
}
