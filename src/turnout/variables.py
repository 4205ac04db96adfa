"""The project's variables and secrets."""

from turnout.engine.control_plane.variables import Secret, Variable, secret

__all__ = ["Secret", "Variable", "secret"]
