from turnout.worker.stopping import DUMP_SECONDS, Deadlines, Stop, StopPlan


def test_cancel_asks_and_then_kills_until_nothing_is_left() -> None:
    plan = StopPlan(Stop("cancelled", "why", 10.0), now=100.0)
    assert plan.due(100.0) == ["term"]
    assert plan.due(100.9) == []
    assert plan.due(110.0) == ["kill"]
    assert plan.due(110.1) == []
    assert plan.due(110.3) == ["kill"]


def test_who_was_asked_is_woken_each_second_until_the_kill() -> None:
    """A signal that comes just before a blocking call is heard with the next one."""
    plan = StopPlan(Stop("cancelled", "why", 2.5), now=0.0)
    assert plan.due(0.0) == ["term"]
    assert (plan.next_at, plan.due(1.0)) == (1.0, ["wake"])
    assert (plan.next_at, plan.due(2.0)) == (2.0, ["wake"])
    assert (plan.next_at, plan.due(2.5)) == (2.5, ["kill"])


def test_timeout_looks_before_it_asks() -> None:
    plan = StopPlan(Stop("failed", "late", 2.0, dump=True), now=0.0)
    assert plan.due(0.0) == ["dump"]
    assert plan.due(DUMP_SECONDS) == ["term"]
    assert plan.due(DUMP_SECONDS + 2.0) == ["kill"]


def test_late_caller_gets_every_step_in_order() -> None:
    assert StopPlan(Stop("failed", "late", 2.0, dump=True), now=0.0).due(60.0) == ["dump", "term", "kill"]


def test_hurry_leaves_only_the_kill() -> None:
    plan = StopPlan(Stop("cancelled", "why", 10.0), now=0.0)
    plan.hurry(1.0)
    assert plan.due(1.0) == ["kill"]


def test_only_a_cancel_lets_the_engines_word_stand() -> None:
    assert not Stop("cancelled", "", 1.0).overrules
    assert Stop("failed", "", 1.0).overrules
    assert Stop("lost", "", 1.0).overrules


def test_deadline_is_overdue_a_grace_later() -> None:
    deadlines = Deadlines(grace=5.0)
    deadlines.feed(b"deadline 4 1003.0 load rows\n", unix=1000.0, monotonic=50.0)
    assert deadlines.next_at == 58.0
    assert deadlines.overdue(57.9) is None
    assert deadlines.overdue(58.0) == ("load rows", 3.0)


def test_deadlines_come_in_pieces_and_are_cleared() -> None:
    deadlines = Deadlines(grace=0.0)
    for piece in (b"dead", b"line 1 10 a\ndeadline 2", b" 20 b\nclear 1\n"):
        deadlines.feed(piece, unix=0.0, monotonic=0.0)
    assert deadlines.next_at == 20.0


def test_what_is_no_deadline_is_ignored() -> None:
    deadlines = Deadlines(grace=0.0)
    deadlines.feed(b"\xff\ndeadline x y z\nclear\ndeadline 1 soon a\nwake\n", unix=0.0, monotonic=0.0)
    assert deadlines.next_at is None
