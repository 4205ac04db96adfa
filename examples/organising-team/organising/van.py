"""The voter file's API: one place that knows its address, its key and what it bears."""

from typing import Any

import httpx

from turnout import secret, task

# `per` is the limit in turnout.yaml: three calls at once and ten a second, over every flow that uses this file. A 429
# slows all of them down for as long as the API asks.
limited = task(per="van-api", adaptive=True, retries=5, retry_delay_seconds=1)


def client(url: str) -> httpx.Client:
    """A client with the team's key. Under a worker the key is that of `secrets: [van]`."""
    return httpx.Client(base_url=url, auth=("organising", secret("van").api_key), timeout=30)


@limited
def new_activists(url: str) -> list[dict[str, Any]]:
    """Everybody who signed up and has no source code yet."""
    with client(url) as van:
        answer = van.get("/people", params={"sourceCode": "none"})
    return answer.raise_for_status().json()["items"]


@limited
def set_source_code(url: str, person: int, code: int) -> int:
    """Give one person a source code; the person's number."""
    with client(url) as van:
        van.post(f"/people/{person}/sourceCode", json={"sourceCodeId": code}).raise_for_status()
    return person
