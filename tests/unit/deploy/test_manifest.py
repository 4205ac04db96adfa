# ruff: noqa: E501 - a message is compared as a whole, and read as one line
"""The manifest as a whole: what it becomes, and every mistake with its place, its words and its mending."""

from pathlib import Path
from textwrap import dedent

import pytest

from turnout.core.errors import ManifestError
from turnout.core.snapshot import (
    CalendarSpec,
    CalendarUse,
    Concurrency,
    ConnectionSpec,
    LimitSpec,
    LimitUse,
    PoolSpec,
    ScheduleSpec,
    SecretSpec,
)
from turnout.deploy.manifest import Manifest, load_manifest, project_name, read_manifest
from turnout.deploy.problems import Problems, in_reading_order

HEAD = "project: field\ntimezone: America/New_York\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in ("a.py", "b.py", "q.sql"):
        (tmp_path / name).write_text("")
    return tmp_path


def read(root: Path, text: str) -> Manifest:
    (root / "turnout.yaml").write_text(dedent(text))
    problems = Problems()
    manifest = read_manifest(root, problems)
    assert problems.errors == []
    assert manifest is not None
    return manifest


def mistakes(root: Path, text: str) -> list[str]:
    """Each as `line:column what | fix`."""
    (root / "turnout.yaml").write_text(dedent(text))
    problems = Problems()
    read_manifest(root, problems)
    return [f"{e.where.removeprefix('turnout.yaml:')} {e.what} | {e.fix}" for e in in_reading_order(problems.errors)]


def deployment(lines: str) -> str:
    """A manifest with one deployment; its keys begin on line 5, column 5."""
    return HEAD + "deployments:\n  load:\n" + "".join(f"    {line}\n" for line in dedent(lines).strip().splitlines())


def test_limits_and_how_deployments_use_them(root: Path) -> None:
    snapshot = read(
        root,
        """\
        project: field-data
        limits:
          van-api: {concurrency: 3, rate: 60 / m, tags: [van]}
          memory: {concurrency: 8}
        deployments:
          update: {flow: a.py:f, limits: [van-api, {name: memory, weight: 4}], priority: 5}
        """,
    ).snapshot
    assert snapshot.limits == {
        "van-api": LimitSpec(concurrency=3, rate="1/s", tags=("van",)),
        "memory": LimitSpec(concurrency=8),
    }
    update = snapshot.deployments["update"]
    assert update.limits == (LimitUse(name="van-api"), LimitUse(name="memory", weight=4))
    assert update.priority == 5


def test_everything_that_is_supported(root: Path) -> None:
    snapshot = read(
        root,
        """\
        project: field-data
        timezone: America/New_York
        variables: {source_code: 12345, states: [OH, NY]}
        secrets:
          van: {fields: [api_key]}
        connections:
          warehouse: {type: duckdb, database: w.duckdb}
        pools:
          small: {type: process, concurrency: 3}
        deployments:
          update:
            flow: a.py:update
            description: Applies the origin source code.
            schedule:
              - "5 21 * * *"
              - {every: 90m, anchor: 2026-01-05T06:00, slug: often, paused: true, parameters: {code: 1}}
              - {rrule: "FREQ=WEEKLY;BYDAY=MO", timezone: UTC, catch_up: {within: 2h}, name: weekly}
            parameters: {code: "${var:source_code}"}
            secrets: [van]
            concurrency: {limit: 2, on_collision: queue-latest}
            catch_up: all
            retries: {count: 2, delay: 5m}
            on_crash: resume
            timeout: 1h
            tags: [van]
          model:
            sql: q.sql
            connection: warehouse
            retries: 1
            after: [update]
        """,
    ).snapshot
    assert (snapshot.project, snapshot.environment, snapshot.timezone) == (
        "field-data",
        "production",
        "America/New_York",
    )
    assert snapshot.variables == {"source_code": 12345, "states": ["OH", "NY"]}
    assert snapshot.secrets == {"van": SecretSpec(fields=("api_key",))}
    assert snapshot.connections == {"warehouse": ConnectionSpec(type="duckdb", options={"database": "w.duckdb"})}
    assert snapshot.pools == {"small": PoolSpec(concurrency=3)}
    update, model = snapshot.deployments["update"], snapshot.deployments["model"]
    assert update.schedules == (
        ScheduleSpec(slug="default", cron="5 21 * * *", timezone="America/New_York"),
        ScheduleSpec(
            slug="often", every=5400.0, anchor="2026-01-05T06:00", timezone="America/New_York", paused=True,
            parameters={"code": 1},
        ),
        ScheduleSpec(slug="weekly", rrule="FREQ=WEEKLY;BYDAY=MO", timezone="UTC", catch_up="within:7200"),
    )  # fmt: skip
    assert (update.entrypoint, update.pool, update.parameters) == (
        "a.py:update",
        "small",
        {"code": "${var:source_code}"},
    )
    assert (update.retries, update.retry_delay_seconds, update.timeout_seconds) == (2, 300.0, 3600.0)
    assert (update.on_crash, update.catch_up, update.secrets, update.tags) == ("resume", "all", ("van",), ("van",))
    assert update.concurrency == Concurrency(limit=2, on_collision="queue-latest")
    assert (model.entrypoint, model.connection, model.after, model.retries) == ("q.sql", "warehouse", ("update",), 1)
    assert (model.catch_up, model.on_crash, model.concurrency, model.timeout_seconds) == ("latest", "stop", None, None)


