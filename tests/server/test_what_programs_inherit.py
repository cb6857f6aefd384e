"""What does a handler that runs here have of the server? Its own socket and pipe, and no way to take the server's calls.

Nor does it pass over SIGHUP, as the server does.
"""

from pathlib import Path

import pytest

import postgres_server
from server.operating import KEY, client_of
from server.program import place, serving

ARN = "arn:aws:lambda:us-east-1:000000000000:function:before"
HANDLER = """
import os, signal, socket

def handler(event, context):
    sockets = any(listens(int(name)) for name in os.listdir("/proc/self/fd"))
    event["response"]["autoConfirmUser"] = not sockets and signal.getsignal(signal.SIGHUP) is signal.SIG_DFL
    return event

def listens(number):
    try:
        with socket.socket(fileno=os.dup(number)) as found:
            return bool(found.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN))
    except OSError:
        return False
"""


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_handler_has_none_of_the_sockets_that_calls_come_by(
    workers: str, postgres: postgres_server.PostgresServer, tmp_path: Path
) -> None:
    """One that outlives the server would keep its port, and could answer in its place."""
    where = place(tmp_path, **KEY, workers=workers, database=postgres.create_database())
    where.data.mkdir()
    (where.data / "before.py").write_text(HANDLER)
    table = f'[functions."{ARN}"]\ntransport = "local"\nhandler = "python:before:handler"\n'
    (where.data / "poolkeeper.toml").write_text(table)
    with serving(where, "--dev"):
        idp = client_of(where)
        pool_id = idp.create_user_pool(PoolName="inherited", LambdaConfig={"PreSignUp": ARN})["UserPool"]["Id"]
        client_id = idp.create_user_pool_client(UserPoolId=pool_id, ClientName="app")["UserPoolClient"]["ClientId"]
        assert idp.sign_up(ClientId=client_id, Username="ada", Password="First-Pass-1")["UserConfirmed"] is True
