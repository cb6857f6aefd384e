"""What does a rendered page hold? A reader of its elements, and the renderer of the samples."""

from html.parser import HTMLParser

from poolkeeper.pages.assets import load_assets
from poolkeeper.pages.managed_login.rendering import make_render

ASSETS = load_assets()


RENDER = make_render(ASSETS)


VOID = {"meta", "link", "input", "path", "img", "source"}


MOST_BYTES = 60_000


class Reader(HTMLParser):
    """The elements of a page, each with its attributes, the text within it and how deep it lies."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None], list[str]]] = []
        self.texts: list[str] = []
        self._open: list[tuple[str, list[str]]] = []
        self.feed(text)
        self.close()
        assert self._open == [], "an element is not closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        words: list[str] = []
        self.elements.append((tag, dict(attrs), words))
        assert len(dict(attrs)) == len(attrs), f"an attribute of {tag} stands twice"
        if tag not in VOID:
            self._open.append((tag, words))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs), []))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop()[0] == tag

    def handle_data(self, data: str) -> None:
        for _, words in self._open:
            words.append(data)
        if data.strip():
            self.texts.append(data.strip())

    def all(self, tag: str, **attributes: str) -> list[tuple[dict[str, str | None], str]]:
        wanted = {name.replace("_", "-").strip("-"): value for name, value in attributes.items()}
        return [
            (given, " ".join("".join(words).split()))
            for one, given, words in self.elements
            if one == tag and wanted.items() <= given.items()
        ]

    def ids(self) -> list[str]:
        return [str(given["id"]) for _, given, _ in self.elements if "id" in given]

    def shape(self) -> list[tuple[str, tuple[str, ...]]]:
        return [(tag, tuple(given)) for tag, given, _ in self.elements]
