from turnout.worker.stack_dump import is_dump_line, locate

DUMP = """\
Thread 0x00007f0000000001 (most recent call first):
  File "/usr/lib/python3.11/socket.py", line 7 in recv
  File "/bundle/flows/van.py", line 30 in load
  File "/usr/lib/python3.11/threading.py", line 900 in run

Current thread 0x00007f0000000000 (most recent call first):
  File "/venv/turnout/engine/runs/drivers.py", line 5 in wait
  File "/bundle/flows/van.py", line 12 in update
  File "/venv/turnout/engine/__main__.py", line 9 in execute
""".splitlines()


def test_main_threads_innermost_user_frame() -> None:
    assert locate(DUMP, "/bundle") == "update at flows/van.py:12"


def test_thread_inside_the_named_task_goes_first() -> None:
    assert locate(DUMP, "/bundle", "load") == "load at flows/van.py:30"


def test_dump_without_user_code_names_nothing() -> None:
    assert locate(DUMP, "/elsewhere") is None
    assert locate([], "/bundle") is None


def test_dump_lines_are_told_from_output() -> None:
    assert [is_dump_line(line) for line in (DUMP[0], DUMP[1], "hello", "")] == [True, True, False, False]
