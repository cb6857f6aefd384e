"""Whether a message for a custom sender is the AWS Encryption SDK's, and its data key opens here and nowhere else."""

import io
import subprocess
import sys
from pathlib import Path

import pytest
from aws_encryption_sdk.identifiers import AlgorithmSuite  # type: ignore[import-untyped]  # the library ships no types
from aws_encryption_sdk.internal.formatting.deserialize import (  # type: ignore[import-untyped]  # as above
    deserialize_header,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from poolkeeper.clock import DAY
from poolkeeper.crypto import encryption_sdk
from poolkeeper.crypto.encryption_sdk import DataKey
from poolkeeper.crypto.keyring import KeyRing
from poolkeeper.crypto.seal import Sealer, SealError
from poolkeeper.entropy import Entropy

NOW = 1_793_695_328_000
KEY_ARN = "arn:aws:kms:us-east-1:000000000000:key/11111111-2222-3333-4444-555555555555"
CONTEXT = {"userpool-id": "us-east-1_AbCdEfGhI"}
DATA_KEY = DataKey(key_arn=KEY_ARN, context=CONTEXT, plaintext=bytes(range(32)))


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("ring") / "sealing.keys"
    KeyRing.create(path, Entropy())
    return path


@pytest.fixture(scope="module")
def sealer(path: Path) -> Sealer:
    return Sealer(path, Entropy())


def message(sealer: Sealer, plaintext: bytes = b"123456") -> bytes:
    return encryption_sdk.encrypt(sealer, plaintext, key_arn=KEY_ARN, context=CONTEXT, now=NOW)


def only_data_key(made: bytes) -> bytes:
    """Return the one wrapped data key of a message."""
    header, _ = deserialize_header(io.BytesIO(made))
    (wrapped,) = header.encrypted_data_keys
    return bytes(wrapped.encrypted_data_key)


def test_a_message_names_one_kms_key_and_commits_to_its_data_key(sealer: Sealer) -> None:
    """Provider, ARN, committing suite and context are what an unmodified handler looks for."""
    header, _ = deserialize_header(io.BytesIO(message(sealer)))

    (wrapped,) = header.encrypted_data_keys
    assert wrapped.key_provider.provider_id == "aws-kms"
    assert wrapped.key_provider.key_info == KEY_ARN.encode()
    assert header.algorithm is AlgorithmSuite.AES_256_GCM_HKDF_SHA512_COMMIT_KEY_ECDSA_P384
    assert set(header.encryption_context) == {"userpool-id", "aws-crypto-public-key"}
    assert header.encryption_context["userpool-id"] == CONTEXT["userpool-id"]


def test_the_wrapped_data_key_carries_the_whole_context_of_its_message(sealer: Sealer) -> None:
    """What KMS will be asked with is bound into the blob, the public key of the signature too."""
    made = message(sealer)
    header, _ = deserialize_header(io.BytesIO(made))

    opened = encryption_sdk.unwrap(sealer, only_data_key(made))

    assert opened.key_arn == KEY_ARN
    assert opened.context == header.encryption_context
    assert len(opened.plaintext) == 32


def test_each_message_has_a_data_key_of_its_own(sealer: Sealer) -> None:
    """Whoever learns one data key reads one message."""
    keys = {encryption_sdk.unwrap(sealer, only_data_key(message(sealer))).plaintext for _ in range(20)}

    assert len(keys) == 20


@pytest.mark.parametrize("length", [0, 1, 4096, 4097, 20_000])
def test_neither_the_secret_nor_its_key_stands_in_the_message(sealer: Sealer, length: int) -> None:
    """Secrets of any length leave no readable trace, and no repr shows a data key."""
    secret = (b"correct horse " * 1500)[:length]
    made = message(sealer, secret)
    opened = encryption_sdk.unwrap(sealer, only_data_key(made))

    assert b"correct horse" not in made
    assert opened.plaintext not in made
    assert repr(opened.plaintext) not in repr(opened)


def test_a_data_key_unwraps_on_another_day_and_after_the_sealing_key_was_turned(path: Path) -> None:
    """A handler may be late: neither midnight nor a rotation makes an old message unreadable."""
    sealer = Sealer(path, Entropy())
    old = encryption_sdk.wrap(sealer, DATA_KEY, now=NOW - 40 * DAY)
    before = sealer.writing_key_id
    KeyRing.load(path).add(Entropy())
    new = encryption_sdk.wrap(sealer, DATA_KEY, now=NOW)

    assert sealer.writing_key_id != before
    assert encryption_sdk.unwrap(sealer, old) == encryption_sdk.unwrap(sealer, new) == DATA_KEY


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_a_changed_blob_does_not_unwrap(sealer: Sealer, data: st.DataObject) -> None:
    """No byte may be another one, be missing, or be added."""
    blob = encryption_sdk.wrap(sealer, DATA_KEY, now=NOW)
    start = data.draw(st.integers(0, len(blob)))
    end = data.draw(st.integers(start, len(blob)))
    altered = blob[:start] + data.draw(st.binary(max_size=40)) + blob[end:]

    if altered != blob:
        with pytest.raises(SealError):
            encryption_sdk.unwrap(sealer, altered)


def test_what_is_sealed_for_another_purpose_or_is_no_data_key_does_not_unwrap(sealer: Sealer) -> None:
    """Decrypt is no way to read a Session, nor does it stumble over what it cannot read."""
    session = sealer.seal_blob(b"state", purpose="session", now=NOW)
    strange = sealer.seal_blob(b"\xc1 no msgpack", purpose="kms", now=NOW)

    for blob in (session, strange, b""):
        with pytest.raises(SealError):
            encryption_sdk.unwrap(sealer, blob)


def test_a_server_without_custom_senders_does_not_import_boto3() -> None:
    """The library brings boto3, some 0.2 s and 16 MiB: it is imported by the first message."""
    program = (
        "import sys, poolkeeper.server.app\n"
        "print(sorted(name for name in sys.modules if name in {'boto3', 'botocore', 'aws_encryption_sdk'}))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout == "[]\n"
