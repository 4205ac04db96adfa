"""Marks on the arguments of tasks."""

from turnout.engine.definitions.options import NotSet
from turnout.engine.futures.arguments import Annotation, allow_failure, freeze, opaque, quote, unmapped

# Under these names for people who come from Prefect.
BaseAnnotation = Annotation
Quote = quote

__all__ = [
    "Annotation",
    "BaseAnnotation",
    "NotSet",
    "Quote",
    "allow_failure",
    "freeze",
    "opaque",
    "quote",
    "unmapped",
]
