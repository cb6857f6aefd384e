"""How are queries and forms read? In one way, or not at all."""

from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from poolkeeper.forms import BadForm, Form, read, write


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        (b"", {}),
        (b"a=1&b=2", {"a": "1", "b": "2"}),
        (b"scope=openid+email", {"scope": "openid email"}),
        (b"scope=openid%20email", {"scope": "openid email"}),
        (b"state=", {"state": ""}),
        (b"state", {"state": ""}),
        (b"state=a%3Db%26c", {"state": "a=b&c"}),
        (b"state=a=b", {"state": "a=b"}),
        (b"name=%C3%A9", {"name": "\u00e9"}),
        (b"state=100%", {"state": "100%"}),
        (b"a;b=1", {"a;b": "1"}),
    ],
)
def test_a_form_is_read_as_it_was_sent(text: bytes, fields: dict[str, str]) -> None:
    """Blanks, empty values and what is encoded come out as they went in."""
    assert dict(read(text)) == fields


@pytest.mark.parametrize(
    "text",
    [
        b"a=1&a=2",
        b"a=1&a=1",
        b"a=1&%61=2",
        b"resource=x&resource=y&a=1&a=2",
        b"a=%00",
        b"%00=a",
        b"a=%FF",
        b"a=\xc3\xa9",
        b"a=%ED%A0%80",
        b"&".join(b"f%d=1" % number for number in range(51)),
        b"a=" + b"x" * 65_536,
    ],
)
def test_what_could_be_read_in_two_ways_is_refused(text: bytes) -> None:
    """A field twice, in whatever spelling, a NUL, what is no UTF-8, too many fields, too many bytes."""
    with pytest.raises(BadForm):
        read(text)


def test_a_resource_may_come_several_times() -> None:
    """RFC 8707: the one parameter that may; the last one is the field."""
    assert read(b"resource=x&a=1&resource=y") == Form({"resource": "y", "a": "1"}, ("x", "y"))


def test_a_form_at_its_bounds_is_read() -> None:
    """Fifty fields, and 64 KiB to the byte."""
    assert len(read(b"&".join(b"f%d=1" % number for number in range(50)))) == 50
    assert len(read(b"a=" + b"x" * 65_534)["a"]) == 65_534


@given(st.text(alphabet="ab0=&%+CDEF;\u00e9 ", max_size=30))
def test_a_form_is_read_as_the_standard_library_reads_it(text: str) -> None:
    """Whatever it is made of: the same pairs, or both refuse it."""
    try:
        expected = parse_qsl(text.encode("ascii").decode(), keep_blank_values=True, errors="strict")
    except UnicodeError:
        expected = None
    try:
        found = dict(read(text.encode()))
    except BadForm:
        assert (
            expected is None
            or len(dict(expected)) < len(expected)
            or any("\x00" in name + value for name, value in expected)
        )
    else:
        assert expected is not None
        assert found == dict(expected)


@given(st.dictionaries(st.text(min_size=1, max_size=5), st.text(max_size=10), max_size=5))
def test_what_is_written_is_read(fields: dict[str, str]) -> None:
    """As the standard library writes it, and back again; but for a NUL, which nobody may send."""
    sound = {name: value for name, value in fields.items() if "\x00" not in name + value and name != "resource"}
    text = write(sound.items())
    assert text == urlencode(sound)
    assert dict(read(text.encode())) == sound
