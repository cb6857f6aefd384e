"""How does a test run nginx before a server? With a configuration of its own, in a folder of its own, until the block ends."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

_PROGRAM = """
daemon off; master_process off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log warn;
events {{ worker_connections 64; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxied; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    {inner}
}}
"""


@contextmanager
def running(folder: Path, inner: str, *, port: int) -> Iterator[None]:
    """Run nginx with what stands within `http { }`, and go on when it listens on the port."""
    (folder / "nginx.conf").write_text(_PROGRAM.format(folder=folder, inner=inner))
    arguments = ["-p", str(folder), "-e", str(folder / "error.log"), "-c", str(folder / "nginx.conf")]
    program = subprocess.Popen([_nginx(), *arguments])
    try:
        _wait_until_it_listens(program, folder, port)
        yield
    finally:
        program.terminate()
        program.wait(20)


def _wait_until_it_listens(program: "subprocess.Popen[bytes]", folder: Path, port: int) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        assert program.poll() is None, (folder / "error.log").read_text()
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.01)
        else:
            return
    raise AssertionError("nginx does not listen")


def _nginx() -> str:
    """Return where nginx is, which every machine that lands changes must have; elsewhere the test is left out."""
    found = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if found is None:
        if os.environ.get("CI") == "true":
            pytest.fail("nginx is not installed: .ci/run installs it")
        pytest.skip("nginx is not installed (Debian: apt install nginx-light)")
    return found
