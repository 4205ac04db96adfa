"""Replies to our texts, sorted by what people want."""

import csv
from pathlib import Path

from turnout import flow, get_run_logger, task
from turnout.connections import connection

EXPORT = Path("data/replies.csv")
WANTS = {"stop": "opted out", "yes": "volunteer", "maybe": "call back"}


def wish(text: str) -> str:
    """What a reply asks for, by its first word."""
    return WANTS.get(text.lower().split()[0].strip(".!,") if text.split() else "", "read by a person")


@task(retries=2, retry_delay_seconds=5)
def read_replies(path: Path) -> list[dict[str, str]]:
    """The export of the texting tool."""
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


@task
def sort_replies(replies: list[dict[str, str]]) -> list[tuple[str, str, str, str]]:
    """(day, organiser, phone, wish) of each."""
    return [(row["day"], row["organiser"], row["phone"], wish(row["text"])) for row in replies]


@task
def write_replies(rows: list[tuple[str, str, str, str]]) -> int:
    """Replace the table `reply` in one transaction; the number of rows."""
    with connection("warehouse") as warehouse:
        warehouse.execute("BEGIN")
        warehouse.execute("CREATE OR REPLACE TABLE reply (day DATE, organiser TEXT, phone TEXT, wish TEXT)")
        warehouse.executemany("INSERT INTO reply VALUES (?, ?, ?, ?)", rows)
        warehouse.execute("COMMIT")
    return len(rows)


@flow
def load_replies(export: str = str(EXPORT)) -> int:
    """How many replies there are."""
    written = write_replies(sort_replies(read_replies(Path(export))))
    get_run_logger().info("%s replies", written)
    return written


if __name__ == "__main__":
    load_replies()
