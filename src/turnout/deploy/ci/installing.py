"""How a build machine gets the project's packages: as the project's own files say."""

from pathlib import Path

from turnout.deploy.python_manifest import FILE as PYTHON_FILE


def install_commands(folder: Path) -> list[str]:
    """Shell commands that make an environment in `$VENV` with Turnout and what the project needs.

    uv.lock: exactly what it locks. requirements.txt, else pyproject.toml: by pip. None of them: Turnout alone.
    """
    if (folder / "uv.lock").is_file():
        return [
            'python3 -m venv "$VENV"',
            '"$VENV/bin/pip" install --quiet uv',
            'UV_PROJECT_ENVIRONMENT="$VENV" "$VENV/bin/uv" sync --frozen --inexact',
        ]
    what = "turnout pytest"
    if (folder / "requirements.txt").is_file():
        what += " -r requirements.txt"
    elif (folder / "pyproject.toml").is_file():
        what += " ."
    return ['python3 -m venv "$VENV"', f'"$VENV/bin/pip" install --quiet {what}']


def test_command(folder: Path) -> str:
    """What runs the project's tests."""
    # Python puts the current folder first, where pytest would find a manifest in place of this package.
    return "python -P -m pytest" if (folder / PYTHON_FILE).is_file() else "python -m pytest"


def has_tests(folder: Path) -> bool:
    """Whether the project has tests that pytest finds."""
    return any((folder / "tests").glob("**/test_*.py"))
