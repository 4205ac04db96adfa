"""What all schedules will start."""

from turnout.core.calendar import Calendar
from turnout.core.errors import ParameterError
from turnout.core.records import Namespace
from turnout.orchestration import calendar
from turnout.server.call import Call
from turnout.server.routing import OPERATOR, Route
from turnout.server.view_bodies import CalendarQuery


async def show_calendar(call: Call) -> Calendar:
    """Days with their runs."""
    asked = call.query(CalendarQuery)
    namespace = Namespace(project=asked.project, environment=asked.environment)
    start, end = asked.start, asked.end
    if start.tzinfo is None or end.tzinfo is None:
        raise ParameterError("start and end have a time zone", fix="write them like 2026-01-31T09:00:00Z")
    return await call.read(lambda tx: calendar.calendar(tx, namespace, start, end, asked.timezone))


ROUTES = (
    Route(
        method="GET",
        path="/api/v1/calendar",
        access=OPERATOR,
        doc="What schedules start after `start` and up to `end`, at most 45 days, by days of `timezone`; where they "
        "ask for more of a limit than there is.",
        handler=show_calendar,
        query=CalendarQuery,
        answer=Calendar,
    ),
)
