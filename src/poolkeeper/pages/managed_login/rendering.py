"""How does a view become a page? Its template, the words of the frame's language, the headers of sign-in pages."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache, partial

from jinja2 import Environment
from markupsafe import Markup
from starlette.responses import HTMLResponse, Response

from poolkeeper.clock import SECOND
from poolkeeper.hosted import paths
from poolkeeper.model.languages import FALLBACK, OWN_NAMES
from poolkeeper.pages.assets import Assets
from poolkeeper.pages.headers import SIGN_IN_PAGE
from poolkeeper.pages.managed_login import qr, sentences
from poolkeeper.pages.managed_login.dressing import graphic_of
from poolkeeper.pages.managed_login.fields import attribute_field, domain_field, username_field
from poolkeeper.pages.managed_login.parts import Frame, Problem, Words
from poolkeeper.pages.managed_login.views import Render, TooManyTries, View
from poolkeeper.pages.managed_login.words import Speech, load_words
from poolkeeper.pages.templating import Compiled, make_templates

_NOT_OF_IDS = re.compile(r"[^A-Za-z0-9-]")
_LETTER = re.compile(r"[^\W_]")
_PATHS = {name: path for name, path in vars(paths).items() if isinstance(path, str) and path.startswith("/")}


def make_render(assets: Assets, words: Mapping[str, Speech] | None = None) -> Render:
    """Return what renders the sign-in pages; templates and words are read once, an unknown language becomes English."""
    compiled = Compiled()
    by_language = {tag: _environment(assets, speech, compiled) for tag, speech in (words or load_words()).items()}

    def render(
        view: View, frame: Frame, *, status: int | None = None, headers: Mapping[str, str] | None = None
    ) -> Response:
        templates = by_language.get(frame.language) or by_language[FALLBACK]
        body = templates.get_template(view.template).render(view=view, frame=frame)
        wait = {"retry-after": str(view.seconds)} if isinstance(view, TooManyTries) else {}
        return HTMLResponse(
            body, status_code=status or view.status, headers={**wait, **(headers or {}), **SIGN_IN_PAGE}
        )

    return render


def field_id(name: str) -> str:
    """Return the id of an input by its name, so that a problem's link finds it; other characters become their number."""
    return "f-" + _NOT_OF_IDS.sub(lambda match: f"_{ord(match[0]):x}", name)


def _environment(assets: Assets, speech: Speech, compiled: Compiled) -> Environment:
    def said(text: Words | str) -> str:
        return sentences.said(speech, text)

    templates = make_templates(assets, compiled)

    @cache
    def tongue_list() -> Markup:
        return Markup(templates.get_template("sign-in/tongues.html").render())  # noqa: S704 - our own page, escaped there

    templates.globals |= {
        "path": _PATHS,
        "language": speech.language,
        "languages": OWN_NAMES,
        "tongue_list": tongue_list,
        "say": speech.say,
        "moment": partial(_moment, speech),
        "parts": speech.parts,
        "said": said,
        "problem_at": _problem_at,
        "problem_said": lambda problem, view, frame: sentences.problem_said(speech, problem, view, frame),
        "rule_said": lambda rule: sentences.rule_said(speech, rule),
        "field_id": field_id,
        "attribute_field": attribute_field,
        "username_field": username_field,
        "domain_field": domain_field,
        "qr": qr.draw,
        "graphic_of": graphic_of,
    }
    templates.filters |= {"in_fours": _in_fours, "iso": _iso, "minutes": _minutes, "initials": _initials}
    return templates


def _problem_at(view: View, name: str) -> Problem | None:
    """Return what is wrong with an input; of several the first, for one error stands beside it."""
    return next((problem for problem in view.problems if problem.field == name), None)


def _in_fours(key: str) -> str:
    return " ".join(key[at : at + 4] for at in range(0, len(key), 4))


def _moment(speech: Speech, at: int) -> Markup:
    """Return a time of day and its date, UTC, as the language writes them."""
    moment = datetime.fromtimestamp(at // SECOND, UTC)
    parts = {"year": "%Y", "month": "%m", "day": "%d", "hour": "%H", "minute": "%M", "second": "%S"}
    return speech.say("moment", None, **{name: moment.strftime(sign) for name, sign in parts.items()})


def _iso(at: int) -> str:
    return datetime.fromtimestamp(at // SECOND, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _minutes(seconds: int) -> int:
    return max(1, -(-seconds // 60))


def _initials(name: str) -> str:
    """Return at most two first letters, for the round beside a name; none where it has no letter or digit."""
    letters = [match[0] for word in name.split() if (match := _LETTER.search(word)) is not None]
    return "".join([*letters[:1], *letters[1:][-1:]]).upper()
