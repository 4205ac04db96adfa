"""Stored results by key."""

from turnout.engine.results.result_store import ResultStore, get_result_store
from turnout.engine.results.serializers import resolve_serializer
from turnout.engine.results.storage import resolve_storage as resolve_result_storage
from turnout.engine.results.stored import ResultRecord, ResultRecordMetadata

__all__ = [
    "ResultRecord",
    "ResultRecordMetadata",
    "ResultStore",
    "get_result_store",
    "resolve_result_storage",
    "resolve_serializer",
]
