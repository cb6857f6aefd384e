"""Is a password found that everybody knows, however it was dressed up for a policy? And a pass-phrase not."""

from importlib.resources import files
from string import ascii_lowercase

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from poolkeeper.errors import InvalidPasswordException
from poolkeeper.model.password_policy import PasswordPolicy
from poolkeeper.risk.compromised.folding import forms
from poolkeeper.risk.compromised.listed import is_listed, words

WORDS = sorted(words())
LETTERS_ALONE = [word for word in WORDS if all(letter in ascii_lowercase for letter in word)]
# What people write for letters; a sign that may be an i or an l is one of them in a whole word.
SWAPS = [
    {"a": "@", "o": "0", "s": "$", "e": "3", "i": "1", "t": "7", "b": "8"},
    {"a": "4", "o": "0", "s": "5", "e": "3", "i": "!", "t": "+"},
    {"a": "@", "l": "1", "s": "$"},
    {"l": "|", "o": "0"},
]
ENDS = st.tuples(st.text("0123456789", max_size=4), st.text("!?#$.-_ ", max_size=2)).flatmap(
    lambda end: st.permutations([*end[0], *end[1]]).map("".join)
)


def satisfies(password: str) -> bool:
    """Say whether the policy that a pool has by itself takes a password."""
    try:
        PasswordPolicy().check(password)
    except InvalidPasswordException:
        return False
    return True


def test_the_list_is_that_of_zxcvbn_with_its_licence() -> None:
    """30,000 passwords in lower case; the licence goes with them."""
    assert len(words()) == 30_000
    assert all(word.isascii() and word == word.lower() for word in words())
    text = (files("poolkeeper.risk.compromised") / "listed.txt").read_text()
    assert "Permission is hereby granted, free of charge" in text


def test_none_of_the_list_satisfies_the_default_policy_as_it_stands() -> None:
    """So a list that was asked for the password alone would find nothing in most pools."""
    assert not any(satisfies(word) for word in words())


@pytest.mark.parametrize(
    "password",
    [
        "Password123!",
        "P@ssw0rd",
        "Welcome1!",
        "Passw0rd!",
        "PASSWORD",
        "Iloveyou2!",
        "Letm3in!1",
        "$unshine#2024",
        "Summer2026!",
        "M0nkey99!!",
        "Dr@gon12?3",
    ],
)
def test_what_people_make_of_such_passwords_is_found(password: str) -> None:
    """Capitals, swaps, and an end of digits and signs."""
    assert is_listed(password)


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery staple",
        "Correct-Horse-Battery-9",
        "Swim-in-2-pools",
        "my dog ate 3 blue socks!",
        "kT9#vQ2$mN",
        "!Qwerty",
        "password password password password 1!",
        "",
        "1234!!??12345",
        "\ud800\ud800\ud800\ud800",
    ],
)
def test_what_nobody_else_has_is_not_found(password: str) -> None:
    """Pass-phrases, random signs, and what is no password at all."""
    assert not is_listed(password)


@settings(deadline=None)
@given(
    word=st.sampled_from(WORDS),
    capitals=st.lists(st.booleans(), min_size=20, max_size=20),
    end=ENDS,
)
def test_a_listed_word_is_found_under_capitals_and_an_end(word: str, capitals: list[bool], end: str) -> None:
    """Up to four digits and two signs, in whatever order."""
    dressed = "".join(sign.upper() if up else sign for sign, up in zip(word, capitals, strict=False)) + end
    assert is_listed(dressed)


@settings(deadline=None)
@given(word=st.sampled_from(LETTERS_ALONE), swaps=st.sampled_from(SWAPS), end=ENDS, only=st.sets(st.integers(0, 19)))
def test_a_listed_word_is_found_under_swaps(word: str, swaps: dict[str, str], end: str, only: set[int]) -> None:
    """Some of its letters as signs that look like them."""
    dressed = "".join(swaps.get(sign, sign) if place in only else sign for place, sign in enumerate(word)).title() + end
    assert is_listed(dressed)


@settings(deadline=None)
@given(password=st.text(min_size=27))
def test_nothing_is_found_that_is_longer_than_the_longest_dressed_up(password: str) -> None:
    """The longest of the list has twenty signs, and six may be cut."""
    assert not is_listed(password)


@settings(deadline=None)
@given(password=st.text(st.characters(exclude_categories=()), max_size=300))
def test_the_work_is_bounded_whatever_is_typed(password: str) -> None:
    """Seven cuts, three spellings each: a lone surrogate or thousands of signs cost no more."""
    assert len(list(forms(password, longest=20))) <= 7 * 3
    assert is_listed(password) in {True, False}


@settings(deadline=None)
@given(base=st.sampled_from(LETTERS_ALONE), end=st.text("0123456789", min_size=5, max_size=8))
def test_more_digits_than_four_are_not_cut(base: str, end: str) -> None:
    """What is left is asked for with its digits."""
    assert base not in set(forms(base + end, longest=20))