def test_the_smallest_manifest(root: Path) -> None:
    snapshot = read(root, "project: p\n").snapshot
    assert snapshot.deployments == {}
    assert snapshot.pools == {"default": PoolSpec()}


def test_sections_without_content_are_empty(root: Path) -> None:
    assert read(root, "project: p\nvariables:\nsecrets: {}\ndeployments:\n").snapshot.variables == {}


def test_two_unnamed_schedules_are_told_apart_by_what_they_say(root: Path) -> None:
    manifest = read(root, deployment("flow: a.py:f\nschedule: ['0 6 * * *', '*/5 * * * 1']"))
    assert [s.slug for s in manifest.snapshot.deployments["load"].schedules] == ["0-6-x-x-x", "x-5-x-x-x-1"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("variables: {a: 1}\n", ["1:1 'project' is missing | add project: the repository's name; it owns everything below"]),
        ("project: Field Data\n", ["1:10 project: 'Field Data' is not a name | write 'field-data': small letters, digits and dashes, at most 63"]),
        ("project: 5\n", ["1:10 project must be text, this is the number 5 | write it like field-data"]),
        ("project:\n", ["1:1 project has no value | give it one or remove the line"]),
        ("- project\n", ["1:1 the file must be a mapping, this is a list | write project: field-data on the first line"]),
        (HEAD + "deployment: {}\n", ["3:1 there is no key 'deployment' | did you mean 'deployments'?"]),
        (HEAD + "flows: {}\n", ["3:1 there is no key 'flows' | use 'deployments'"]),
        (HEAD + "limits: {van: {rate: 10 a second}}\n", ["3:22 limits.van.rate must be a rate, this is the text '10 a second' | write 10/s, 5/m, 100/h or 1000/d"]),
        (HEAD + "limits: {van: {tags: [a]}}\n", ["3:10 limits.van bounds nothing | add concurrency: 3, rate: 10/s or both"]),
        (HEAD + "limits:\n  van: {concurrency: 2}\ndeployments:\n  a: {flow: a.py:f, limits: [van, vam, {name: van}]}\n", ["6:35 deployments.a.limits: there is no limit 'vam' | did you mean 'van'?", "6:47 deployments.a.limits: 'van' is here twice | keep one of the two"]),
        (HEAD + "limits:\n  van: {concurrency: 2}\ndeployments:\n  a: {flow: a.py:f, limits: [{name: van, weight: 3}]}\n", ["6:21 deployments.a.limits: a run takes 3 of 'van', which has 2 | write weight: 2 to have it alone"]),
        ("project: p\ntimezone: America/New_Yrok\n", ["2:11 timezone 'America/New_Yrok' is unknown | did you mean America/New_York?"]),
        ("project: p\ntimezone: ../../etc/passwd\n", ["2:11 timezone '../../etc/passwd' is not a zone name | write an IANA name such as America/New_York, or UTC"]),
        (HEAD + "secrets:\n  van: {fields: api_key}\n", ["4:17 secrets.van.fields must be a list, this is the text 'api_key' | write it in brackets: [a, b]"]),
        (HEAD + "secrets:\n  van: {from: aws, fields: [a]}\n", ["4:9 secrets.van: 'from' is not supported by this version | remove it; it comes with a later version of Turnout"]),
        (HEAD + "secrets:\n  a: {fields: [b_c]}\n  a-b: {fields: [c]}\n", ["5:3 secrets a.b_c and a-b.c are both A_B_C in the environment | rename one"]),
        (HEAD + "connections:\n  w: {type: redshift, host: h, secret: s}\n", ["4:13 connections.w.type: 'redshift' is not supported by this version | use duckdb"]),
        (HEAD + "connections:\n  w: {type: duckdb}\n", ["""4:3 connections.w: 'database' is missing | add database: the file, relative to the data folder, or ":memory:\""""]),
        (HEAD + "pools:\n  default: {type: ecs, cpu: 5}\n", ["4:19 pools.default.type: 'ecs' is not supported by this version | use process"]),
        (HEAD + "pools:\n  a: {type: process}\n  b: {type: process}\n", ["5:3 a second pool is not supported by this version | keep one pool"]),
        (HEAD + "variables:\n  a-b: 1\n", ["4:3 variables: 'a-b' is not a name | write 'a_b': letters, digits and underscores, at most 63"]),
        (HEAD + "variables:\n  a: 1\n  A: 2\n", ["5:3 variables: 'A' and 'a' differ only in case | rename one of the two"]),
        (HEAD + "deployments:\n  Load_It: {flow: a.py:f}\n", ["4:3 deployments: 'Load_It' is not a name | write 'load-it': small letters, digits and dashes, at most 63"]),
        (HEAD + "deployments:\n  a: {flow: a.py:f}\n  a: {flow: b.py:f}\n", ["5:3 'a' is here twice; first at turnout.yaml:4:3 | keep one of the two"]),
        (HEAD + "deployments: [a]\n", ["3:14 deployments must be a mapping of names, this is a list | write deployments: and below it name: value"]),
        (HEAD + "deployments:\n  a: a.py:f\n", ["4:6 deployments.a must be a mapping, this is the text 'a.py:f' | write it as key: value"]),
    ],
)  # fmt: skip
def test_mistakes_in_the_file(root: Path, text: str, expected: list[str]) -> None:
    assert mistakes(root, text) == expected


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("flow: a.py:f\nschedul: x", "6:5 deployments.load: there is no key 'schedul' | did you mean 'schedule'?"),
        ("flow: a.py:f\ncron: x", "6:5 deployments.load: there is no key 'cron' | use 'schedule'"),
        ("flow: a.py:f\nresources: {cpu: 512}", "6:5 deployments.load: 'resources' is not supported by this version | remove it; it comes with a later version of Turnout"),
        ("description: nothing", "4:3 deployments.load names nothing to run | add flow: file.py:function, or sql: file.sql"),
        ("flow: a.py:f\nsql: q.sql", "6:5 deployments.load has both 'flow' and 'sql' | keep one of the two"),
        ("flow: a.py", "5:11 deployments.load.flow: 'a.py' is not spelled as it must be | write it like flows/van.py:update"),
        ("flow: aa.py:f", "5:11 there is no file 'aa.py' | did you mean 'a.py'?"),
        ("sql: model/nightly.sql", "5:10 there is no file 'model/nightly.sql' | create it, or correct the path: it is relative to the folder of turnout.yaml"),
        ("flow: ../a.py:f", "5:11 '../a.py' is outside of the project | name a file below the manifest's folder"),
        ("flow: /etc/a.py:f", "5:11 '/etc/a.py' is outside of the project | name a file below the manifest's folder"),
        ("flow: a.py:f\nconnection: w", "6:17 deployments.load.connection: there is no connection 'w' | declare it under connections:, or correct the name"),
        ("flow: a.py:f\nretries: two", "6:14 deployments.load.retries must be a whole number or {count: 2, delay: 5m}, this is the text 'two' | write retries: {count: 2, delay: 5m}"),
        ("flow: a.py:f\nretries: -1", "6:14 deployments.load.retries must be a whole number from 0 to 1,000, this is the number -1 | write retries: 1"),
        ("flow: a.py:f\nretries: true", "6:14 deployments.load.retries must be a whole number or {count: 2, delay: 5m}, this is true | write retries: {count: 2, delay: 5m}"),
        ("flow: a.py:f\nretries: {delay: 5m}", "6:5 deployments.load.retries: 'count' is missing | add count: how many new attempts after a failure"),
        ("flow: a.py:f\ntimeout: 5 parsecs", "6:14 deployments.load.timeout must be a length of time, this is the text '5 parsecs' | write 30s, 5m, 1h30m or 2d"),
        ("flow: a.py:f\ntimeout: 0s", "6:14 deployments.load.timeout must be a length of time above zero, this is the text '0s' | write 30s, 5m, 1h30m or 2d"),
        ("flow: a.py:f\ntimeout: [1h]", "6:14 deployments.load.timeout must be a length of time, this is a list | write 30s, 5m, 1h30m or 2d"),
        ("flow: a.py:f\non_crash: restart", "6:15 deployments.load.on_crash must be one of stop, resume, this is the text 'restart' | use stop, resume"),
        ("flow: a.py:f\ntags: van", "6:11 deployments.load.tags must be a list, this is the text 'van' | write it in brackets: [a, b]"),
        ("flow: a.py:f\ntags: [van, van]", "6:17 deployments.load.tags: 'van' is here twice | keep one of the two"),
        ("flow: a.py:f\ncatch_up: some", "6:15 deployments.load.catch_up must be one of all, latest, none, this is the text 'some' | use all, latest, none"),
        ("flow: a.py:f\nconcurrency: {limit: 0}", "6:26 deployments.load.concurrency.limit must be a whole number from 1 to 1,000,000, this is the number 0 | write limit: 1"),
        ("flow: a.py:f\nconcurrency: {limit: 1, on_collision: drop}", "6:43 deployments.load.concurrency.on_collision must be one of queue, skip, replace, queue-latest, this is the text 'drop' | use queue, skip, replace, queue-latest"),
        ("flow: a.py:f\nafter: [laod]", "6:13 deployments.load.after: there is no deployment 'laod' | did you mean 'load'?"),
        ("flow: a.py:f\nafter: [load]", "6:13 deployments.load.after: it waits for itself | remove it"),
        ("flow: a.py:f\npool: fargate", "6:11 deployments.load.pool: there is no pool 'fargate' | declare it under pools:, or correct the name"),
        ("flow: a.py:f\nsecrets: [van]", "6:15 deployments.load.secrets: there is no secret 'van' | declare it under secrets:, or correct the name"),
        ('flow: a.py:f\nparameters: {x: "${var:nope}"}', "6:21 deployments.load.parameters: there is no variable 'nope' | declare it under variables:, or correct the name"),
        ('flow: a.py:f\nparameters: {x: ["${secret:van.key}"]}', '6:22 deployments.load.parameters: a secret cannot be a parameter, parameters are visible | list the secret under secrets: and read it with secret("van")'),
        ('flow: a.py:f\nparameters: {x: "${env:HOME}"}', "6:21 deployments.load.parameters: there is no reference 'env' | write \"${var:name}\""),
        ('flow: a.py:f\nschedule: "0 25 * * *"', "6:15 cron '0 25 * * *': the field '25' cannot be read | it is hour 0-23: a number, `*`, a list 1,2, a range 1-5 or a step */5"),
        ('flow: a.py:f\nschedule: "0 0 31 2 *"', "6:15 cron '0 0 31 2 *' never fires: there is no such day | use a day that its months have, or L"),
        ("flow: a.py:f\nschedule: {cron: '* * * * *', timezone: Mars/Base}", "6:45 timezone 'Mars/Base' is unknown | write an IANA name such as America/New_York, or UTC"),
        ("flow: a.py:f\nschedule: {cron: '* * * * *', every: 5m}", "6:15 deployments.load.schedule names more than one of cron, every, rrule | give exactly one"),
        ("flow: a.py:f\nschedule: {paused: true}", "6:15 deployments.load.schedule names none of cron, every, rrule | give exactly one"),
        ("flow: a.py:f\nschedule: {cron: '* * * * *', calendar: holidays}", "6:45 deployments.load.schedule.calendar: there is no calendar 'holidays' | declare it under calendars:, or correct the name"),
        ("flow: a.py:f\nschedule: {cron: '* * * * *', calendar: {only: 5}}", "6:52 deployments.load.schedule.calendar.only must be a calendar's name or a list of them, this is the number 5 | write [election-day]"),
        ("flow: a.py:f\nschedule: {cron: '* * * * *', until: x}", "6:35 deployments.load.schedule: 'until' is not supported by this version | remove it; it comes with a later version of Turnout"),
        ("flow: a.py:f\nschedule: [{cron: '0 1 * * *', slug: x}, {cron: '0 2 * * *', slug: x}]", "6:46 deployments.load.schedule: two schedules are called 'x' | give one of them another slug:"),
        ("flow: a.py:f\nwas: load", "6:10 deployments.load.was: that is its name now | remove it, or name the one before"),
        ("flow: a.py:f\nwas: Load It", "6:10 deployments.load.was: 'Load It' is not a name | write 'load-it': small letters, digits and dashes, at most 63"),
        ("flow: a.py:f\nrenamed_from: fetch", "6:5 deployments.load: there is no key 'renamed_from' | use 'was'"),
        ("flow: a.py:f\nschedule: 5", "6:15 deployments.load.schedule must be a cron expression, a mapping or a list of them, this is the number 5 | write schedule: \"5 21 * * *\""),
    ],
)  # fmt: skip
def test_mistakes_in_a_deployment(root: Path, lines: str, expected: str) -> None:
    found = mistakes(root, deployment(lines))
    if lines.endswith("connection: w"):
        expected_too = (
            "6:5 deployments.load: 'connection' is for SQL files | remove it; a Python flow calls connection(\"name\")"
        )
        assert found.pop(0) == expected_too
    assert found == [expected]


