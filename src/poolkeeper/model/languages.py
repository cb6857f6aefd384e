"""Which languages do pages and messages speak? The twelve of managed login, what each is called, and who asked for which.

Source: oauth-federation.md 5, "Localisation"; RFC 4647 section 3.4 (lookup); RFC 9110 section 12.5.4 (Accept-Language).
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache

FALLBACK = "en"
# Tag -> what the language calls itself, in the order in which a menu lists them.
OWN_NAMES: Mapping[str, str] = {
    "de": "Deutsch",
    "en": "English",
    "es": "Español",
    "fr": "Français",
    "id": "Bahasa Indonesia",
    "it": "Italiano",
    "ja": "日本語",
    "ko": "한국어",
    "nl": "Nederlands",
    "pt-BR": "Português (Brasil)",
    "zh-CN": "简体中文",
    "zh-TW": "繁體中文",
}
# Tag -> what Cognito calls the language where it names it by a word (the keys of Links of terms documents).
WORDS_OF_COGNITO: Mapping[str, str] = {
    "de": "german",
    "en": "english",
    "es": "spanish",
    "fr": "french",
    "id": "bahasa-indonesia",
    "it": "italian",
    "ja": "japanese",
    "ko": "korean",
    "nl": "dutch",
    "pt-BR": "portuguese-brazil",
    "zh-CN": "chinese-simplified",
    "zh-TW": "chinese-traditional",
}
# What is written in another tag's words: Portuguese and Chinese have one script and one country here, and `in` is what
# Indonesian was called before 1989.
_STAND_INS: Mapping[str, str] = {
    "in": "id",
    "pt": "pt-BR",
    "zh": "zh-CN",
    "zh-hans": "zh-CN",
    "zh-hant": "zh-TW",
    "zh-hk": "zh-TW",
    "zh-mo": "zh-TW",
    "zh-tw": "zh-TW",
}
_TAGS: Mapping[str, str] = {**{tag.lower(): tag for tag in OWN_NAMES}, **_STAND_INS}
# No browser sends more; what is longer is not read to its end.
LONGEST = 256
_REMEMBERED = 512
# One form alone: nothing in the language changes with a number.
_ONE_FORM = frozenset({"id", "ja", "ko", "zh-CN", "zh-TW"})
# Where zero counts as one.
_ZERO_IS_ONE = frozenset({"fr", "pt-BR"})


def plural(tag: str, n: int) -> str:
    """Return the form of a sentence that a whole number asks for, one of CLDR's categories.

    Their "many" of French, Italian, Spanish and Portuguese begins with a million, which no page and no message counts to.
    """
    if tag in _ONE_FORM:
        return "other"
    return "one" if n == 1 or (n == 0 and tag in _ZERO_IS_ONE) else "other"


def known(tag: str) -> str:
    """Return the language that a tag means, its country and script left away as needed; empty for one that we do not speak."""
    given = tag.strip().lower().replace("_", "-")[:LONGEST]
    while given:
        if given in _TAGS:
            return _TAGS[given]
        given = given.rpartition("-")[0]
    return ""


def first_known(tags: str) -> str:
    """Return the first language that we speak of several, in the order of preference (`ui_locales`: blanks between)."""
    return next((language for tag in tags[:LONGEST].split() if (language := known(tag))), "")


def accepted(header: str) -> str:
    """Return what a browser would read best by its Accept-Language; empty where that names nothing that we speak."""
    return _accepted(header[:LONGEST])  # what is remembered is no longer than what is read


@lru_cache(_REMEMBERED)
def _accepted(header: str) -> str:
    by_weight = sorted(_weighed(header), key=lambda weighed: weighed[0], reverse=True)
    return next((language for weight, tag in by_weight if weight > 0 and (language := known(tag))), "")


def _weighed(header: str) -> Iterator[tuple[float, str]]:
    """Yield each range with its weight; what cannot be read is passed over."""
    for part in header.split(","):
        tag, _, parameter = part.partition(";")
        name, _, value = parameter.strip().partition("=")
        if not parameter:
            yield 1.0, tag
        elif name.strip().lower() == "q":
            try:
                yield min(float(value), 1.0), tag
            except ValueError:
                continue
