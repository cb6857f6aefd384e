"""Does every language say all of it, with the same values in it? The files of pages and messages, and whose language is found."""

import re
from collections.abc import Mapping
from pathlib import Path
from string import Formatter
from typing import Any

import pytest

import poolkeeper.messaging
from poolkeeper.messaging.templates import built_in, words_of
from poolkeeper.model import languages
from poolkeeper.model.languages import OWN_NAMES, WORDS_OF_COGNITO, accepted, first_known, known, plural
from poolkeeper.pages.managed_login.words import load_words

SPOKEN = load_words()
ENGLISH = SPOKEN["en"].sentences
OTHERS = [tag for tag in OWN_NAMES if tag != "en"]
IN_MESSAGES = re.compile(r"\{####\}|\{username\}|\{##|##\}|\{a\}|\{b\}")
# GSM 03.38, without what takes two places; anything else makes a text message UCS-2, of which 70 signs fit into one.
GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)

every_language = pytest.mark.parametrize("tag", OWN_NAMES)


def forms_of(sentence: str | Mapping[str, str]) -> Mapping[str, str]:
    """Return the forms of a sentence, one without a number under "other" alone."""
    return {"other": sentence} if isinstance(sentence, str) else sentence


def values_of(sentence: str) -> list[str]:
    """Return the names of the values that stand in a sentence."""
    return sorted(name for _, name, _, _ in Formatter().parse(sentence) if name is not None)


def test_there_are_the_twelve_of_managed_login() -> None:
    """oauth-federation.md 5; each has a file for pages and one for messages, and a word of Cognito's."""
    folder = Path(next(iter(poolkeeper.messaging.__path__))) / "words"
    assert set(SPOKEN) == set(OWN_NAMES) == set(WORDS_OF_COGNITO) == {file.stem for file in folder.glob("*.toml")}
    assert len(OWN_NAMES) == 12


@every_language
def test_every_sentence_is_there_with_its_values_its_link_and_its_forms(tag: str) -> None:
    """As in English; a number has the forms that the language has, and each form names it."""
    sentences = SPOKEN[tag].sentences
    assert list(sentences) == list(ENGLISH)
    for key, sentence in sentences.items():
        model, forms = ENGLISH[key], forms_of(sentence)
        assert isinstance(sentence, str) is isinstance(model, str), key
        if not isinstance(sentence, str):
            assert set(sentence) == {plural(tag, n) for n in range(100)}, key
        for words in forms.values():
            expected = forms_of(model)["other"]
            assert values_of(words) == values_of(expected), key
            assert re.findall(r"[\[\]]", words) == re.findall(r"[\[\]]", expected), key
            assert words.strip() or key == "gap", key
            assert not re.search(r"[<>]|  |\.\.\.", words), key
            assert "'" not in words.replace("{", ""), f"{key}: an apostrophe is a curly one"


@every_language
def test_a_sentence_says_a_number_in_the_form_that_it_asks_for(tag: str) -> None:
    """One and several, where the language tells them apart; in French and the Portuguese of Brazil zero is like one."""
    speech = SPOKEN[tag]
    for key, sentence in speech.sentences.items():
        if not isinstance(sentence, str):
            said = {n: str(speech.say(key, n=n)) for n in (0, 1, 2, 15)}
            assert all(str(n) in words for n, words in said.items()), key
    assert plural(tag, 0) == ("one" if tag in {"fr", "pt-BR"} else "other")


@pytest.mark.parametrize("tag", OTHERS)
def test_nothing_was_left_in_english(tag: str) -> None:
    """A few words are the same in two languages; no sentence of four words is."""
    for key, sentence in SPOKEN[tag].sentences.items():
        for form, words in forms_of(sentence).items():
            same = words == forms_of(ENGLISH[key]).get(form)
            assert not (same and len(re.findall(r"[^\W\d_]{2,}", re.sub(r"\{\w+\}", "", words))) > 3), key
    english = words_of("en")
    shared = {key for key, words in words_of(tag).items() if words == english[key]}
    assert shared <= {"list.last", "list.more", "method.SOFTWARE_TOKEN_MFA"}


