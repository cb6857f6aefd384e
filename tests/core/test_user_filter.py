"""Is a ListUsers filter read as it was meant? The grammar, its escapes, and the range that a condition becomes."""

import string

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from poolkeeper.errors import InvalidParameterException
from poolkeeper.model.user_filter import (
    INDEXED,
    KEPT,
    STATUS,
    SUB,
    USER_STATUS,
    UserFilter,
    folded_value,
    indexed,
    parse,
)

SEARCHABLE = (*INDEXED, SUB, USER_STATUS, STATUS)
FOLDED = tuple(name for name in SEARCHABLE if name not in ("username", STATUS))
# What tempts a parser, a pattern or an SQL text, beside any text at all.
VALUES = st.one_of(st.text(max_size=40), st.text(alphabet="\"\\%_'*;-=^ \tab", max_size=40))
BLANKS = st.text(alphabet=" \t", max_size=3)


def quoted(value: str) -> str:
    """Write a value as a careful client does."""
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def outcome(text: str) -> tuple[UserFilter | None, str]:
    """Return what a filter is read as, and the sentence that it is refused with or nothing."""
    try:
        return parse(text), ""
    except InvalidParameterException as refused:
        return None, refused.message


def refusal(text: str) -> str:
    """Return the sentence that a filter is refused with."""
    with pytest.raises(InvalidParameterException) as refused:
        parse(text)
    return refused.value.message


@given(
    attribute=st.sampled_from(SEARCHABLE),
    operator=st.sampled_from(("=", "^=")),
    value=VALUES,
    blanks=st.tuples(BLANKS, BLANKS, BLANKS, BLANKS),
)
def test_what_the_grammar_allows_is_read_as_it_was_meant(
    attribute: str, operator: str, value: str, blanks: tuple[str, str, str, str]
) -> None:
    """Any attribute, either operator, any value with its quotes and backslashes escaped, blanks around all of them."""
    text = f"{blanks[0]}{attribute}{blanks[1]}{operator}{blanks[2]}{quoted(value)}{blanks[3]}"
    assert parse(text) == UserFilter(attribute=attribute, prefix=operator == "^=", value=folded_value(attribute, value))


@given(st.one_of(st.text(max_size=60), st.text(alphabet="sub nameil=^\"\\'%_;", max_size=60)))
def test_any_text_is_read_or_refused_in_one_of_two_sentences(text: str) -> None:
    """Whatever stands in a filter, it is a condition, nothing at all, or one of AWS's two refusals."""
    found, sentence = outcome(text)
    assert sentence in ("", "Error while parsing filter") or sentence.startswith("Invalid search attribute: ")
    assert found is None or found.attribute in SEARCHABLE
    assert (found is not None or bool(sentence)) == bool(text.strip(" \t"))


@pytest.mark.parametrize("text", [None, "", " ", "\t "])
def test_an_empty_filter_means_everybody(text: str | None) -> None:
    """Nothing to look for is no condition."""
    assert parse(text) is None


@pytest.mark.parametrize("text", ['"email" = "a@b"', '"email"="a@b"', '  "email"\t= "a@b" '])
def test_the_attributes_name_may_stand_in_quotes(text: str) -> None:
    """Several programs in use write it so, and AWS takes it."""
    assert parse(text) == UserFilter(attribute="email", prefix=False, value="a@b")
    assert parse(text.replace("=", "^=")) == UserFilter(attribute="email", prefix=True, value="a@b")


@pytest.mark.parametrize(
    "text",
    [
        "email",
        "email=",
        'email "a"',
        "email = a",
        "email = 'a'",
        'email = "a',
        'email = a"',
        'email = "a"b',
        'email = "a" and name = "b"',
        'email = "a\\"',
        'email == "a"',
        'email ^ "a"',
        'email =^ "a"',
        'email ^^= "a"',
        'email != "a"',
        'email ~ "a"',
        '= "a"',
        '"email = "a"',
        '"email"',
        '"" = "a"',
        '"email" "a"',
        "custom:foo",
        '"',
        "^=",
    ],
)
def test_what_is_no_condition_is_refused(text: str) -> None:
    """One attribute, one operator, one value in quotes, and nothing behind it."""
    assert refusal(text) == "Error while parsing filter"


@pytest.mark.parametrize(
    "attribute", ["custom:foo", "nickname", "Email", "email_verified", "enabled", "cognito:username", "email;--"]
)
def test_what_cannot_be_searched_is_named(attribute: str) -> None:
    """Custom and most standard attributes cannot be searched; names are told apart by case."""
    assert refusal(f'{attribute} = "x"') == f"Invalid search attribute: {attribute}"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (r'"a\"b"', 'a"b'),
        (r'"a\\b"', r"a\b"),
        (r'"a\b"', r"a\b"),
        (r'"\\\""', r"\""),
        (r'"corp\ada"', r"corp\ada"),
        ('"100%_"', "100%_"),
        ('""', ""),
    ],
)
def test_a_backslash_hides_a_quote_and_itself(written: str, meant: str) -> None:
    """Every other sign stands for itself, a percent sign and an underscore among them."""
    found = parse(f"username = {written}")
    assert found is not None
    assert found.value == meant


@given(prefix=VALUES, value=VALUES, attribute=st.sampled_from(INDEXED))
def test_the_range_of_a_prefix_holds_what_begins_with_it(prefix: str, value: str, attribute: str) -> None:
    """A value lies in the range exactly when it begins with the prefix, both folded."""
    for text in (value, prefix + value):
        assume(text)
        condition = UserFilter(attribute=attribute, prefix=True, value=folded_value(attribute, prefix))
        first, last = condition.bounds
        kept = folded_value(attribute, text)[:KEPT]
        inside = first.encode() <= kept.encode() <= last.encode()
        assert inside == kept.startswith(first) == condition.matches(text)


@given(value=st.text(alphabet=string.ascii_letters, min_size=1, max_size=2 * KEPT))
def test_a_long_value_is_kept_in_part_and_found_in_whole(value: str) -> None:
    """The index keeps 256 characters; where a condition says more the value itself decides."""
    kept = indexed("ada", {"name": value})["name"]
    same = UserFilter(attribute="name", prefix=False, value=folded_value("name", value))
    longer = UserFilter(attribute="name", prefix=False, value=folded_value("name", value + "x"))
    assert kept == value.lower()[:KEPT]
    assert same.bounds == (kept, kept)
    assert same.matches(value)
    assert not longer.matches(value)
    assert longer.exact == (len(value) + 1 < KEPT)


@pytest.mark.parametrize("attribute", FOLDED)
def test_all_but_username_and_status_are_compared_without_case(attribute: str) -> None:
    """Case and compatibility forms do not matter, whatever case rule the pool has."""
    assert folded_value(attribute, "\uff21dA") == folded_value(attribute, "aDa")


def test_username_and_status_are_compared_by_case() -> None:
    """Their values differ where their case does; composed and decomposed signs are the same."""
    assert folded_value("username", "Ada") != folded_value("username", "ada")
    assert folded_value(STATUS, "Enabled") != folded_value(STATUS, "enabled")
    assert folded_value("username", "e\u0301") == folded_value("username", "\u00e9")


def test_what_is_absent_or_empty_is_not_indexed() -> None:
    """Only what can be searched and has a value gets a row."""
    held = {"sub": "s", "email": "Ada@Example.com", "name": "", "nickname": "ada", "custom:x": "y"}
    assert indexed("Ada", held) == {"username": "Ada", "email": "ada@example.com"}
