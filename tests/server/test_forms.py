"""Are a pool's endpoints where the documents say, at a server that really runs? In development, and behind a real nginx."""

import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

import nginx_server
from poolkeeper.clock import SystemClock
from poolkeeper.entropy import Entropy
from poolkeeper.server.devtls import ensure
from ports import free_ports
from server.operating import KEY, client_of
from server.program import Place, place, serving

PAGE = Path(__file__).resolve().parents[2] / "docs" / "domains.md"
CALLBACK = "https://app.example/callback"
ENDPOINTS = ("authorization", "token", "userinfo", "revocation", "end_session")


@dataclass(frozen=True, slots=True)
class Reader:
    """A client that reaches every name at one port of this machine, by TLS where it trusts somebody."""

    port: int
    trust: ssl.SSLContext | None = None

    def get(self, host: str, path: str, **query: str) -> httpx.Response:
        """GET a path of a host; redirects are not followed."""
        scheme = "http" if self.trust is None else "https"
        with httpx.Client(verify=self.trust or True, trust_env=False) as client:
            return client.get(
                f"{scheme}://127.0.0.1:{self.port}{path}",
                params=query,
                headers={"Host": host},
                extensions={"sni_hostname": host.partition(":")[0]},
            )


def pool_with_domain(where: Place) -> tuple[str, str]:
    """Make a pool with the prefix `juniper`, and return its id and that of an app client of its."""
    idp = client_of(where)
    pool_id = idp.create_user_pool(PoolName="juniper")["UserPool"]["Id"]
    idp.create_user_pool_domain(UserPoolId=pool_id, Domain="juniper")
    made = idp.create_user_pool_client(
        UserPoolId=pool_id,
        ClientName="juniper",
        AllowedOAuthFlowsUserPoolClient=True,
        AllowedOAuthFlows=["code"],
        AllowedOAuthScopes=["openid"],
        CallbackURLs=[CALLBACK],
        SupportedIdentityProviders=["COGNITO"],
    )
    return pool_id, made["UserPoolClient"]["ClientId"]


def request(client_id: str) -> dict[str, str]:
    """Return an authorize request."""
    return {"response_type": "code", "client_id": client_id, "redirect_uri": CALLBACK, "scope": "openid"}


def origins(document: dict[str, Any]) -> set[str]:
    """Return scheme, host and port of everything that a discovery document leads to."""
    urls = [document["issuer"], document["jwks_uri"], *(document[f"{name}_endpoint"] for name in ENDPOINTS)]
    return {re.sub(r"^(https?://[^/]+)/.*", r"\1", url) for url in urls}


def test_in_development_everything_has_the_issuers_origin(tmp_path: Path) -> None:
    """Over http the bare host is; every form is served by TLS as well, to whoever trusts the development authority."""
    where = place(tmp_path, **KEY)
    with serving(where, "--dev"):
        pool_id, client_id = pool_with_domain(where)
        secure = Reader(where.tls_port, ssl.create_default_context(cafile=str(where.data / "ca.pem")))
        plain = Reader(where.port)
        found = plain.get("localhost", f"/{pool_id}/.well-known/openid-configuration").json()
        assert origins(found) == {where.endpoint}
        for reader in (plain, secure):
            for host, mount in (("localhost", ""), ("juniper.auth.localhost", ""), ("localhost", "/_domains/juniper")):
                answer = reader.get(host, f"{mount}/oauth2/authorize", **request(client_id))
                assert answer.headers["location"].startswith(f"{mount}/login?")
                keys = reader.get(host, f"{mount}/{pool_id}/.well-known/jwks.json").json()["keys"]
                assert len(keys) == 2


def test_an_issuer_may_be_the_development_listener_with_tls(tmp_path: Path) -> None:
    """As docs/domains.md says, for clients that compare issuer and address and insist on TLS."""
    where = place(tmp_path, **KEY)
    with serving(where, "--dev", "--base-url", where.tls_endpoint):
        pool_id, _ = pool_with_domain(where)
        trust = ssl.create_default_context(cafile=str(where.data / "ca.pem"))
        address = f"{where.tls_endpoint}/{pool_id}"
        found = httpx.get(f"{address}/.well-known/openid-configuration", verify=trust, trust_env=False).json()
        assert found["issuer"] == address
        assert origins(found) == {where.tls_endpoint}


@contextmanager
def behind_nginx(where: Place, port: int) -> Iterator[None]:
    """Run nginx with the configuration of docs/domains.md; names, ports and certificate are those of the test."""
    (block,) = re.findall(r"```nginx\n(.*?)```", PAGE.read_text(), re.DOTALL)
    tls = ensure(where.folder / "proxy", now=SystemClock().now(), entropy=Entropy())
    for ours, theirs in (
        ("listen 443 ssl", f"listen 127.0.0.1:{port} ssl"),
        ("id.example.com *.auth.id.example.com", "localhost *.auth.localhost"),
        ("/etc/ssl/id.example.com.pem", str(tls.cert_file)),
        ("/etc/ssl/id.example.com.key", str(tls.key_file)),
        ("127.0.0.1:7665", f"127.0.0.1:{where.port}"),
    ):
        assert ours in block
        block = block.replace(ours, theirs)
    with nginx_server.running(where.folder, block, port=port):
        yield


def test_behind_the_proxy_of_the_page_everything_is_https(tmp_path: Path) -> None:
    """Prefix host and public address are found by the Host that is handed on, and every address is the proxy's."""
    (port,) = free_ports(1)
    where = place(tmp_path, **KEY, base_url=f"https://localhost:{port}", trusted_proxies="127.0.0.1")
    with serving(where), behind_nginx(where, port):
        pool_id, client_id = pool_with_domain(where)
        reader = Reader(port, ssl.create_default_context(cafile=str(where.folder / "proxy" / "ca.pem")))
        path = f"/{pool_id}/.well-known/openid-configuration"
        found = reader.get(f"localhost:{port}", path).json()
        assert found["issuer"] == f"https://localhost:{port}/{pool_id}"
        assert origins(found) == {f"https://localhost:{port}"}
        prefix = f"juniper.auth.localhost:{port}"
        assert reader.get(prefix, "/.well-known/openid-configuration").json() == found
        for host in (prefix, f"localhost:{port}"):
            answer = reader.get(host, "/oauth2/authorize", **request(client_id))
            assert (answer.status_code, answer.headers["location"].partition("?")[0]) == (303, "/login")