def test_one_history_goes_on_in_one_and_whoever_names_the_old_one_is_told(root: Path) -> None:
    text = HEAD + (
        "deployments:\n  a: {flow: a.py:f, was: b}\n  b: {flow: a.py:f}\n"
        "  c: {flow: a.py:f, was: fetch}\n  d: {flow: a.py:f, was: fetch}\n  e: {flow: a.py:f, after: [fetch]}\n"
    )
    assert mistakes(root, text) == [
        (
            "4:26 deployments.a.was: 'b' is still there, at turnout.yaml:5:3"
            " | remove one of the two: what is renamed leaves the name 'b'"
        ),
        (
            "7:26 deployments.d.was: 'fetch' is named twice; first at turnout.yaml:6:26"
            " | its history can go on in one only: keep one of the two"
        ),
        "8:29 deployments.e.after: there is no deployment 'fetch' | it is called 'c' now",
    ]
    assert read(root, HEAD + "deployments: {a: {flow: a.py:f, was: gone}}\n").snapshot.deployments["a"].was == "gone"


CALENDARS = """\
calendars:
  election-day: {dates: [2026-11-03], windows: {blackout: "18:00-21:00"}}
  summer: {dates: [2026-06-01..2026-08-31], timezone: UTC}
deployments:
  load:
    flow: a.py:f
    schedule:
      - {cron: "0 * * * *", calendar: election-day, slug: a}
      - {every: 1h, calendar: {skip: [election-day, summer], only: summer}, slug: b}
"""


