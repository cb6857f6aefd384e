"""How do the pages' tests reach an app as a browser would? A server of their own on loopback."""

import asyncio
import contextlib
import threading
from collections.abc import Iterator

import uvicorn
from starlette.applications import Starlette

_TURNS = 5


@contextlib.contextmanager
def serve(app: Starlette, stopping: asyncio.Event | None = None) -> Iterator[str]:
    """Serve an app on a free port of loopback; on the way out `stopping` is set, and it must stop by itself."""
    config = uvicorn.Config(app, port=0, log_config=None, access_log=False, lifespan="off")
    server = uvicorn.Server(config)
    started = threading.Event()

    async def run() -> None:
        asyncio.get_running_loop().call_later(0, _tell_when_started, server, started)
        await server.serve()
        # Connections that were closed are let go one turn later; a loop that ends before leaves them open.
        for _ in range(_TURNS):
            await asyncio.sleep(0)

    def end() -> None:
        server.should_exit = True
        if stopping is not None:
            stopping.set()

    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_until_complete, args=[run()])
    thread.start()
    assert started.wait(10)
    try:
        yield f"http://localhost:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        loop.call_soon_threadsafe(end)
        thread.join(10)
        alive = thread.is_alive()
        if alive:
            server.force_exit = True
            thread.join()
        loop.close()
    assert not alive, "an open stream held up the end"


def _tell_when_started(server: uvicorn.Server, started: threading.Event) -> None:
    if server.started:
        started.set()
    else:
        asyncio.get_running_loop().call_later(0.01, _tell_when_started, server, started)
