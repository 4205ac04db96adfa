"""A process that plans and applies over HTTP as `turnout apply` does, and is killed where it is told to be.

`python -m tests.integration.applying URL TOKEN NAME [before|after N]`: applies a project that has the deployment NAME,
killed (SIGKILL) before sending, or after being answered, its N-th request. Without a point it says `planned`, waits for
a line on stdin, applies, and says `applied N` or `refused WHY`.
"""

import gzip
import hashlib
import io
import os
import signal
import sys
import tarfile
from dataclasses import replace
from typing import Any

import httpx

from tests.serving import PROJECT, deployment, field_plan
from turnout.cli.project import Wanted, push
from turnout.client import HttpAdminApi
from turnout.core.errors import Conflict
from turnout.core.operations import Plan
from turnout.core.snapshot import Snapshot
from turnout.deploy.bundle import Bundle


def wanted(name: str) -> Wanted:
    """What is applied: the usual project with one deployment more, and code of its own."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        archive.addfile(tarfile.TarInfo(f"{name}.py"))
    content = gzip.compress(packed.getvalue(), mtime=0)
    bundle = Bundle(
        digest=hashlib.sha256(content).hexdigest(),
        content=content,
        commit=hashlib.sha1(name.encode()).hexdigest(),
        author=f"{name} <{name}@example.org>",
        message="Change",
        dirty=False,
        files=(),
    )
    return Wanted(snapshot=declared(name), bundle=bundle)


def declared(name: str) -> Snapshot:
    """The project with the deployment `name`."""
    before = field_plan()
    return replace(before, deployments={**before.deployments, name: deployment(name)})


def killed(moment: str, number: int) -> None:
    """Be killed at a request of this process."""
    send, count = httpx.Client.send, 0

    def counting(client: httpx.Client, *given: Any, **options: Any) -> httpx.Response:
        nonlocal count
        count += 1
        if (moment, number) == ("before", count):
            os.kill(os.getpid(), signal.SIGKILL)
        answer = send(client, *given, **options)
        if (moment, number) == ("after", count):
            os.kill(os.getpid(), signal.SIGKILL)
        return answer

    httpx.Client.send = counting  # type: ignore[method-assign]


def main(url: str, token: str, name: str, *point: str) -> None:
    """Plan, then apply."""
    if point:
        killed(point[0], int(point[1]))
    repository = wanted(name)
    with HttpAdminApi(url, token) as api:
        plan = Plan.from_json(api.plan(repository.snapshot))
        print("planned", flush=True)
        if not point:
            sys.stdin.readline()
        try:
            answer = push(api, repository, expected=plan.release or 0, allow_removals=True)
        except Conflict as error:
            print(f"refused {error.what}", flush=True)
            return
    print(f"applied {answer['release']}", flush=True)


assert PROJECT.project == field_plan().project
if __name__ == "__main__":
    main(*sys.argv[1:])
