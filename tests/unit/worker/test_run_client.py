import pytest

from tests.unit.worker.stub_server import StubServer
from turnout.core import errors
from turnout.worker.run_client import RunClient

RUN = "0" * 32


def test_calls_over_one_connection(stub: StubServer) -> None:
    client = RunClient(stub.url, "token")
    assert client.ship(RUN, 1, 0, 0, b"{}\n") == 0
    connection = client._connection
    assert client.heartbeat(RUN, 1, wait=0) == (None, None)
    client.report(RUN, 1, "lost", "why")
    assert stub.reports == [(RUN, 1, "lost", "why")]
    assert client._connection is connection
    client.close()


def test_command_arrives_while_waiting(stub: StubServer) -> None:
    client = RunClient(stub.url, "token")
    stub.commands[RUN] = "enough"
    assert client.heartbeat(RUN, 1, wait=30) == ("cancel", "enough")
    client.close()


def test_problems_become_errors(stub: StubServer) -> None:
    client = RunClient(stub.url, "token")
    with pytest.raises(errors.Conflict, match="gap"):
        client.ship(RUN, 1, 0, 7, b"{}\n")
    stub.fenced.add((RUN, "token"))
    with pytest.raises(errors.Fenced):
        client.ship(RUN, 1, 0, 0, b"{}\n")
    client.close()


def test_restarted_server_is_reached_again(stub: StubServer) -> None:
    client = RunClient(stub.url, "token")
    client.ship(RUN, 1, 0, 0, b"{}\n")
    assert client._connection is not None
    assert client._connection.sock is not None
    client._connection.sock.shutdown(2)
    assert client.ship(RUN, 1, 0, 1, b"{}\n") == 1
    client.close()


def test_no_server(stub: StubServer) -> None:
    client = RunClient("http://127.0.0.1:1", "token")
    with pytest.raises(errors.ServerUnreachable):
        client.ship(RUN, 1, 0, 0, b"{}\n")
