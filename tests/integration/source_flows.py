"""A flow that tests load from this folder."""

from turnout import flow


@flow
def hello() -> str:
    return "hello"
