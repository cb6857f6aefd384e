"""Whether handlers of custom senders, unmodified, read what they are sent: by Decrypt, the one operation of KMS here."""

import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from aws_encryption_sdk import (  # type: ignore[import-untyped]  # the library ships no types
    CommitmentPolicy,
    EncryptionSDKClient,
    StrictAwsKmsMasterKeyProvider,
)
from aws_encryption_sdk.exceptions import DecryptKeyError  # type: ignore[import-untyped]  # as above
from aws_encryption_sdk.internal.formatting.deserialize import (  # type: ignore[import-untyped]  # as above
    deserialize_header,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.stage import Wire
from api.world import KEY_ID, KEY_SECRET, World, refused
from poolkeeper.aws.generated.kms import DecryptResponse
from poolkeeper.clock import DAY, MINUTE
from poolkeeper.crypto import encryption_sdk
from poolkeeper.crypto.keyring import KeyRing
from poolkeeper.entropy import Entropy

KEY_ARN = "arn:aws:kms:eu-west-3:000000000000:key/11111111-2222-3333-4444-555555555555"
OTHER_KEY_ARN = KEY_ARN.replace("5555", "6666")
CONTEXT = {"userpool-id": "us-east-1_AbCdEfGhI", "Größe": "groß"}
INVALID = ("InvalidCiphertextException", "")
INCORRECT = (
    "IncorrectKeyException",
    "The key ID in the request does not identify a CMK that can perform this operation.",
)


def message(world: World, plaintext: bytes = b"123456") -> bytes:
    """Return what a custom sender is sent, still in bytes."""
    return encryption_sdk.encrypt(
        world.house.sealer, plaintext, key_arn=KEY_ARN, context=CONTEXT, now=world.clock.now()
    )


def question(made: bytes) -> dict[str, Any]:
    """Return what a keyring asks KMS for a message."""
    header, _ = deserialize_header(io.BytesIO(made))
    (wrapped,) = header.encrypted_data_keys
    return {
        "CiphertextBlob": wrapped.encrypted_data_key,
        "EncryptionContext": header.encryption_context,
        "KeyId": KEY_ARN,
        "GrantTokens": [],
    }


@pytest.fixture
def asked(world: World) -> dict[str, Any]:
    """Hand a test the question that a keyring asks for a message of now."""
    return question(message(world))


@pytest.fixture
def decrypt(world: World) -> Callable[..., Any]:
    """Hand a test KMS's Decrypt, signed."""
    operation: Callable[..., Any] = world.client("kms").decrypt
    return operation


@pytest.fixture
def handler(world: World, monkeypatch: pytest.MonkeyPatch) -> Callable[[bytes, str], bytes]:
    """Hand a test the decrypting half of a handler as AWS's guide shows it, in an environment that points here."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", world.url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY_ID)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", KEY_SECRET)
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")

    def opened(made: bytes, key_arn: str) -> bytes:
        client = EncryptionSDKClient(commitment_policy=CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT)
        provider = StrictAwsKmsMasterKeyProvider(key_ids=[key_arn])
        plaintext, _ = client.decrypt(source=made, key_provider=provider)
        return bytes(plaintext)

    return opened


@pytest.mark.parametrize("plaintext", [b"123456", "p&lt;ässwörd".encode(), b"x" * 20_000])
def test_an_unmodified_handler_reads_its_secret(
    world: World, handler: Callable[[bytes, str], bytes], plaintext: bytes
) -> None:
    """The library's own KMS provider finds the data key, asks us, checks commitment and signature, and decrypts."""
    assert handler(message(world, plaintext), KEY_ARN) == plaintext


def test_a_handler_with_another_key_reads_nothing(world: World, handler: Callable[[bytes, str], bytes]) -> None:
    """The message names the pool's KMS key and no other."""
    with pytest.raises(DecryptKeyError):
        handler(message(world), OTHER_KEY_ARN)


def test_the_answer_is_kmss(world: World, decrypt: Callable[..., Any], asked: dict[str, Any]) -> None:
    """The data key, the ARN of the KMS key and the algorithm; what was decrypted is neither in the log nor in a repr."""
    answer = decrypt(**asked)

    plaintext = answer["Plaintext"]
    assert len(plaintext) == 32
    assert (answer["KeyId"], answer["EncryptionAlgorithm"]) == (KEY_ARN, "SYMMETRIC_DEFAULT")
    assert repr(DecryptResponse(plaintext=plaintext)) == "DecryptResponse(plaintext=(hidden))"
    assert not any(plaintext in line or plaintext.hex().encode() in line for line in world.log)


@pytest.mark.parametrize("key_id", [KEY_ARN, KEY_ARN.rpartition("/")[2], None])
def test_the_key_may_be_named_by_its_arn_or_its_id_or_not_at_all(
    decrypt: Callable[..., Any], asked: dict[str, Any], key_id: str | None
) -> None:
    """A symmetric ciphertext knows its key; the answer has the ARN."""
    named = {} if key_id is None else {"KeyId": key_id}

    assert decrypt(**(_without(asked, "KeyId") | named))["KeyId"] == KEY_ARN


@pytest.mark.parametrize("key_id", [OTHER_KEY_ARN, KEY_ARN.upper(), "alias/senders", "555555555555", "x"])
def test_another_key_is_refused(decrypt: Callable[..., Any], asked: dict[str, Any], key_id: str) -> None:
    """A ciphertext opens for its own key alone."""
    assert refused(lambda: decrypt(**(asked | {"KeyId": key_id}))) == INCORRECT


@pytest.mark.parametrize("change", ["one less", "one more", "another value", "another case", "none"])
def test_another_context_is_refused(decrypt: Callable[..., Any], asked: dict[str, Any], change: str) -> None:
    """The context is exactly the message's, or nothing is told."""
    context = asked["EncryptionContext"]
    altered = {
        "one less": _without(context, "userpool-id"),
        "one more": context | {"purpose": "mail"},
        "another value": context | {"userpool-id": "us-east-1_AbCdEfGhJ"},
        "another case": {name.upper(): value for name, value in context.items()},
        "none": {},
    }[change]

    assert refused(lambda: decrypt(**(asked | {"EncryptionContext": altered}))) == INVALID


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_changed_ciphertext_is_refused(
    decrypt: Callable[..., Any], asked: dict[str, Any], data: st.DataObject
) -> None:
    """Whatever stands in place of any part of a ciphertext, the answer is the same."""
    blob = asked["CiphertextBlob"]
    start = data.draw(st.integers(0, len(blob)))
    end = data.draw(st.integers(start, len(blob)))
    altered = blob[:start] + data.draw(st.binary(max_size=40)) + blob[end:]

    if altered not in (b"", blob):
        assert refused(lambda: decrypt(**(asked | {"CiphertextBlob": altered}))) == INVALID


def test_a_sealed_value_of_another_kind_is_refused(
    world: World, decrypt: Callable[..., Any], asked: dict[str, Any]
) -> None:
    """Decrypt does not read Sessions, though they lie under the same ring."""
    session = world.house.sealer.seal_blob(b"state", purpose="session", now=world.clock.now())

    assert refused(lambda: decrypt(**(asked | {"CiphertextBlob": session}))) == INVALID


def test_an_old_message_opens_after_the_sealing_key_was_turned(
    world: World, handler: Callable[[bytes, str], bytes]
) -> None:
    """A handler may run days later, and a rotation may lie between."""
    made = message(world)
    KeyRing.load(world.house.settings.sealing_keys).add(Entropy())
    world.house.sealer.refresh()
    world.clock.advance(2 * DAY)

    assert handler(made, KEY_ARN) == b"123456"


def test_only_a_signature_opens(world: World, wire: Wire, asked: dict[str, Any]) -> None:
    """No signature, one for another service, a wrong secret and an old one: nobody reads a data key without a key of ours."""
    body = json.dumps({"CiphertextBlob": "AAAA"}).encode()
    headers = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": "TrentService.Decrypt"}
    stranger = world.client("kms")
    stranger._request_signer._credentials.secret_key = "another"

    assert wire.send(body, headers).error == "MissingAuthenticationTokenException"
    assert wire.send(body, wire.signed(headers, body)).error == "InvalidSignatureException"
    assert wire.send(body, wire.signed(headers, body, service="kms")).error == "InvalidCiphertextException"
    assert refused(lambda: stranger.decrypt(**asked))[0] == "InvalidSignatureException"

    late = wire.signed(headers, body, service="kms")
    world.clock.advance(6 * MINUTE)
    assert wire.send(body, late).error == "InvalidSignatureException"


def test_a_dry_run_tells_that_it_would_have_succeeded(decrypt: Callable[..., Any], asked: dict[str, Any]) -> None:
    """All is checked and nothing is told."""
    wrong = asked | {"EncryptionContext": {}}

    assert refused(lambda: decrypt(**asked, DryRun=True)) == (
        "DryRunOperationException",
        "The request would have succeeded, but the DryRun option is set.",
    )
    assert refused(lambda: decrypt(**wrong, DryRun=True)) == INVALID
    assert decrypt(**asked, DryRun=False)["KeyId"] == KEY_ARN


@pytest.mark.parametrize(
    ("more", "error"),
    [
        ({"EncryptionAlgorithm": "RSAES_OAEP_SHA_256"}, "InvalidKeyUsageException"),
        ({"EncryptionAlgorithm": "ROT13"}, "ValidationException"),
        ({"GrantTokens": ["invented"]}, "InvalidGrantTokenException"),
        ({"Recipient": {"AttestationDocument": b"x"}}, "NotImplementedException"),
        ({"DryRun": True, "DryRunModifiers": ["IGNORE_CIPHERTEXT"]}, "NotImplementedException"),
        ({"CiphertextBlob": None}, "ValidationException"),
        ({"CiphertextBlob": b"x" * 6145}, "ValidationException"),
    ],
)
def test_what_cannot_be_answered_is_refused(
    decrypt: Callable[..., Any], asked: dict[str, Any], more: dict[str, Any], error: str
) -> None:
    """Other algorithms, grants, enclaves, and no ciphertext or too long a one: never a plaintext, never a 500."""
    request = {name: value for name, value in (asked | more).items() if value is not None}

    assert refused(lambda: decrypt(**request))[0] == error


def test_the_rest_of_kms_is_not_served(world: World) -> None:
    """An operation that does not exist here is named, not imitated."""
    kms = world.client("kms")

    assert refused(lambda: kms.encrypt(KeyId=KEY_ARN, Plaintext=b"x")) == (
        "UnknownOperationException",
        "TrentService has no operation Encrypt.",
    )
    assert refused(kms.list_keys)[1] == "TrentService has no operation ListKeys."


def _without(given: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in given.items() if key != name}
