"""How does a test come to an object store that checks tokens itself? Ceph of Debian's packages, unpacked and not installed.

One monitor, one OSD that keeps everything in memory, and the S3 gateway, all on loopback and all of one folder. `apt-get` fetches
some 65 packages (69 MB) into `.bench/ceph` once.
"""

import contextlib
import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx

from ports import free_ports

CACHE = Path(__file__).resolve().parents[2] / ".bench" / "ceph"
PACKAGES = ("ceph-mon", "ceph-osd", "radosgw")
_STS_KEY = "sixteen-letters!"  # what seals the session tokens of a gateway that lives for one test
_SECONDS_TO_ANSWER = 180
_CONFIGURATION = """[global]
fsid = {fsid}
mon_host = v2:127.0.0.1:{mon_port}
public_addr = 127.0.0.1
keyring = {folder}/keyring
run_dir = {folder}
admin_socket = {folder}/$name.asok
log_file = {folder}/$name.log
pid_file = {folder}/$name.pid
erasure_code_dir = {libraries}/ceph/erasure-code
plugin_dir = {libraries}/ceph
osd_class_dir = {libraries}/rados-classes
osd_pool_default_size = 1
osd_pool_default_min_size = 1
osd_pool_default_pg_num = 4
osd_pool_default_pgp_num = 4
osd_crush_chooseleaf_type = 0
mon_allow_pool_size_one = true
mon_max_pg_per_osd = 1000
[mon.a]
mon_data = {folder}/mon
[osd.0]
osd_data = {folder}/osd
osd_objectstore = memstore
memstore_device_bytes = 268435456
[client.rgw]
rgw_frontends = beast endpoint=127.0.0.1:{port}
rgw_enable_apis = s3, sts, iam, admin
rgw_s3_auth_use_sts = true
rgw_sts_key = {sts_key}
rgw_thread_pool_size = 16
"""


@dataclass(frozen=True, slots=True)
class Gateway:
    """An S3 gateway that answers, and the keys of the user who owns what is in it."""

    url: str
    access_key_id: str
    secret_access_key: str


@contextlib.contextmanager
def running(folder: Path) -> Iterator[Gateway]:
    """Start Ceph in a folder of its own and end it again; S3 answers after a quarter of a minute or so."""
    root = _unpacked()
    mon_port, port = free_ports(2)
    libraries = root / "usr/lib/x86_64-linux-gnu"
    environment = _environment(root) | {"CEPH_CONF": str(folder / "ceph.conf")}
    fsid = _run(environment, "uuidgen").strip()
    (folder / "ceph.conf").write_text(
        _CONFIGURATION.format(
            fsid=fsid, mon_port=mon_port, folder=folder, libraries=libraries, port=port, sts_key=_STS_KEY
        )
    )
    _make_monitor(environment, folder, fsid, mon_port)
    with contextlib.ExitStack() as started:
        started.enter_context(_process(environment, folder, "ceph-mon", "-i", "a", "-f"))
        _make_osd(environment, folder)
        started.enter_context(_process(environment, folder, "ceph-osd", "-i", "0", "-f"))
        started.enter_context(_process(environment, folder, "radosgw", "-n", "client.rgw", "-f"))
        url = f"http://127.0.0.1:{port}"
        _wait_until_it_answers(url, folder)
        yield _owner(environment, url)


