"""The project's variables and secrets."""

from turnout.engine.variables import Secret, Variable, secret

__all__ = ["Secret", "Variable", "secret"]
