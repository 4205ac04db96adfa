"""The built UI: its one document, its files, and the policy that lets a browser run nothing else.

`./dev ui` and the build of a wheel write the folder `turnout/_ui`. Without it the server says how to get it.
"""

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from turnout.server.codec import encode
from turnout.server.encoding import accepted

FOLDER = Path(__file__).parents[1] / "_ui"
IMMUTABLE = "private, max-age=31536000, immutable"
"""The name of an asset holds the digest of its content."""
MEDIA = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".woff2": "font/woff2"}
ENCODINGS = (("br", ".br"), ("gzip", ".gz"))
"""What was compressed when the UI was built, the smaller one first."""

_HEAD = "<!--turnout:head-->"
_HEAD_END = "</head>"
_INLINE = re.compile(r"<(script|style)>(.*?)</\1>", re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class Asset:
    """A file as it is sent. encoding: None when it is not compressed."""

    content: bytes
    media: str
    encoding: str | None


class BuiltUi:
    """The folder of a build. Files are read once and kept: all of them together are about a megabyte. A build that
    takes its place while the server runs is seen."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self._folder = folder
        self._kept: dict[str, bytes] = {}
        self._made = 0

    @property
    def built(self) -> bool:
        """Whether there is anything to show."""
        try:
            made = (self._folder / "index.html").stat().st_mtime_ns
        except OSError:
            return False
        if made != self._made:
            self._forget()
            self._made = made
        return True

    @cached_property
    def policy(self) -> str:
        """The Content-Security-Policy of the document: its own scripts and styles, by digest, and its own files."""
        return (
            f"default-src 'none'; script-src 'self' {self._digests('script')}; style-src 'self' "
            f"{self._digests('style')}; connect-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
            "form-action 'self'; base-uri 'self'; frame-ancestors 'none'"
        )

    def document(self, base: str, boot: Mapping[str, Any], *, page: str) -> bytes:
        """The document of every page. base: the server's path, ending in a slash. boot: what the script is told. page:
        its folder of `ui/src/features`, whose files the browser fetches while the frame starts."""
        data = encode({"base": base, **boot}).decode().replace("<", "\\u003c")
        head = f'<base href="{base}"><script type="application/json" id="boot">{data}</script>'
        ahead = "".join(f'<link rel="modulepreload" crossorigin href="./{file}">' for file in self._files_of(page))
        return self._document.replace(_HEAD, head).replace(_HEAD_END, ahead + _HEAD_END, 1).encode()

    def asset(self, name: str, header: str) -> Asset | None:
        """A file of the build; None if there is none of that name. header: the `Accept-Encoding` of the request."""
        media = MEDIA.get(Path(name).suffix)
        if media is None or "/" in name or name not in self._names:
            return None
        try:
            for encoding, suffix in ENCODINGS:
                if name + suffix in self._names and encoding in accepted(header):
                    return Asset(content=self._read(name + suffix), media=media, encoding=encoding)
            return Asset(content=self._read(name), media=media, encoding=None)
        except FileNotFoundError:  # another build is being written in its place
            return None

    def _forget(self) -> None:
        self._kept = {}
        for name in ("policy", "_document", "_names", "_manifest"):
            self.__dict__.pop(name, None)

    @cached_property
    def _document(self) -> str:
        return (self._folder / "index.html").read_text("utf-8")

    @cached_property
    def _manifest(self) -> Mapping[str, Any]:
        """Source file -> its file in the build and what that imports, as Vite writes it."""
        try:
            found: Mapping[str, Any] = json.loads((self._folder / "manifest.json").read_bytes())
        except FileNotFoundError:
            return {}
        return found

    def _files_of(self, page: str) -> list[str]:
        """The scripts of a page, with all that they import, that the document does not name itself."""
        seen: list[str] = []
        left = [f"src/features/{page}/page.tsx"]
        while left:
            name = left.pop()
            if name not in seen and name in self._manifest:
                seen.append(name)
                left.extend(self._manifest[name].get("imports", ()))
        return [file for name in seen if (file := self._manifest[name]["file"]) not in self._document]

    @cached_property
    def _names(self) -> frozenset[str]:
        return frozenset(path.name for path in (self._folder / "assets").iterdir())

    def _read(self, name: str) -> bytes:
        if name not in self._kept:
            self._kept[name] = (self._folder / "assets" / name).read_bytes()
        return self._kept[name]

    def _digests(self, kind: str) -> str:
        found = (text for name, text in _INLINE.findall(self._document) if name == kind)
        return " ".join(
            f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" for text in found
        )