@every_language
def test_every_message_is_there_with_its_placeholders(tag: str) -> None:
    """As in English; nothing in it could be markup, since a body is HTML in a mail."""
    words, english = words_of(tag), words_of("en")
    assert list(words) == list(english)
    for key, text in words.items():
        assert sorted(IN_MESSAGES.findall(text)) == sorted(IN_MESSAGES.findall(english[key])), key
        assert re.sub(r"\{####\}|\{username\}|\{##[^{}]+##\}|\{[ab]\}", "", text).count("{") == 0, key
        assert not set("<>&\n") & set(text), key


@every_language
@pytest.mark.parametrize("key", ["verification", "reset", "authentication"])
def test_a_code_by_text_message_is_one_message(tag: str, key: str) -> None:
    """Two would cost twice, and come apart: 160 signs of the GSM's own alphabet, 70 of any other."""
    text = built_in(key, tag).sms.replace("{####}", "12345678")
    assert len(text) <= (160 if set(text) <= GSM else 70), text


def test_a_message_that_no_page_caused_is_in_awss_words() -> None:
    """An API call has no language; what nobody speaks here is English, too."""
    assert built_in("verification").email == "Your confirmation code is {####}"
    assert built_in("reset", "tlh") == built_in("reset", "en")


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        *((tag, tag) for tag in OWN_NAMES),
        ("DE", "de"),
        ("de-AT", "de"),
        ("fr_CA", "fr"),
        ("pt", "pt-BR"),
        ("pt-PT", "pt-BR"),
        ("in", "id"),
        ("zh", "zh-CN"),
        ("zh-Hans-SG", "zh-CN"),
        ("zh-Hant", "zh-TW"),
        ("zh-Hant-HK", "zh-TW"),
        ("zh-HK", "zh-TW"),
        ("zh-TW-x-more", "zh-TW"),
        (" es ", "es"),
        ("", ""),
        ("-", ""),
        ("tlh", ""),
        ("d", ""),
        ("deu", ""),
        ("x" * 100_000, ""),
    ],
)
def test_a_tag_means_the_nearest_language(tag: str, expected: str) -> None:
    """RFC 4647 3.4: what is more precise than ours is looked up without its end."""
    assert known(tag) == expected


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("de", "de"),
        ("de-CH,de;q=0.9,en;q=0.8", "de"),
        ("en;q=0.8, ja", "ja"),
        ("tlh, fr;q=0.3, it;q=0.5", "it"),
        ("nl;q=0, en;q=0.1", "en"),
        ("*", ""),
        ("", ""),
        ("de;q=x, en;q=0.5", "en"),
        ("de;level=1", ""),
        (",,;;q=1,", ""),
        ("tlh", ""),
        ("q" * 300 + ",de", ""),
        ("es;q=7, de;q=1", "es"),
    ],
)
def test_a_browser_is_given_what_it_reads_best(header: str, expected: str) -> None:
    """RFC 9110 12.5.4: by weight, then by order; zero is a no; what cannot be read is passed over."""
    assert accepted(header) == expected


def test_the_first_language_that_we_speak_is_taken() -> None:
    """OpenID Connect Core 3.1.2.1: ui_locales are in the order of preference."""
    assert first_known("tlh fr-CA de") == "fr"
    assert first_known("") == first_known("tlh") == ""


def test_headers_are_remembered_within_bounds() -> None:
    """Strangers send what they like; the memory of what was read does not grow with it."""
    languages._accepted.cache_clear()
    for number in range(2_000):
        accepted(f"x-{number}")
    assert languages._accepted.cache_info().currsize <= languages._REMEMBERED


def _said(tag: str, **values: Any) -> str:
    return str(SPOKEN[tag].say("wrong.password-rules", rules=SPOKEN[tag].enumerate(["a", "b", "c"]), **values))


def test_enumerations_are_written_as_the_language_writes_them() -> None:
    """Three things: with commas and an "and", or with the commas of East Asia."""
    assert _said("en") == "The password needs a, b and c"
    assert _said("de") == "Das Passwort braucht a, b und c"
    assert _said("ja").endswith("a、b、c")
    assert _said("zh-CN").endswith("a、b和c")