def test_a_schedule_knows_its_calendars(root: Path) -> None:
    election = CalendarSpec(
        name="election-day",
        timezone="America/New_York",
        dates=("2026-11-03",),
        windows={"blackout": "18:00-21:00"},
    )
    summer = CalendarSpec(name="summer", timezone="UTC", dates=("2026-06-01..2026-08-31",))
    one, two = read(root, HEAD + CALENDARS).snapshot.deployments["load"].schedules
    assert one.calendar == CalendarUse(skip=(election,))
    assert two.calendar == CalendarUse(skip=(election, summer), only=(summer,))


@pytest.mark.parametrize(
    ("calendar", "expected"),
    [
        ("{}", "5:3 calendar 'a' names no dates and no windows | add one of them"),
        ("{dates: [2026-02-30]}", "5:15 '2026-02-30' is not a date | write 2026-11-03, or 2026-12-24..2027-01-01"),
        ("{dates: [3 Nov]}", "5:15 calendars.a.dates: '3 Nov' is not spelled as it must be | write it like 2026-11-03"),
        (
            "{windows: {b: '18:00-18:00'}}",
            "5:20 the window '18:00-18:00' is empty | leave windows out to mean whole days",
        ),
        ("{days: [2026-11-03]}", "5:7 calendars.a: there is no key 'days' | use 'dates'"),
        ("{dates: [2026-11-03], timezone: Mars}", "5:38 timezone 'Mars' is unknown | write an IANA name"),
    ],
)
def test_mistakes_in_a_calendar(root: Path, calendar: str, expected: str) -> None:
    [found] = mistakes(root, HEAD + f"variables: {{}}\ncalendars:\n  a: {calendar}\n")
    assert found.startswith(expected)


