"""The error tree: each with a stable code of its own, and a sentence."""

import inspect

from turnout.core import errors

CLASSES = [item for _, item in inspect.getmembers(errors, inspect.isclass) if issubclass(item, errors.TurnoutError)]


def test_each_has_a_code_of_its_own() -> None:
    codes = [error.code for error in CLASSES]
    assert len(set(codes)) == len(codes)
    assert all(code.replace("_", "").isalpha() and code.islower() for code in codes)


def test_the_docstring_is_the_message_when_there_is_none() -> None:
    for error in CLASSES:
        assert error().what == (error.__doc__ or "").strip() != ""


def test_the_drawn_tree_names_every_class() -> None:
    for error in CLASSES:
        assert error.__name__ in (errors.__doc__ or "")


def test_says_what_where_and_how_to_mend_it() -> None:
    error = errors.ParameterError("no such parameter", where="flows/a.py:3", fix="spell it 'name'")
    assert str(error) == "no such parameter\n  where: flows/a.py:3\n  fix: spell it 'name'"
    assert str(errors.NotFound("gone")) == "gone"


def test_errors_of_the_language_are_still_caught_as_such() -> None:
    assert issubclass(errors.ParameterError, TypeError)
    assert issubclass(errors.TaskTimeout, TimeoutError)
    assert issubclass(errors.Fenced, errors.Conflict)
