"""Marks on the arguments of tasks."""

from turnout.engine.arguments import Annotation, allow_failure, freeze, opaque, quote, unmapped
from turnout.engine.options import NotSet

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
