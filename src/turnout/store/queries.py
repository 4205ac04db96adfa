"""Statements from files: `sql/<aggregate>/<verb_noun>[.<dialect>].sql`, one statement under one sentence of comment."""

import os

_FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "sql")


class Queries:
    """The statements of one dialect, read from their files on first use."""

    def __init__(self, dialect: str, folder: str = _FOLDER) -> None:
        self.dialect = dialect
        self._folder = folder
        self._texts: dict[str, str] = {}

    def __getitem__(self, name: str) -> str:
        """The statement `<aggregate>/<verb_noun>`: the dialect's own file, else the shared one."""
        text = self._texts.get(name)
        if text is None:
            text = self._texts[name] = self._read(name)
        return text

    def _read(self, name: str) -> str:
        own = os.path.join(self._folder, f"{name}.{self.dialect}.sql")
        shared = os.path.join(self._folder, f"{name}.sql")
        with open(own if os.path.exists(own) else shared, encoding="utf-8") as file:
            return file.read()