def test_a_calendar_needs_a_zone(root: Path) -> None:
    [found] = mistakes(root, "project: p\ncalendars:\n  a: {dates: [2026-11-03]}\n")
    assert found.startswith("3:3 calendars.a is of no timezone, and the manifest names none | add timezone:")


def test_a_schedule_needs_a_zone(root: Path) -> None:
    expected = (
        "3:31 deployments.a has a schedule, and the manifest names no timezone"
        " | add timezone: America/New_York at the top, or to the schedule"
    )
    assert mistakes(root, 'project: p\ndeployments:\n  a: {flow: a.py:f, schedule: "0 6 * * *"}\n') == [expected]
    read(root, "project: p\ndeployments:\n  a: {flow: a.py:f, schedule: {every: 1h, timezone: UTC}}\n")


def test_a_bad_zone_hides_no_bad_cron(root: Path) -> None:
    text = "project: p\ntimezone: Mars\ndeployments:\n  a: {flow: a.py:f, schedule: '0 0 31 2 *'}\n"
    assert [line.partition(" |")[0] for line in mistakes(root, text)] == [
        "2:11 timezone 'Mars' is unknown",
        "4:31 cron '0 0 31 2 *' never fires: there is no such day",
    ]


def test_a_circle_of_after_is_named_once(root: Path) -> None:
    text = (
        HEAD
        + "deployments:\n"
        + "".join(
            f"  {name}: {{flow: a.py:f, after: [{after}]}}\n"
            for name, after in (("a", "b"), ("b", "c"), ("c", "a"), ("d", "a"))
        )
    )
    assert mistakes(root, text) == [
        "6:21 deployments wait for each other in a circle: a -> b -> c -> a | remove one of them"
    ]


