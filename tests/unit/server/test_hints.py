import asyncio
import contextlib
import threading

import pytest

from turnout.server.hints import LoopHints, NearHints

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def hints(anyio_backend: str) -> LoopHints:
    found = LoopHints()
    found.start()
    return found


async def test_a_hint_from_another_thread_wakes_the_waiter(hints: LoopHints) -> None:
    with hints.listen("run:1") as bell:
        threading.Thread(target=hints.notify, args=("run:1",)).start()
        assert await bell.wait(20)


async def test_a_hint_between_looking_and_waiting_is_not_lost(hints: LoopHints) -> None:
    with hints.listen("run:1") as bell:
        hints.notify("run:1")
        await asyncio.sleep(0)
        assert await bell.wait(20)
        assert not await bell.wait(0.01), "one hint rings once"


async def test_other_topics_do_not_ring(hints: LoopHints) -> None:
    with hints.listen("run:1") as bell:
        hints.notify("run:2")
        assert not await bell.wait(0.01)


async def test_every_listener_is_woken(hints: LoopHints) -> None:
    with hints.listen("pool:a") as first, hints.listen("pool:a") as second:
        hints.notify("pool:a")
        assert await asyncio.gather(first.wait(20), second.wait(20)) == [True, True]


async def test_stopping_lets_everybody_go_and_keeps_them_gone(hints: LoopHints) -> None:
    with hints.listen("run:1") as bell:
        waiting = asyncio.create_task(bell.wait(20))
        await asyncio.sleep(0)
        hints.stop()
        assert await waiting
        assert bell.stopped()
    with hints.listen("run:1") as late:
        assert late.stopped()


async def test_a_client_that_left_is_woken_alone(hints: LoopHints) -> None:
    with hints.listen("run:1") as gone, hints.listen("run:1") as here:
        gone.leave()
        assert await gone.wait(20)
        assert gone.stopped()
        assert not here.stopped()


async def test_nothing_is_kept_of_who_stopped_listening(hints: LoopHints) -> None:
    with hints.listen("run:1"), hints.listen("run:1"):
        pass
    assert hints._bells == {}


async def test_others_are_told_of_everything(hints: LoopHints) -> None:
    told: list[str] = []
    hints.forward(told.append)
    hints.notify("service:scheduler")
    assert told == ["service:scheduler"]


def test_hints_without_a_loop_or_after_it_harm_nobody() -> None:
    hints = LoopHints()
    hints.notify("run:1")

    async def start() -> None:
        hints.start()
        hints._bells["run:1"] = set()

    asyncio.run(start())
    hints.notify("run:1")
    hints.notify("run:1")


def test_what_is_notified_here_goes_to_other_servers_and_what_they_notify_does_not_come_back() -> None:
    hints = LoopHints()
    near: list[str] = []
    far: list[str] = []
    hints.forward(near.append)
    hints.broadcast(far.append)
    hints.notify("run:1")
    hints.deliver("run:2")
    NearHints(hints).notify("run:3")
    assert (near, far) == (["run:1", "run:2", "run:3"], ["run:1"])


async def test_a_hint_rings_one_of_those_in_line(hints: LoopHints) -> None:
    with hints.stand_in("pool:a") as first, hints.stand_in("pool:a") as second, hints.stand_in("pool:b") as other:
        hints.deliver("pool:a")
        assert await first.bell.wait(20)
        assert not second.bell.rung()
        assert not other.bell.rung()


async def test_two_hints_ring_two_even_before_the_first_has_looked(hints: LoopHints) -> None:
    with hints.stand_in("pool:a") as first, hints.stand_in("pool:a") as second, hints.stand_in("pool:a") as third:
        hints.deliver("pool:a")
        hints.deliver("pool:a")
        assert await second.bell.wait(20)
        assert first.bell.rung()
        assert not third.bell.rung()


async def test_leaving_the_line_rings_the_next(hints: LoopHints) -> None:
    with contextlib.ExitStack() as outer:
        second = None
        with hints.stand_in("pool:a") as first:
            second = outer.enter_context(hints.stand_in("pool:a"))
            assert first.first()
            assert not second.first()
            hints.deliver("pool:a")
            await asyncio.sleep(0)  # it was rung, and leaves without having looked
        assert await second.bell.wait(20)
        assert second.first()


async def test_who_sees_work_for_several_calls_others_but_not_itself(hints: LoopHints) -> None:
    with contextlib.ExitStack() as stack:
        places = [stack.enter_context(hints.stand_in("pool:a")) for _ in range(4)]
        assert places[1].waiting == 4
        places[1].call_others(2)
        assert [place.bell.called for place in places] == [True, False, True, False]
        assert [place.bell.rung() for place in places] == [True, False, True, False]


async def test_what_cannot_be_taken_is_passed_on_behind_only(hints: LoopHints) -> None:
    with contextlib.ExitStack() as stack:
        places = [stack.enter_context(hints.stand_in("pool:a")) for _ in range(3)]
        places[1].pass_on()
        assert [place.bell.rung() for place in places] == [False, False, True]
        assert not places[2].bell.called
        places[2].pass_on()
        assert [place.bell.rung() for place in places] == [False, False, True], "the last passes on to nobody"


async def test_stopping_lets_everybody_in_line_go(hints: LoopHints) -> None:
    with contextlib.ExitStack() as stack:
        places = [stack.enter_context(hints.stand_in("pool:a")) for _ in range(3)]
        hints.stop()
        assert all([await place.bell.wait(20) and place.bell.stopped() for place in places])
