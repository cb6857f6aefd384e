"""How does an unmodified identity provider of another maker run? npm's samlp in Node, with the pool's addresses and key."""

import json
import shutil
import subprocess
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from api.world import PoolOfTests
from federation.saml import keys
from federation.saml_partner import ENTITY, RESPONSE

_SERVER = Path(__file__).parent / "saml" / "samlp_provider.mjs"
_NODE_MODULES = Path(__file__).parents[2] / "node_modules"


@contextmanager
def samlp_for(pool: PoolOfTests) -> Iterator[str]:
    """Run a provider that knows one pool, on its bare host; yield its origin."""
    shown = pool.world.signed.get_signing_certificate(UserPoolId=pool.pool_id)["Certificate"]
    with samlp(pool.pool_id, pages=pool.world.url, certificate=shown) as origin:
        yield origin


@contextmanager
def samlp(pool_id: str, *, pages: str, certificate: str) -> Iterator[str]:
    """Run a provider that knows a pool by the origin of its pages and its signing certificate; yield its own origin."""
    node = shutil.which("node")
    assert node is not None, "node is not installed"
    assert (_NODE_MODULES / "samlp").is_dir(), "the JavaScript clients are not installed: run `npm ci`"
    ours, theirs = x509.load_der_x509_certificate(b64decode(certificate)), keys.rsa_key()
    facts = {
        "key": theirs.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(),
        "cert": keys.certificate(theirs).public_bytes(Encoding.PEM).decode(),
        "issuer": ENTITY,
        "serviceCert": ours.public_bytes(Encoding.PEM).decode(),
        "servicePublicKey": ours.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode(),
        "acs": f"{pages}{RESPONSE}",
        "logout": f"{pages}/saml2/logout",
        "audience": f"urn:amazon:cognito:sp:{pool_id}",
    }
    with subprocess.Popen([node, str(_SERVER), json.dumps(facts)], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.terminate()
