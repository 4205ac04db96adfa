"""The names of `turnout` itself, at the path where people who come from Prefect look for them."""

from sys import modules


def __getattr__(name: str) -> object:
    return getattr(modules["turnout"], name)
