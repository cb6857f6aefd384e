"""Whether a server that is killed loses a code that it acknowledged, or revives one that was spent (attacks.md 79, F1)."""

import http.client
import os
import random
import signal
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import boto3
import pytest

from faults.kill_workers import KEYS
from oauth.browsers import signed_in
from oauth.hosted import CALLBACK, CODE_CLIENT
from poolkeeper.settings import Settings
from server import program

KILLS, CLIENTS = 4, 3


@dataclass
class Ledger:
    """What the clients were told: codes that came, codes that gave tokens, and those whose answer was lost."""

    made: set[str] = field(default_factory=set)
    spent: set[str] = field(default_factory=set)
    unknown: set[str] = field(default_factory=set)
    refused: list[tuple[int, bytes]] = field(default_factory=list)


@dataclass(frozen=True)
class App:
    """An app with a person's browser."""

    where: program.Place
    client_id: str
    cookie: str

    def code(self) -> str:
        """Ask for a code. Raises OSError or HTTPException where the server is gone."""
        fields = {"client_id": self.client_id, "response_type": "code", "redirect_uri": CALLBACK, "scope": "openid"}
        path = f"/oauth2/authorize?{urlencode(fields)}"
        _, headers, _ = self._sent("GET", path, None, {"Cookie": self.cookie})
        return str(parse_qs(urlsplit(headers["location"]).query)["code"][0])

    def exchange(self, code: str) -> tuple[int, bytes]:
        """Exchange a code; raises alike."""
        fields = {
            "grant_type": "authorization_code",
            "client_id": self.client_id,
            "redirect_uri": CALLBACK,
            "code": code,
        }
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        status, _, body = self._sent("POST", "/oauth2/token", urlencode(fields), kind)
        return status, body

    def _sent(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> tuple[int, Any, bytes]:
        connection = http.client.HTTPConnection(urlsplit(self.where.endpoint).netloc, timeout=30)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()


def use(app: App, ledger: Ledger, over: threading.Event) -> None:
    """Get codes and exchange every second one, until told to stop."""
    number = 0
    while not over.is_set():
        try:
            code = app.code()
        except (OSError, http.client.HTTPException):
            time.sleep(0.01)
            continue
        ledger.made.add(code)
        number += 1
        if number % 2:
            continue
        try:
            status, body = app.exchange(code)
        except (OSError, http.client.HTTPException):
            ledger.unknown.add(code)
            continue
        if status == 200:
            ledger.spent.add(code)
        else:
            ledger.refused.append((status, body))


def an_app(where: program.Place, database: str) -> App:
    """Make a pool with an app and a person who has signed in at a browser."""
    admin = boto3.client(
        "cognito-idp",
        endpoint_url=where.endpoint,
        region_name="us-east-1",
        aws_access_key_id=KEYS["root_access_key_id"],
        aws_secret_access_key=KEYS["root_secret_access_key"],
    )
    pool_id = admin.create_user_pool(PoolName="codes")["UserPool"]["Id"]
    made = admin.create_user_pool_client(UserPoolId=pool_id, ClientName="codes", **CODE_CLIENT)["UserPoolClient"]
    user = admin.admin_create_user(UserPoolId=pool_id, Username="ada", MessageAction="SUPPRESS")["User"]
    admin.admin_set_user_password(UserPoolId=pool_id, Username="ada", Password="Swim-in-2-pools", Permanent=True)
    admin.close()
    sub = next(one["Value"] for one in user["Attributes"] if one["Name"] == "sub")
    cookie = signed_in(Settings(data=where.data, database=database), pool_id, sub)
    return App(where, made["ClientId"], cookie)


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_no_code_is_lost_and_none_comes_back(request: pytest.FixtureRequest, tmp_path: Path, engine: str) -> None:
    """Codes that came are good, codes that gave tokens are not, whatever the server was doing when it was killed."""
    database = request.getfixturevalue("postgres").create_database() if engine == "postgresql" else ""
    where = program.place(tmp_path, password_hash_memory="64", **({"database": database} if database else {}), **KEYS)
    chance, ledger, over = random.Random(7), Ledger(), threading.Event()
    served = program.start(where, "--dev")
    program.wait_until_healthy(served, where)
    app = an_app(where, database)
    threads = [threading.Thread(target=use, args=(app, ledger, over)) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(KILLS):
            time.sleep(0.3 + chance.random() / 2)
            os.kill(served.process.pid, signal.SIGKILL)
            served.ended()
            served = program.start(where, "--dev")
            program.wait_until_healthy(served, where)
    finally:
        over.set()
        for thread in threads:
            thread.join(60)

    try:
        assert ledger.refused == []
        assert len(ledger.spent) > KILLS
        fresh = ledger.made - ledger.spent - ledger.unknown
        assert [code for code in sorted(fresh)[:100] if app.exchange(code)[0] != 200] == []
        assert [code for code in sorted(ledger.spent)[:100] if app.exchange(code)[0] != 400] == []
    finally:
        served.stop()
