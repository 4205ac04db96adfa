"""What Turnout promises, in exact words, and who proves it: the table behind `turnout doctor` and the promises page."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Promise:
    """One promise.

    `harnesses` are the fault harnesses (`./dev faults NAME`) and suites that prove what a database alone cannot show;
    `missing` says what of it has no code yet.
    """

    key: str
    title: str
    words: str
    harnesses: tuple[str, ...] = ()
    missing: str | None = None


PROMISES: tuple[Promise, ...] = (
    Promise(
        key="I1",
        title="Acknowledged is durable",
        words="What was answered with success is still in effect after any process was killed at any moment, and, "
        "with the settings that Turnout ships, after the power failed.",
        harnesses=("kill", "crash", "power"),
    ),
    Promise(
        key="I2",
        title="Requests may repeat",
        words="A request that changes something and carries an idempotency key has one effect and one answer, "
        "however often, however late and in whatever order it arrives.",
        harnesses=("stateful", "network"),
    ),
    Promise(
        key="I3",
        title="One run an occurrence",
        words="Each occurrence of an active schedule that the catch-up policy wants has exactly one run, with any "
        "number of servers and wherever they crash.",
        harnesses=("sim", "schedule"),
    ),
    Promise(
        key="I4",
        title="Bounded catch-up",
        words="After an outage the policy alone decides what runs; what it leaves out is recorded as skipped with "
        "the reason, and the starts are spread.",
        harnesses=("sim", "stateful"),
    ),
    Promise(
        key="I5",
        title="The calendar",
        words="When a schedule fires is a pure function of schedule and time: ascending, without repeats, and "
        "sound over every change of the clocks.",
        harnesses=("tests/unit/schedules",),
    ),
    Promise(
        key="I6",
        title="One executor",
        words="At no point can two attempts of a run both have what they write accepted; one that was cut off and "
        "wakes late is refused and stops.",
        harnesses=("sim", "kill", "network"),
    ),
    Promise(
        key="I7",
        title="Nobody is forgotten",
        words="A run whose executor is gone leaves running within 45 seconds, and goes on as its policy says. "
        "None stays open without a lease or a reason to wait.",
        harnesses=("sim", "kill"),
    ),
    Promise(
        key="I8",
        title="No false death",
        words="An executor that keeps renewing its lease is never given up, also over a stopped server, a slow "
        "database and a starved machine.",
        harnesses=("sim", "soak"),
    ),
    Promise(
        key="I9",
        title="Final is final",
        words="Once an attempt has ended no message changes how it ended; what arrives later is kept as data or "
        "refused.",
        harnesses=("stateful", "sim"),
    ),
    Promise(
        key="I10",
        title="A legal history without gaps",
        words="Every state is what its history adds up to; the history has no gaps; every step is one of the "
        "published table; what is over has no open tasks.",
        harnesses=("stateful", "sim"),
    ),
    Promise(
        key="I11",
        title="Resume repeats nothing",
        words="A task whose result was acknowledged does not run again in its run, and a resumed attempt sees the "
        "same bytes; a task that was not acknowledged may run again.",
        harnesses=("kill",),
    ),
    Promise(
        key="I12",
        title="Resume knows its code",
        words="Where the code no longer fits what was recorded, the run says so and stops; it never takes another "
        "task's result.",
        harnesses=("tests/acceptance",),
    ),
    Promise(
        key="I13",
        title="Steps with their transaction",
        words="A step that writes to the database of its checkpoint through Turnout's transaction commits both or "
        "neither.",
        missing="transactional steps",
    ),
    Promise(
        key="I14",
        title="Limits hold",
        words="After every commit those who hold a limit are at most as many as it allows: deployments, pools, "
        "tags and weights together.",
        harnesses=("stateful", "sim"),
    ),
    Promise(
        key="I15",
        title="Slots come back",
        words="A slot is free at most 45 seconds after its holder ended in any way; in a healthy system the next "
        "in line has it within a second.",
        harnesses=("sim", "kill"),
    ),
    Promise(
        key="I16",
        title="Cancel stops",
        words="After a cancel was acknowledged no task starts for longer than 2 seconds, no process of the run is "
        "left after the grace and 5 seconds, and its slots are free.",
        harnesses=("cancel",),
    ),
    Promise(
        key="I17",
        title="Timeouts stop",
        words="A task or flow beyond its timeout is stopped within 2 seconds and the grace, also in native code.",
        harnesses=("cancel",),
    ),
    Promise(
        key="I18",
        title="Logs are whole",
        words="Each line whose call returned is stored once, in order, by attempt; what is cut or dropped says so.",
        harnesses=("kill", "crash"),
    ),
    Promise(
        key="I19",
        title="A server's restart is not seen",
        words="A server that is away for up to ten minutes fails, restarts and doubles no flow; what happened "
        "meanwhile arrives in order.",
        harnesses=("kill", "soak"),
    ),
    Promise(
        key="I20",
        title="The database may go away",
        words="Without its database the server answers 503 and never a false success; it goes on by itself when "
        "the database is back.",
        harnesses=("kill", "network"),
    ),
    Promise(
        key="I21",
        title="Clocks may be wrong",
        words="Workers' clocks decide nothing. A server's clock that jumps kills and doubles no run, and delays "
        "an occurrence by no more than the jump.",
        harnesses=("sim",),
    ),
    Promise(
        key="I22",
        title="Upgrades lose nothing",
        words="A migration that is killed anywhere can be run again; a server works with the workers and clients "
        "of the release before it.",
        harnesses=("migration",),
    ),
    Promise(
        key="I23",
        title="Backups are whole",
        words="A backup under load is consistent. After a restore nothing that ran before it runs again, later "
        "occurrences follow the catch-up policy, and executors of the lost time are refused.",
        harnesses=("restore",),
    ),
    Promise(
        key="I24",
        title="Clean-up keeps what is needed",
        words="Retention never removes a run that is not over, nor a result or bundle that something still refers "
        "to, and goes on after a kill.",
        harnesses=("stateful", "kill"),
    ),
    Promise(
        key="I25",
        title="Bounded resources",
        words="Under a steady load memory, descriptors, threads and queues stay bounded.",
        harnesses=("soak",),
    ),
    Promise(
        key="I26",
        title="Nobody starves",
        words="10,000 queued runs of one pool delay another pool's start by at most 2 seconds (99 of 100); who "
        "waits for one limit holds up nobody else.",
        harnesses=("sim", "soak"),
    ),
    Promise(
        key="I27",
        title="A full disk",
        words="Without space nothing is corrupted and nothing acknowledged that is not stored; when there is "
        "space again everything goes on.",
        harnesses=("crash", "soak"),
    ),
    Promise(
        key="I28",
        title="Applied whole, and pinned",
        words="A release is applied wholly or not at all; each run names the commit and the bundle that all its "
        "tasks use.",
        harnesses=("crash",),
        missing="deploying from git on the server",
    ),
    Promise(
        key="I29",
        title="Pause means pause",
        words="After a pause was acknowledged no run of the schedule starts; ending it releases what the catch-up "
        "policy says.",
        harnesses=("stateful",),
    ),
    Promise(
        key="I30",
        title="Events are facts",
        words="Each step of a flow run has exactly one event, in order, delivered at least once; no event without "
        "a commit.",
        harnesses=("sim", "crash"),
    ),
    Promise(
        key="I31",
        title="Audit",
        words="Every privileged change has one entry in the audit log.",
        missing="the audit log",
    ),
    Promise(
        key="I32",
        title="An honest view",
        words="Nothing is shown that was not committed; every run that waits says why.",
        harnesses=("stateful", "soak"),
    ),
)
"""In order. `doctor` adds which of them it has checked on this database."""
