"""The databases that `turnout.yaml` names: `with connection("warehouse") as warehouse: ...`."""

from turnout.sql.connections import connection

__all__ = ["connection"]