def test_all_mistakes_come_at_once_in_reading_order(root: Path) -> None:
    found = mistakes(
        root,
        """\
        project: P
        nonsense: 1
        deployments:
          one: {flow: missing.py:f, retries: x}
          two: {flow: a.py:f, after: [nobody]}
        """,
    )
    assert [line.partition(" ")[0] for line in found] == ["1:10", "2:1", "4:15", "4:38", "5:31"]


def test_a_bad_file_is_an_error_and_never_half_read(root: Path) -> None:
    (root / "turnout.yaml").write_text(HEAD + "deployments:\n  a: {flow: a.py:f}\n  b: {flow: a.py:f, retries: x}\n")
    with pytest.raises(ManifestError, match=r"deployments\.b\.retries must be") as caught:
        load_manifest(root)
    assert caught.value.where == "turnout.yaml:5:30"


def test_the_first_of_several_names_the_number_of_the_others(root: Path) -> None:
    (root / "turnout.yaml").write_text("nonsense: 1\nproject: X\n")
    with pytest.raises(ManifestError) as caught:
        load_manifest(root)
    assert caught.value.__notes__ == ["and 1 more: `turnout check` shows them all"]


def test_the_project_s_name_can_be_read_whatever_else_is_wrong(root: Path) -> None:
    (root / "turnout.yaml").write_text("project: field\nnonsense: 1\n")
    assert project_name(root) == "field"
    (root / "turnout.yaml").write_text("project: Field\n")
    with pytest.raises(ManifestError, match="'Field' is not a name"):
        project_name(root)
    (root / "turnout.yaml").write_text("timezone: UTC\n")
    with pytest.raises(ManifestError, match="'project' is missing"):
        project_name(root)


