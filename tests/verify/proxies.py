"""A real nginx and a real Caddy before an application that says which headers it got: who signed is asked of the server."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from api.world import World
from verify.stage import SECRET, port_of

ANSWERED = ("principal-arn", "account", "user-id", "access-key-id", "identity-id", "identity-pool-id", "content-sha256")

_NGINX = """
daemon off; pid {folder}/nginx.pid; error_log stderr; worker_processes 1;
events {{}}
http {{
  access_log off; client_body_temp_path {folder}/a; proxy_temp_path {folder}/b; fastcgi_temp_path {folder}/c;
  uwsgi_temp_path {folder}/d; scgi_temp_path {folder}/e; large_client_header_buffers 4 16k;
  server {{
    listen 127.0.0.1:{port};
    location / {{
      auth_request /_verify;
      {sets}
      proxy_set_header Host $http_host;
      proxy_pass {upstream};
    }}
    location = /_verify {{
      internal;
      proxy_pass {verifier};
      proxy_pass_request_body off;
      proxy_set_header Content-Length "";
      proxy_set_header Host $http_host;
      proxy_set_header X-Original-Method $request_method;
      proxy_set_header X-Original-URI $request_uri;
      proxy_set_header X-Original-Host $http_host;
      proxy_set_header X-Original-Content-Length $http_content_length;
      proxy_set_header X-Original-Address $remote_addr;
      proxy_set_header X-Poolkeeper-Verifier {secret};
    }}
  }}
}}
"""
_CADDY = """
{{
  admin off
  auto_https off
}}
http://127.0.0.1:{port} {{
  route {{
    request_header -Connection
    forward_auth {verifier_host} {{
      uri {verifier_path}
      header_up X-Poolkeeper-Verifier {secret}
      header_up X-Original-Content-Length {{http.request.header.Content-Length}}
      copy_headers {copied}
    }}
    reverse_proxy {upstream_host}
  }}
}}
"""


@contextmanager
def nginx(world: World, verifier: str, upstream: str, folder: Path) -> Iterator[str]:
    """Run nginx before an upstream; hand out its address."""
    sets = [
        f"auth_request_set $pk{at} $upstream_http_x_poolkeeper_{name.replace('-', '_')};\n"
        f"      proxy_set_header X-Poolkeeper-{name} $pk{at};"
        for at, name in enumerate(ANSWERED)
    ]
    text = _NGINX.format(
        folder=folder,
        port=port_of("nginx"),
        sets="\n      ".join(sets),
        upstream=upstream,
        verifier=f"{ours(world)}/verify/{verifier}-nginx",
        secret=SECRET,
    )
    file = folder / "nginx.conf"
    file.write_text(text)
    program = shutil.which("nginx") or "/usr/sbin/nginx"
    with _running([program, "-p", str(folder), "-c", str(file)], "nginx", folder) as url:
        yield url


@contextmanager
def caddy(world: World, verifier: str, upstream: str, folder: Path) -> Iterator[str]:
    """Run Caddy before an upstream; hand out its address."""
    text = _CADDY.format(
        port=port_of("caddy"),
        verifier_host=ours(world).partition("://")[2],
        verifier_path=f"/verify/{verifier}-caddy",
        secret=SECRET,
        copied=" ".join(f"X-Poolkeeper-{name}" for name in ANSWERED),
        upstream_host=upstream.partition("://")[2],
    )
    file = folder / "Caddyfile"
    file.write_text(text)
    with _running(["caddy", "run", "--config", str(file), "--adapter", "caddyfile"], "caddy", folder) as url:
        yield url


def ours(world: World) -> str:
    """Return the server's address in numbers: a proxy would ask the IPv6 one of `localhost` first."""
    return world.url.replace("localhost", "127.0.0.1")


def telling(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer with method, address and the headers that say who signed: an application behind a proxy."""
    names = sorted(name for name in environ if name.startswith("HTTP_X_POOLKEEPER_"))
    told = [f"{environ['REQUEST_METHOD']} {environ['RAW_URI']}", *(f"{name}={environ[name]}" for name in names)]
    environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    start_response("200 OK", [("content-type", "text/plain")])
    return ["\n".join(told).encode()]


@contextmanager
def _running(command: list[str], front: str, folder: Path) -> Iterator[str]:
    port = port_of(front)
    environment = {**os.environ, "HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    with (
        (folder / f"{front}.log").open("wb") as log,
        subprocess.Popen(command, stdout=log, stderr=log, env=environment) as process,
    ):
        try:
            _wait(port, process)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(30)


def _wait(port: int, process: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        assert process.poll() is None, "the proxy ended"
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("the proxy does not listen")
