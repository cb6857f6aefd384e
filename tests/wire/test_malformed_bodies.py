"""Can a body make the server stumble? A corpus of malformed ones, made the same way each time: never a 500."""

import json
from collections.abc import Iterator

import pytest

from wire.wire_client import Api

GOOD = b'{"ClientId":"abc","Username":"alice","Password":"Passw0rd!","UserAttributes":[{"Name":"a","Value":"b"}]}'


def whole() -> Iterator[bytes]:
    """Make bodies that are no object at all, or no JSON."""
    yield from (
        b" ",
        b"\n",
        b"null",
        b"true",
        b"0",
        b"-",
        b'""',
        b"[]",
        b"[{}]",
        b"{",
        b"}",
        b"{]",
        b"{}{}",
        b"{},",
        b"NaN",
    )
    yield from (
        b"{'a':1}",
        b"{a:1}",
        b'{"a"}',
        b'{"a":}',
        b'{"a":1,}',
        b'{,"a":1}',
        b'{"a":1 "b":2}',
        b"// x\n{}",
        b"\x00",
    )
    yield from (b"\xef\xbb\xbf{}", GOOD.decode().encode("utf-16"), b"\xff\xfe\x00", b"{}\x00", b'{"a":01}', b'{"a":+1}')
    yield from (
        b'{"a":.5}',
        b'{"a":1.}',
        b'{"a":1e}',
        b'{"a":Infinity}',
        b'{"a":tru}',
        b'{"a":"\x1f"}',
        b'{"a":"\\x41"}',
    )


def truncated() -> Iterator[bytes]:
    """Cut a good body everywhere."""
    yield from (GOOD[:length] for length in range(1, len(GOOD)))


def wrong_types() -> Iterator[bytes]:
    """Give a member of each kind values of every other kind."""
    values = ("1", "1.5", "true", "[]", "{}", "[null]", '["x"]', "[[]]", '{"a":{}}', "1e400", "9" * 5_000, "-1")
    for member in ("ClientId", "UserAttributes", "ClientMetadata", "UserContextData"):
        for value in values:
            yield f'{{"{member}":{value}}}'.encode()


def text() -> Iterator[bytes]:
    """Write characters that nobody can store: U+0000, lone surrogates, bytes that are not UTF-8; known member or not."""
    bad = (
        b"\\u0000",
        b"a\\u0000b",
        b"\\\\\\u0000",
        b"\\ud800",
        b"\\udc00",
        b"\\ud800\\ud800",
        b"\\uD800x",
        b"\\udbff\\u0041",
    )
    raw = (b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe2\x82", b"\x80")
    for member in (b"Username", b"Unknown"):
        for piece in (*bad, *raw):
            yield b'{"ClientId":"abc","' + member + b'":"' + piece + b'"}'
            yield b'{"ClientId":"abc","X":{"' + piece + b'":1}}'


def heavy() -> Iterator[bytes]:
    """Pile up depth and length that break naive parsers."""
    for depth in (1_000, 100_000):
        yield b"[" * depth
        yield b'{"a":' * depth
        yield b'{"X":' + b"[" * depth + b"]" * depth + b"}"
        yield b'{"UserAttributes":' + b"[" * depth + b"]" * depth + b"}"
        yield b'{"X":null,"Y":' + b"[" * depth + b"]" * depth + b"}"
    yield b'{"X":' + b"9" * 100_000 + b',"ClientId":1}'
    yield b'{"Username":"' + b"\\" * 100_001 + b'"}'


CORPUS = [*whole(), *truncated(), *wrong_types(), *text(), *heavy()]


def test_the_corpus_is_large() -> None:
    """At least two hundred bodies, all different."""
    assert len(set(CORPUS)) >= 200


def test_no_malformed_body_is_an_accident() -> None:
    """Each is answered 400 with an error of the protocol, in JSON; the operation never runs."""
    api = Api()
    for body in CORPUS:
        answer = api.ask("SignUp", body)
        assert answer.status == 400, body[:80]
        assert answer.error in {"SerializationException", "InvalidParameterException"}, body[:80]
    assert api.calls == []


@pytest.mark.parametrize("body", [*text()])
def test_text_that_nobody_can_store_is_not_read(body: bytes) -> None:
    """U+0000, lone surrogates and bad UTF-8 are SerializationException wherever they stand."""
    assert Api().ask("SignUp", body).error == "SerializationException"


@pytest.mark.parametrize("name", ["\\u0000", "\\\\u0000", "\U0001f600", "\u2028"])
def test_text_that_only_looks_bad_is_read(name: str) -> None:
    """A backslash before `u0000` that is itself escaped, and pairs of surrogates, are text like any other."""
    api = Api()
    body = json.dumps({"ClientId": "abc", "Username": "alice", "ClientMetadata": {"a": name}}).encode()
    assert api.ask("SignUp", body).status == 200
    assert api.calls[0][1].client_metadata == {"a": name}


def test_messages_never_echo_what_could_not_be_read() -> None:
    """A password of the wrong type is not in the answer."""
    answer = Api().ask("SignUp", b'{"Password":["hunter2-7f3a"],"ClientId":{"k":"hunter2-7f3a"}}')
    assert answer.error == "SerializationException"
    assert b"hunter2-7f3a" not in answer.body
