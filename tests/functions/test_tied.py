"""What has a program of the server that started it? A socket and a pipe; and no life of its own after it."""

import asyncio
import fcntl
import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import uvloop

from functions.setting_up import ARN, EVENT, POOL, dies, entry, set_up, settings_of

# What a server is, as far as a function can tell: it starts a handler that never ends, and is killed meanwhile.
SERVER = """
import sys
from pathlib import Path
from functions.setting_up import entry, invoke, settings_of

folder, handler = sys.argv[1:]
invoke(settings_of(Path(folder), entry(transport="local", handler=handler)), seconds=60)
"""
LISTING = """
import contextlib, os

def handler(event, context):
    files = {}
    for number in os.listdir("/proc/self/fd"):
        with contextlib.suppress(OSError):  # The list itself was open, too.
            files[number] = os.readlink(f"/proc/self/fd/{number}")
    return files
"""
BUSY = {
    "python:busy:handler": (
        "busy.py",
        (
            "import os\n\ndef handler(event, context):\n    os.replace(NEW, 'busy.pid')\n    while True: pass\n\n"
            "NEW = 'new.pid'\nwith open(NEW, 'w') as file: file.write(str(os.getpid()))\n"
        ),
    ),
    "node:./busy.mjs#handler": (
        "busy.mjs",
        (
            "import fs from 'node:fs';\nexport const handler = () => { fs.writeFileSync('new.pid', `${process.pid}`);\n"
            "fs.renameSync('new.pid', 'busy.pid'); for (;;); };\n"
        ),
    ),
}


def test_a_program_keeps_nothing_that_its_server_holds_open(tmp_path: Path) -> None:
    """Inheritable listeners and pipes included, of which uvloop closes none for a program."""
    (tmp_path / "mine.py").write_text(LISTING)
    settings = settings_of(tmp_path, entry(transport="local", handler="python:mine:handler"))

    async def listed() -> dict[str, str]:
        async with set_up(settings) as functions:
            files: dict[str, str] = await functions.invoke(ARN, EVENT, pool_id=POOL)
            return files

    with socket.create_server(("127.0.0.1", 0)) as listening, socket.create_server(("127.0.0.1", 0)) as other:
        for ours in (listening, other):
            ours.set_inheritable(True)
        # One below and one above the numbers that the program's own socket may have. It is the system that picks the upper
        # one: a number written here may be the connection of a server that runs beside.
        above = fcntl.fcntl(other.fileno(), fcntl.F_DUPFD, 200)
        try:
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                files = runner.run(listed())
        finally:
            os.close(above)

    kinds = {number: name.partition(":")[0] for number, name in files.items()}
    assert {number: kind for number, kind in kinds.items() if int(number) < 3} == {
        "0": "/dev/null",
        "1": "pipe",
        "2": "pipe",
    }
    assert [kind for number, kind in kinds.items() if int(number) > 2] == ["socket"]


@pytest.mark.parametrize("handler", BUSY)
def test_a_program_that_is_busy_ends_with_a_server_that_is_killed(tmp_path: Path, handler: str) -> None:
    """It never looks at its socket, so the system has to end it."""
    name, text = BUSY[handler]
    (tmp_path / name).write_text(text)
    server = subprocess.Popen(
        [sys.executable, "-c", SERVER, str(tmp_path), handler],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    try:
        process = _number_in(tmp_path / "busy.pid", server)
        assert Path(f"/proc/{process}").exists()
    finally:
        server.kill()
        server.wait()
    assert dies(process)


def _number_in(file: Path, server: "subprocess.Popen[Any]") -> int:
    """Return what a handler writes once it is under way."""
    while not file.exists():
        assert server.poll() is None
        time.sleep(0.01)
    return int(file.read_text())
