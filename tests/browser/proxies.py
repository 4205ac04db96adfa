"""A reverse proxy as small as one can be: gives a server a path of its own, and hands on what is behind that path."""

import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

HOP = ("connection", "keep-alive", "transfer-encoding", "content-length", "host")
"""What is said between two neighbours only."""


@contextmanager
def stripping(upstream: str, prefix: str) -> Iterator[str]:
    """The address of a proxy that shows `upstream` below `prefix`, which the server itself never sees in a path."""
    server = urlsplit(upstream)

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            pass

        def handle_any(self) -> None:
            if not self.path.startswith(f"{prefix}/"):
                self.send_error(404, "nothing of ours")
                return
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            headers = {name: value for name, value in self.headers.items() if name.lower() not in HOP}
            headers["Host"] = self.headers["host"]
            onward = http.client.HTTPConnection(server.hostname or "", server.port, timeout=60)
            try:
                onward.request(self.command, self.path.removeprefix(prefix), body or None, headers)
                self._answer(onward.getresponse())
            except OSError:
                pass  # one of the two neighbours is gone
            finally:
                onward.close()

        def _answer(self, answer: http.client.HTTPResponse) -> None:
            self.send_response_only(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in HOP:
                    self.send_header(name, value)
            self.send_header("Connection", "close")
            self.end_headers()
            while part := answer.read1(65536):
                self.wfile.write(part)
                self.wfile.flush()

        do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = handle_any

    proxy = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    proxy.daemon_threads = True
    thread = threading.Thread(target=proxy.serve_forever, name="proxy")
    thread.start()
    try:
        yield f"http://127.0.0.1:{proxy.server_address[1]}{prefix}"
    finally:
        proxy.shutdown()
        thread.join()
        proxy.server_close()
