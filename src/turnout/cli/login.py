"""`turnout login`: a link that opens the server's pages."""

from turnout.cli import output
from turnout.cli.command import command_app
from turnout.cli.target import server_api

app = command_app()


@app.command()
def login() -> None:
    """Print a link that logs one browser in, once.

    It works for ten minutes.
    """
    with server_api() as api:
        output.show(output.escape(api.login_link()))
