"""What do the sign-in pages say? Every sentence of every language, by key, from one file a language (pages/words).

A sentence is whole: values stand in it as `{name}`, at most one link as `[words of the link]`, and where a number decides
its form it is a table by CLDR's plural categories. Nothing here is glued from parts.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable

from markupsafe import Markup, escape

from poolkeeper.model.languages import plural

_Sentence = str | Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Parts:
    """A sentence with a link in it: what stands before the link, its words, what stands after."""

    before: Markup
    link: Markup
    after: Markup


@dataclass(frozen=True, slots=True)
class Speech:
    """The sentences of one language."""

    language: str
    sentences: Mapping[str, _Sentence]

    def say(self, key: str, n: int | None = None, **values: object) -> Markup:
        """Return a sentence as HTML, its values escaped; `n` decides the plural and is a value too.

        Raises KeyError for a key or value that is missing, so that a slip is found.
        """
        sentence = self.sentences[key]
        if not isinstance(sentence, str):
            sentence = sentence[plural(self.language, n or 0)]
        return escape(sentence).format_map({"n": n, **{name: escape(value) for name, value in values.items()}})

    def parts(self, key: str, **values: object) -> Parts:
        """Return a sentence that holds a link. Raises ValueError where it holds none."""
        sentence = self.sentences[key]
        if not isinstance(sentence, str) or sentence.count("[") != 1 or sentence.count("]") != 1:
            raise ValueError(f"{key} must hold one link")
        before, _, rest = sentence.partition("[")
        link, _, after = rest.partition("]")
        escaped = {name: escape(value) for name, value in values.items()}
        return Parts(*(escape(part).format_map(escaped) for part in (before, link, after)))

    def enumerate(self, items: Sequence[str]) -> Markup:
        """Return what the language makes of an enumeration: "a, b and c"."""
        if len(items) == 1:
            return escape(items[0])
        text = self.say("list.last", a=items[-2], b=items[-1])
        for item in reversed(items[:-2]):
            text = self.say("list.more", a=item, b=text)
        return text


def load_words(folder: Traversable | None = None) -> Mapping[str, Speech]:
    """Read the words of every language that has a file, by its tag."""
    folder = folder or files("poolkeeper.pages") / "words"
    word_files = sorted((file for file in folder.iterdir() if file.name.endswith(".toml")), key=lambda file: file.name)
    tags = {file.name.removesuffix(".toml"): file for file in word_files}
    return {tag: Speech(tag, tomllib.loads(file.read_text("utf-8"))) for tag, file in tags.items()}