def test_unused_secrets_are_warnings(root: Path) -> None:
    (root / "turnout.yaml").write_text(HEAD + "secrets:\n  van: {fields: [api_key]}\n")
    problems = Problems()
    read_manifest(root, problems)
    (warning,) = problems.warnings
    assert (warning.where, warning.what) == ("turnout.yaml:4:3", "no deployment uses the secret 'van'")


def test_a_link_out_of_the_project_is_refused(root: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("outside") / "x.py"
    outside.write_text("")
    (root / "x.py").symlink_to(outside)
    assert mistakes(root, deployment("flow: x.py:f")) == [
        "5:11 'x.py' is a link out of the project | put the file itself into the project"
    ]


@pytest.mark.parametrize(
    "text",
    [
        "{{7*7}}",
        "{{''.__class__.__mro__}}",
        "${jndi}",
        "{0.__init__.__globals__}",
        "%(x)s",
        "$(id)",
        "`id`",
        "{% raw %}",
    ],
)
def test_what_looks_like_a_template_is_text(root: Path, text: str) -> None:
    manifest = read(
        root,
        f"""\
        project: field
        timezone: UTC
        variables: {{a: {text!a}}}
        deployments:
          load:
            flow: a.py:load
            description: {text!a}
            tags: [{text!a}]
            parameters: {{a: {text!a}}}
            schedule: {{every: 1h, parameters: {{a: {text!a}}}}}
        """,
    )
    load = manifest.snapshot.deployments["load"]
    assert (load.description, load.tags) == (text, (text,))
    assert (load.parameters, load.schedules[0].parameters) == ({"a": text}, {"a": text})
    assert manifest.snapshot.variables == {"a": text}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("${jndi:ldap://x}", "there is no reference 'jndi'"),
        ("${env:HOME}", "there is no reference 'env'"),
        ("${var:__class__}", "there is no variable '__class__'"),
        ("${var:a.__class__}", "there is no variable 'a.__class__'"),
        ("${var:${var:nothing}}", "there is no variable 'nothing'"),
        ("${secret:van.api_key}", "a secret cannot be a parameter"),
    ],
)
def test_a_reference_is_a_variable_s_name_and_no_expression(root: Path, text: str, expected: str) -> None:
    head = "project: field\ntimezone: UTC\nvariables: {a: 1}\nsecrets: {van: {fields: [api_key]}}\n"
    found = mistakes(root, head + f"deployments: {{load: {{flow: a.py:load, parameters: {{a: [{text!r}]}}}}}}\n")
    assert len(found) == 1
    assert found[0].startswith("5:56 deployments.load.parameters: " + expected)
