"""Does docs/clients.md name what is tried? Each version of it is the one that is pinned, and nothing that is pinned is left out."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SDKS = ROOT / "tests" / "sdks"
# What the tests need around clients, and identity providers, are no clients of ours.
AROUND = {
    *("@aws-sdk/client-s3", "@types/aws-lambda", "@vitejs/plugin-react", "esbuild", "jose", "oidc-provider"),
    *("react", "react-dom", "samlp", "typescript", "vite", "vitest", "@playwright/test"),
}
OF_PYTHON = {"boto3", "awscli", "pycognito", "authlib"}


def told() -> dict[str, str]:
    """Return the versions of the page by client."""
    page = (ROOT / "docs" / "clients.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\S+) \| ([\d.]+) \|.*\| `tests/", page, re.MULTILINE)
    assert len(rows) == len(dict(rows))
    return dict(rows)


def pinned() -> Iterator[tuple[str, str]]:
    """Yield clients with the versions that are pinned, each where its language has it."""
    yield from json.loads((ROOT / "package.json").read_text())["devDependencies"].items()
    requirements = (ROOT / "requirements" / "dev.txt").read_text()
    yield from (
        (name, version)
        for name, version in re.findall(r"^(\S+)==(\S+)", requirements, re.MULTILINE)
        if name in OF_PYTHON
    )
    of_go = (SDKS / "go" / "go.mod").read_text()
    yield from re.findall(r"(aws-sdk-go-v2/service/cognitoidentityprovider) v(\S+)", of_go)
    of_java = (SDKS / "java" / "pom.xml").read_text()
    for name, element in (("software.amazon.awssdk", "aws"), ("spring-security-oauth2-jose", "spring-security")):
        yield from ((name, version) for version in re.findall(rf"<{element}\.version>(\S+)</", of_java))
    of_rust = (SDKS / "rust" / "Cargo.toml").read_text()
    yield from re.findall(r'^(aws-sdk-cognitoidentityprovider) = \{ version = "=(\S+?)"', of_rust, re.MULTILINE)


def test_the_page_has_every_client_in_its_version() -> None:
    """Whoever pins another one, or a further one, finds the page wrong."""
    assert told() == {name: version for name, version in pinned() if name not in AROUND}


def test_crates_are_pinned_to_their_bytes() -> None:
    """What Cargo.toml names is in versions.lock in the same version; every crate but the story has a checksum."""
    locked = (SDKS / "rust" / "versions.lock").read_text()
    crates = dict(re.findall(r'^name = "(.+)"\nversion = "(.+)"\nchecksum = "[0-9a-f]{64}"$', locked, re.MULTILINE))
    asked = re.findall(r'^(\S+) = \{ version = "=(\S+?)"', (SDKS / "rust" / "Cargo.toml").read_text(), re.MULTILINE)
    assert len(asked) == 5
    assert dict(asked).items() <= crates.items()
    assert locked.count("[[package]]") == len(re.findall("^checksum = ", locked, re.MULTILINE)) + 1