def _unpacked() -> Path:
    """Return the folder into which the packages were unpacked, fetched where that was not done yet."""
    root, packages = CACHE / "root", CACHE / "packages"
    if (root / ".complete").exists():
        return root
    shutil.rmtree(CACHE, ignore_errors=True)
    packages.mkdir(parents=True)
    plan = subprocess.run(
        ["apt-get", "--simulate", "--no-install-recommends", "install", *PACKAGES],
        check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    names = [line.split()[1] for line in plan.splitlines() if line.startswith("Inst ")]
    subprocess.run(["apt-get", "--quiet", "download", *names], check=True, cwd=packages, stdout=subprocess.DEVNULL)
    for package in sorted(packages.glob("*.deb")):
        subprocess.run(["dpkg", "-x", str(package), str(root)], check=True)
    (root / ".complete").touch()
    return root


def _environment(root: Path) -> dict[str, str]:
    libraries = [
        root / "usr/lib/x86_64-linux-gnu",
        root / "usr/lib/x86_64-linux-gnu/ceph",
        root / "lib/x86_64-linux-gnu",
    ]
    python = root / "usr/lib/python3/dist-packages"
    kept = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    return kept | {
        "PATH": f"{root / 'usr/bin'}:{root / 'usr/sbin'}:{os.environ['PATH']}",
        "LD_LIBRARY_PATH": ":".join(map(str, libraries)),
        "PYTHONPATH": str(python),
    }


def _make_monitor(environment: Mapping[str, str], folder: Path, fsid: str, port: int) -> None:
    keyring = str(folder / "keyring")
    caps = ("--cap", "mon", "allow *", "--cap", "osd", "allow *", "--cap", "mgr", "allow *")
    create = ("ceph-authtool", keyring, "--gen-key")
    _run(environment, *create, "--create-keyring", "-n", "mon.", "--cap", "mon", "allow *")
    for name in ("client.admin", "client.rgw"):
        _run(environment, *create, "-n", name, *caps)
    _run(environment, *create, "-n", "osd.0", "--cap", "mon", "allow profile osd", "--cap", "osd", "allow *")
    monmap = str(folder / "monmap")
    _run(environment, "monmaptool", "--create", "--addv", "a", f"[v2:127.0.0.1:{port}]", "--fsid", fsid, monmap)
    (folder / "mon").mkdir()
    _run(environment, "ceph-mon", "--mkfs", "-i", "a", "--monmap", monmap, "--keyring", keyring)


def _make_osd(environment: Mapping[str, str], folder: Path) -> None:
    (folder / "osd").mkdir()
    uuid = _run(environment, "uuidgen").strip()
    _run(environment, *_CLI, "osd", "new", uuid)
    shutil.copy(folder / "keyring", folder / "osd" / "keyring")
    _run(environment, "ceph-osd", "-i", "0", "--mkfs", "--osd-uuid", uuid)


_CLI = (
    "/usr/bin/python3",
    "-c",
    "import sys; from runpy import run_path; from shutil import which; sys.argv[0]=which('ceph'); run_path(which('ceph'), run_name='__main__')",
)


def _owner(environment: Mapping[str, str], url: str) -> Gateway:
    told = _run(
        environment, "radosgw-admin", "-n", "client.rgw", "user", "create", "--uid=owner", "--display-name=owner",
        "--caps=roles=*;oidc-provider=*",
    )  # fmt: skip
    key = json.loads(told[told.index("{") :])["keys"][0]
    return Gateway(url, key["access_key"], key["secret_key"])


@contextlib.contextmanager
def _process(environment: Mapping[str, str], folder: Path, *command: str) -> Iterator[None]:
    with (folder / f"{command[0]}.out").open("wb") as told:
        process = subprocess.Popen(command, env=environment, stdout=told, stderr=told, stdin=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.kill()  # Nothing of it is kept, and a clean end takes half a minute.
        process.wait()


def _wait_until_it_answers(url: str, folder: Path) -> None:
    deadline = time.monotonic() + _SECONDS_TO_ANSWER
    while time.monotonic() < deadline:
        with contextlib.suppress(httpx.TransportError):
            if httpx.get(url, trust_env=False).status_code == httpx.codes.OK:
                return
        time.sleep(0.2)
    raise AssertionError((folder / "radosgw.out").read_text())


def _run(environment: Mapping[str, str], *command: str) -> str:
    done = subprocess.run(command, check=False, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout
