"""The HTTP client of a Turnout server: `core.ports.AdminApi`, `WorkApi` and `RunApi` over the wire, errors as
`core.errors`."""

from turnout.client.admin import HttpAdminApi
from turnout.client.connecting import connect, connect_work
from turnout.client.work import HttpWorkApi

__all__ = ["HttpAdminApi", "HttpWorkApi", "connect", "connect_work"]
