"""`turnout doctor`: is everything in order here, and does the database keep what Turnout promises?"""

from typing import Annotated

import typer

from turnout.cli import layout, output
from turnout.cli.command import command_app
from turnout.cli.target import settings
from turnout.local.doctor import Sign, Verdict, class_sizes, signs, size, verdicts
from turnout.store.invariants import Finding
from turnout.store.sizes import ClassSize

app = command_app()
SIGNS = {"ok": ("green", "✓"), "note": ("cyan", "i"), "warning": ("yellow", "!"), "error": ("red", "✗")}


@app.command()
def doctor(
    invariants: Annotated[bool, typer.Option("--invariants", help="Check every promise on the database.")] = False,
    sizes: Annotated[bool, typer.Option("--sizes", help="Show what takes how much room, and how it grows.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Look at this installation; changes nothing, also beside a running server.

    Exit code 1 if something is wrong.
    """
    found = settings()
    if invariants:
        with output.busy("checking every promise", quiet=as_json):
            judged = verdicts(found)
        _print_verdicts(judged, as_json=as_json)
        raise typer.Exit(int(any(verdict.findings for verdict in judged)))
    if sizes:
        _print_sizes(class_sizes(found), as_json=as_json)
        return
    seen = list(signs(found))
    if as_json:
        output.print_json(seen)
    else:
        for sign in seen:
            _print_sign(sign)
    raise typer.Exit(int(any(sign.state == "error" for sign in seen)))


def _print_sign(sign: Sign) -> None:
    colour, mark = SIGNS[sign.state]
    layout.fact(f"{mark} {sign.name}", f"[{colour}]{output.escape(sign.says)}[/{colour}]", wide=14)
    for label, text in (("where", sign.where), ("fix", sign.fix)):
        if text and sign.state != "ok":
            layout.fact("", f"{label}: {output.escape(text)}", wide=14)


def _print_sizes(found: list[ClassSize], *, as_json: bool) -> None:
    if as_json:
        output.print_json(found)
        return
    headings = ("CLASS", "ROWS", "SIZE", "ROWS A DAY", "GROWS A DAY BY")
    layout.table(headings, (_size_row(item) for item in found), "")


def _size_row(item: ClassSize) -> list[str]:
    daily = "-" if item.rows_a_day is None else f"{item.rows_a_day:,.0f}"
    return [item.name, f"{item.rows:,}", _size(item.bytes), daily, _size(item.bytes_a_day)]


def _size(count: float | None) -> str:
    return "-" if count is None else size(int(count))


def _print_verdicts(judged: list[Verdict], *, as_json: bool) -> None:
    if as_json:
        output.print_json([_plain(verdict) for verdict in judged])
        return
    layout.table(("", "PROMISE", "", "HERE AND NOW"), (_row(verdict) for verdict in judged), "")
    findings = [finding for verdict in judged for finding in verdict.findings]
    for finding in findings:
        _print_finding(finding)
    broken, checked = sum(bool(v.findings) for v in judged), sum(bool(v.checked) for v in judged)
    output.say(f"{checked} of {len(judged)} promises checked on this database, {broken} broken")


def _row(verdict: Verdict) -> list[str]:
    item = verdict.promise
    if verdict.findings:
        count = sum(finding.count for finding in verdict.findings)
        return ["[red]✗[/red]", item.key, item.title, f"[red]broken: {count} findings[/red]"]
    if verdict.checked:
        rest = f"; not yet: {item.missing}" if item.missing else ""
        return ["[green]✓[/green]", item.key, item.title, f"{_counted(len(verdict.checked))}{rest}"]
    if item.missing:
        return [" ", item.key, item.title, f"[yellow]not yet: {item.missing}[/yellow]"]
    return ["·", item.key, item.title, f"a database cannot show it; proven by: {', '.join(item.harnesses)}"]


def _counted(invariants: int) -> str:
    return "1 invariant holds" if invariants == 1 else f"{invariants} invariants hold"


def _print_finding(finding: Finding) -> None:
    output.say(f"[red]{finding.promise}: {output.escape(finding.what)}[/red]")
    for key, detail in list(zip(finding.ids, finding.details, strict=True))[:5]:
        output.say(f"  where: {output.escape(f'{key}: {detail}' if detail else key)}")
    if finding.count > 5:
        output.say(f"         and {finding.count - 5} more")
    output.say(f"    fix: {output.escape(finding.fix)}")


def _plain(verdict: Verdict) -> dict[str, object]:
    item = verdict.promise
    state = "broken" if verdict.findings else "holds" if verdict.checked else "not yet" if item.missing else "by tests"
    return {
        "promise": item.key,
        "title": item.title,
        "words": item.words,
        "state": state,
        "checked": verdict.checked,
        "harnesses": item.harnesses,
        "missing": item.missing,
        "findings": verdict.findings,
    }
