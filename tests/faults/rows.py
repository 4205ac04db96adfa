"""The table of counts: what is tried how often at every commit, in continuous integration, and in a campaign.

An outcome names its row by `key`, or by `key:kind` where a row is counted for each of several kinds (roles, machines):
such a row has reached what the kind with the fewest cases has.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Tier = Literal["commit", "ci", "campaign"]


@dataclass(frozen=True, kw_only=True)
class Row:
    """`commit`, `ci`, `campaign`: the wanted cases of each tier; 0: not tried there. `good`: when it passes."""

    key: str
    title: str
    commit: int
    ci: int
    campaign: int
    good: str
    kinds: tuple[str, ...] = ()

    def wanted(self, tier: Tier) -> int:
        """The cases that a tier wants, of each kind."""
        return {"commit": self.commit, "ci": self.ci, "campaign": self.campaign}[tier]


ROLES = ("flow", "supervisor", "worker", "server")
_NOTHING = "nothing lost, doubled, leaked or stuck"

ROWS: tuple[Row, ...] = (
    Row(
        key="sim-model",
        title="Simulated crash schedules, store in memory",
        commit=2000,
        ci=20_000,
        campaign=100_000,
        good="no violation; the same seed replays identically",
    ),
    Row(
        key="sim-store",
        title="Simulated crash schedules, real store",
        commit=50,
        ci=1000,
        campaign=10_000,
        good="no violation",
    ),
    Row(
        key="sim-liveness",
        title="Simulations that have to come to rest",
        commit=50,
        ci=500,
        campaign=2000,
        good="all quiet within ten simulated minutes",
    ),
    Row(
        key="stateful",
        title="State machines against a model (examples of each)",
        commit=100,
        ci=1000,
        campaign=5000,
        good="no difference",
    ),
    Row(
        key="calendar",
        title="Schedules against a minute-by-minute walk",
        commit=5000,
        ci=50_000,
        campaign=200_000,
        good="no difference",
    ),
    Row(
        key="crash-points",
        title="Crashes and errors at every store call and system call",
        commit=100,
        ci=600,
        campaign=1500,
        good="nothing acknowledged lost, nothing damaged",
    ),
    Row(
        key="power",
        title="Power losses on SQLite",
        commit=100,
        ci=2000,
        campaign=20_000,
        good="nothing acknowledged lost, nothing damaged; the weaker setting is caught losing",
    ),
    Row(
        key="power-spool",
        title="Power losses on a spool",
        commit=100,
        ci=2000,
        campaign=20_000,
        good="no line lost that a shipper was given; torn ends are read over",
    ),
    Row(
        key="disk-full",
        title="Disks filled and freed under a server",
        commit=0,
        ci=3,
        campaign=50,
        good="clear refusals, nothing acknowledged lost, no occurrence missed, recovery by itself",
    ),
    Row(
        key="kill",
        title="`kill -9` of each role, timings 20 times shorter",
        commit=1,
        ci=20,
        campaign=200,
        good=_NOTHING,
        kinds=ROLES,
    ),
    Row(
        key="kill-shipped",
        title="`kill -9` of each role, shipped timings",
        commit=0,
        ci=0,
        campaign=20,
        good=_NOTHING,
        kinds=ROLES,
    ),
    Row(key="pg-kill", title="`kill -9` of PostgreSQL", commit=0, ci=10, campaign=100, good=_NOTHING),
    Row(key="pg-immediate", title="Immediate stops of PostgreSQL", commit=0, ci=0, campaign=50, good=_NOTHING),
    Row(key="pairs", title="Two roles, or all, killed together", commit=0, ci=20, campaign=200, good=_NOTHING),
    Row(
        key="pause",
        title="Processes stopped for two leases, then woken",
        commit=0,
        ci=1,
        campaign=25,
        good="who wakes late is refused",
        kinds=ROLES,
    ),
    Row(
        key="requests",
        title="Requests duplicated, delayed, reordered, lost",
        commit=20,
        ci=200,
        campaign=2000,
        good="one run and one answer for each key",
    ),
    Row(
        key="partition",
        title="Partitions under running flows, at each place",
        commit=0,
        ci=4,
        campaign=100,
        good="no false answer, no false death, recovery without restart",
        kinds=("worker", "database", "requests"),
    ),
    Row(
        key="cancel",
        title="Cancel and timeout of nine kinds of body (each)",
        commit=1,
        ci=3,
        campaign=20,
        good="within the bound, no process left",
    ),
    Row(
        key="resume",
        title="Runs of 12 tasks killed and resumed",
        commit=2,
        ci=24,
        campaign=500,
        good="no acknowledged task ran again, no other result was handed out",
    ),
    Row(key="restore", title="Backup under load, then restore", commit=0, ci=3, campaign=30, good="no row lost"),
    Row(
        key="migration",
        title="Migrations killed between statements",
        commit=0,
        ci=10,
        campaign=100,
        good="the same schema, no row lost",
    ),
    Row(
        key="schedule",
        title="Runs of 1 s schedules on three servers that are killed",
        commit=0,
        ci=3000,
        campaign=30_000,
        good="the number that arithmetic gives: none missing, none doubled",
    ),
    Row(
        key="soak",
        title="Runs in a soak",
        commit=0,
        ci=10_000,
        campaign=200_000,
        good="memory, descriptors and database bounded; no finding of `doctor`",
    ),
    Row(
        key="storm",
        title="Server restarts under 20 running flows",
        commit=0,
        ci=5,
        campaign=100,
        good="no run fails, restarts or doubles",
    ),
    Row(
        key="outage",
        title="Ten minutes without a server (scaled)",
        commit=0,
        ci=0,
        campaign=4,
        good="no run fails, restarts or doubles",
    ),
    Row(
        key="starved",
        title="Runs under a load of 8 with a stopped server",
        commit=0,
        ci=0,
        campaign=100,
        good="no false death",
    ),
    Row(key="planted", title="Planted bugs", commit=0, ci=3, campaign=15, good="every one caught by its harness"),
)

BY_KEY = {row.key: row for row in ROWS}


def split(row: str) -> tuple[str, str]:
    """`key:kind` taken apart; the kind is empty where there is none."""
    key, _, kind = row.partition(":")
    return key, kind
