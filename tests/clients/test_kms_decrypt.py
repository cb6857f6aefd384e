"""Does the AWS Encryption SDK for JavaScript, unmodified, read what custom senders are sent? By our Decrypt."""

import json
import shutil
import subprocess
from base64 import b64encode
from pathlib import Path

from clients.serving import ACCESS_KEY_ID, REGION, SECRET_ACCESS_KEY, Server, client_environment
from poolkeeper.clock import SystemClock
from poolkeeper.crypto import encryption_sdk
from poolkeeper.crypto.seal import Sealer
from poolkeeper.entropy import Entropy

STORY = Path(__file__).parent / "kms_decrypt.mjs"
KEY_ARN = f"arn:aws:kms:{REGION}:000000000000:key/11111111-2222-3333-4444-555555555555"
KEY_ALIAS = f"arn:aws:kms:{REGION}:000000000000:alias/senders"
POOL_ID = f"{REGION}_AbCdEfGhI"


def told_by_the_handler(server: Server, code: bytes, folder: Path) -> dict[str, object]:
    """Run the handler with a code encrypted under the server's ring; return what it read."""
    node = shutil.which("node")
    assert node is not None, "node is not installed: Node 20 or newer runs the JavaScript clients"
    facts = {
        "code": b64encode(code).decode(),
        "keyArn": KEY_ARN,
        "otherKeyArn": KEY_ARN.replace("5555", "6666"),
    }
    environment = client_environment(
        folder,
        AWS_ENDPOINT_URL=server.endpoint,
        AWS_REGION=REGION,
        AWS_ACCESS_KEY_ID=ACCESS_KEY_ID,
        AWS_SECRET_ACCESS_KEY=SECRET_ACCESS_KEY,
        KEY_ALIAS=KEY_ALIAS,
        KEY_ID=KEY_ARN,
    )
    done = subprocess.run(
        [node, str(STORY), json.dumps(facts)], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    reported: dict[str, object] = json.loads(done.stdout)
    return reported


def test_a_javascript_handler_reads_its_code(server: Server, tmp_path: Path) -> None:
    """KmsKeyringNode finds our Decrypt by AWS_ENDPOINT_URL; another key and a damaged message are refused."""
    sealer = Sealer(server.place.data / "sealing.keys", Entropy())
    code = encryption_sdk.encrypt(
        sealer, "123456 ß".encode(), key_arn=KEY_ARN, context={"userpool-id": POOL_ID}, now=SystemClock().now()
    )

    told = told_by_the_handler(server, code, tmp_path)

    assert told["code"] == "123456 ß"
    context = told["context"]
    assert isinstance(context, dict)
    assert context["userpool-id"] == POOL_ID
