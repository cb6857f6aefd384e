"""How does an OpenID provider that nobody here wrote run? npm's oidc-provider in Node, with clients that prove themselves in three ways."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from federation.provider import CALLBACK

_SERVER = Path(__file__).parent / "oidc_provider.mjs"
_NODE_MODULES = Path(__file__).parents[2] / "node_modules"


@contextmanager
def running(*methods: str, callback: str = CALLBACK, at_once: bool = True) -> Iterator[str]:
    """Run the provider, whose clients may prove themselves by `methods`; yield its issuer.

    People come in `at_once`, or by a form of the provider's, where they say who they are.
    """
    assert (_NODE_MODULES / "oidc-provider").is_dir(), "the JavaScript clients are not installed: run `npm ci`"
    command = ["node", str(_SERVER), callback, "at-once" if at_once else "by-form", *methods]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        try:
            yield f"http://localhost:{json.loads(process.stdout.readline())['port']}"
        finally:
            process.stdin.close()


def details_of(issuer: str, client_id: str, **more: str) -> dict[str, str]:
    """Return the ProviderDetails by which one of its clients is set up, found by discovery."""
    return {
        "client_id": client_id,
        "authorize_scopes": "openid email profile",
        "oidc_issuer": issuer,
        "attributes_request_method": "GET",
        **({} if client_id == "public" else {"client_secret": f"secret of {client_id} & +more"}),
        **more,
    }
