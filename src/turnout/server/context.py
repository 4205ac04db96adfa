"""What handlers share: put together once by the composition root, immutable afterwards."""

import asyncio
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from turnout.core.ports import Store
from turnout.server.auth.files import TokenFiles
from turnout.server.auth.throttle import Guesses
from turnout.server.bind import base_url, is_secure
from turnout.server.feed import Feed
from turnout.server.hints import LoopHints
from turnout.server.ui import BuiltUi
from turnout.server.vitals import Vitals
from turnout.settings import Settings
from turnout.store.clock import SystemClock

if TYPE_CHECKING:
    from turnout.server.auth.github import GithubIdentity


@dataclass(frozen=True, kw_only=True)
class Context:
    """The server's parts."""

    settings: Settings
    store: Store
    hints: LoopHints
    files: TokenFiles
    port: int
    remote: bool = False
    """Whether a read of the store may have to wait for a network."""

    @cached_property
    def ui(self) -> BuiltUi:
        """The UI, if it was built."""
        return BuiltUi()

    @property
    def base(self) -> str:
        """The path that browsers find the server's pages below, with a slash at its end."""
        return f"{self.settings.root_path}/"

    @cached_property
    def feed(self) -> Feed:
        """News for open pages. On the event loop only."""
        return Feed(self.store, self.hints)

    @cached_property
    def vitals(self) -> Vitals:
        """Whether the database takes writes."""
        return Vitals(self.store)

    @cached_property
    def guesses(self) -> Guesses:
        """How often credentials were wrong."""
        return Guesses(lambda: asyncio.get_running_loop().time())

    @cached_property
    def github(self) -> "GithubIdentity":
        """Who GitHub says that a workflow is."""
        # On use: few servers ever see a workflow, and its libraries take 10 MB.
        from turnout.server.auth.github import GithubIdentity

        return GithubIdentity(self.settings.oidc_issuer, SystemClock().monotonic)

    @property
    def url(self) -> str:
        """The server's address."""
        return base_url(self.settings, self.port)

    @property
    def secure(self) -> bool:
        """Whether browsers come by HTTPS."""
        return is_secure(self.settings)

    @property
    def schemes(self) -> tuple[str, ...]:
        """The schemes that this server's own pages may be reached by."""
        if self.settings.trusted_proxy and not self.settings.tls_cert:
            return ("http", "https")
        return ("https",) if self.settings.tls_cert else ("http",)
