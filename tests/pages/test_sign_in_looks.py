"""Are the sign-in pages what ui.md says? Every view in every state, rendered and read as a browser would read it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from functools import cache
from itertools import product
from typing import Any

import pytest
import segno

from pages.hostile import PAYLOADS
from pages.rendered import ASSETS, MOST_BYTES, RENDER, Reader
from pages.sign_in_samples import ADA, FRAME, QUERY, SAMPLES, SET_UP, filled, samples
from poolkeeper.errors import InvalidPasswordException
from poolkeeper.hosted import paths
from poolkeeper.hosted.hand_over import Parcel
from poolkeeper.model.languages import OWN_NAMES
from poolkeeper.model.password_policy import PasswordPolicy
from poolkeeper.oauth.endpoints import PATHS
from poolkeeper.pages import headers
from poolkeeper.pages.managed_login import hand_over, qr, rules, sentences, views
from poolkeeper.pages.managed_login.endpoints import ALONE, PAGES
from poolkeeper.pages.managed_login.fields import attribute_field, attribute_name, username_field
from poolkeeper.pages.managed_login.parts import Frame, Naming, Problem, Way, Words, Wrong
from poolkeeper.pages.managed_login.rendering import field_id, make_render
from poolkeeper.pages.managed_login.views import View
from poolkeeper.pages.managed_login.words import Speech, load_words

ALL = dict(samples())


def _read(view: View, frame: Frame = FRAME) -> Reader:
    return Reader(bytes(RENDER(view, frame).body).decode())


@cache
def _page(name: str) -> Reader:
    return _read(ALL[name])


every_page = pytest.mark.parametrize("name", ALL)


def test_every_view_has_samples_for_its_states() -> None:
    """A view that is new fails here until it has them; a page with a form can be wrong, one without cannot."""
    defined = {one for one in vars(views).values() if isinstance(one, type) and issubclass(one, View)}
    assert set(views.VIEWS) == defined - {View, views.Step}
    assert set(SAMPLES) == set(views.VIEWS)
    for kind, states in SAMPLES.items():
        forms = [form for view in states.empty for form in _read(view).all("form", method="post")]
        assert bool(forms) is states.works, kind
        assert all(view.problems for view in states.wrong), kind
        assert not any(view.problems for view in states.empty), kind


@every_page
def test_title_heading_and_summary_say_the_same(name: str) -> None:
    """One h1; the title is its words and the pool's name, after "Error: " where something is wrong."""
    page, view = _page(name), ALL[name]
    ((_, heading),) = page.all("h1")
    ((_, title),) = page.all("title")
    assert title == ("Error: " if view.problems else "") + f"{heading} \N{EN DASH} Juniper Books"
    assert [given["lang"] for given, _ in page.all("html")] == ["en"]
    assert len(page.all("main")) == 1

    summaries = page.all("div", id="problem", role="alert", tabindex="-1")
    assert len(summaries) == bool(view.problems)
    focused = [given for _, given, _ in page.elements if "autofocus" in given]
    codes = [] if isinstance(view, views.SetUpApp) else page.all("input", name="code")
    assert len(focused) == (1 if view.problems or codes else 0)
    assert [given.get("id") for given in focused] == (["problem"] if view.problems else [c["id"] for c, _ in codes])


@every_page
def test_what_is_wrong_stands_in_the_summary_and_at_its_field(name: str) -> None:
    """The same words in both; the link of the summary leads to the input, which is marked and described by the error."""
    page, view = _page(name), ALL[name]
    for problem in view.problems:
        if not problem.field:
            continue
        id_ = field_id(problem.field)
        ((_, words),) = page.all("a", href=f"#{id_}")
        ((given, _),) = page.all("input", id=id_)
        assert given["name"] == problem.field
        assert given["aria-invalid"] == "true"
        assert f"{id_}-wrong" in str(given["aria-describedby"]).split()
        ((_, beside),) = page.all("p", id=f"{id_}-wrong")
        assert beside == f"Error: {words}"
    assert len(page.all("input", **{"aria-invalid": "true"})) == sum(bool(one.field) for one in view.problems)


@every_page
def test_every_input_is_labelled_and_every_reference_leads_somewhere(name: str) -> None:
    """Ids are unique; labels, descriptions and controls name ids that are there."""
    page = _page(name)
    ids = page.ids()
    assert len(ids) == len(set(ids))
    for given, _ in page.all("input"):
        if given["type"] != "hidden":
            assert page.all("label", **{"for": str(given.get("id"))}) or given.get("aria-label"), given
    for _, given, _ in page.elements:
        for attribute in ("for", "aria-describedby", "aria-controls", "data-checks"):
            assert set((given.get(attribute) or "").split()) <= set(ids), given


def test_every_path_has_its_page_and_every_page_its_path() -> None:
    """A path that nothing answers, or an address that stands in one table alone, fails here."""
    ours = {path for name, path in vars(paths).items() if name.isupper()}
    elsewhere = {path for path in ours if path.startswith(("/oauth2/", "/saml2/"))}
    assert elsewhere == {paths.AUTHORIZE, paths.TOKEN, paths.IDP_RESPONSE, *(path for path in ours if "saml2" in path)}
    assert {path.removesuffix("/") for path in (*PAGES, *ALONE)} == ours - elsewhere
    assert elsewhere <= set(PATHS)


@every_page
def test_every_form_and_link_carries_the_request_on(name: str) -> None:
    """POST to a path of ours with the query and the token; nothing of it leads anywhere else."""
    ours = {path for path in vars(paths).values() if isinstance(path, str) and path.startswith("/")}
    page = _read(ALL[name], replace(FRAME, mount="/_domains/juniper"))
    view, forms = ALL[name], len(page.all("form", method="post"))
    for given, _ in page.all("form", method="post"):
        assert str(given["action"]) in {f"/_domains/juniper{path}?{QUERY}" for path in ours}
    assert len(page.all("input", type="hidden", name="_csrf", value="csrf-token")) == forms
    elsewhere = {*_texts(view.agreement)} if isinstance(view, views.SignUp) else set()
    for given, _ in page.all("a"):
        href = str(given["href"])
        known = href in {f"/_domains/juniper{path}?{QUERY}" for path in ours}
        assert href.startswith(("#", "otpauth:")) or known or href in elsewhere
    if isinstance(view, views.Step):
        assert len(page.all("input", type="hidden", name="session", value=view.session)) == forms
        assert len(page.all("input", name="username", value=view.username)) == forms


@every_page
def test_every_page_is_found_again_in_each_other_language(name: str) -> None:
    """One form asks for its address, with what that holds and the language: twelve of them, the page's own no button."""
    page = _read(ALL[name], replace(FRAME, mount="/_domains/juniper"))
    ((form, _),) = page.all("form", method="get")
    assert form["action"] == "/_domains/juniper/login"
    buttons = {str(given["value"]): words for given, words in page.all("button", name="lang")}
    ((own, words),) = page.all("strong", aria_current="true")
    assert {**buttons, str(own["lang"]): words} == OWN_NAMES
    assert own["lang"] == "en"
    assert page.all("input", type="hidden", name="state", value="a&b")
    assert not _read(ALL[name], replace(FRAME, here="")).all("form", method="get")


@every_page
def test_nothing_is_inline_and_passwords_never_come_back(name: str) -> None:
    """No style, no handler, no script but by address, no data: address; a password and a code are never filled."""
    page = _page(name)
    for tag, given, words in page.elements:
        assert not [one for one in given if one == "style" or one.startswith("on")], given
        if tag == "script":
            assert given["type"] == "module"
            assert "".join(words) == ""
        assert not str(given.get("href", "")).startswith(("data:", "javascript:"))
    assert page.all("style") == []
    for given, _ in [*page.all("input", type="password"), *page.all("input", name="code")]:
        assert "value" not in given
        assert "maxlength" not in given


@every_page
def test_a_page_weighs_less_than_sixty_kilobytes(name: str) -> None:
    """With its sheets and scripts, uncompressed, in any language; and what is loaded loads nothing."""
    body = max((bytes(RENDER(ALL[name], replace(FRAME, language=tag)).body) for tag in OWN_NAMES), key=len)
    loaded = re.findall(r'(?:href|src)="/_static/[^/]+/([^"]+)"', body.decode())
    assert len(body) + sum(len(ASSETS.content[one]) for one in loaded) < MOST_BYTES
    for one in loaded:
        text = ASSETS.content[one].decode()
        assert "@import" not in text
        assert not re.search(r"^import |import\(|fetch\(", text, re.MULTILINE)
        # The arrow of a select is the one picture; no sign-in page has a select.
        assert set(re.findall(r"url\(([^)]*)\)", text)) <= {'"chevron.svg"'}
        if one.endswith(".js"):
            assert text.count("\n") <= 80
    assert _page(name).all("select") == []


def _fields() -> Iterator[tuple[str, dict[str, str | None]]]:
    for name in ALL:
        yield from ((name, given) for given, _ in _page(name).all("input") if given["type"] != "hidden")


def test_browsers_may_fill_what_they_know() -> None:
    """ui.md 3.1: the autocomplete token, type and keyboard of every field."""
    for name, given in _fields():
        page = name.rpartition("-empty")[0] or name
        match given["name"]:
            case "username" if "readonly" in given:
                assert (given["type"], given["autocomplete"], given["tabindex"]) == ("text", "username", "-1")
            case "username":
                signs_in = page.startswith("sign-in") or name == "reset-done"
                assert given["autocomplete"] == ("username webauthn" if signs_in else "username"), name
                assert given["spellcheck"] == "false"
            case "password":
                known = page.startswith(("sign-in", "password")) or name == "reset-done"
                assert given["autocomplete"] == ("current-password" if known else "new-password"), name
            case "code":
                assert (given["type"], given["inputmode"], given["autocomplete"]) == (
                    "text",
                    "numeric",
                    "one-time-code",
                )
            case "friendlyDeviceName":
                assert given["autocomplete"] == "off"
    tokens = {
        "email": ("email", "email"),
        "phone_number": ("tel", "tel"),
        "name": ("text", "name"),
        "given_name": ("text", "given-name"),
        "family_name": ("text", "family-name"),
        "middle_name": ("text", "additional-name"),
        "nickname": ("text", "nickname"),
        "preferred_username": ("text", "nickname"),
        "birthdate": ("date", "bday"),
        "address": ("text", "street-address"),
        "locale": ("text", "language"),
        "website": ("url", "url"),
        "gender": ("text", "sex"),
        "zoneinfo": ("text", ""),
        "custom:size": ("text", ""),
    }
    assert {name: (attribute_field(name).type, attribute_field(name).autocomplete) for name in tokens} == tokens
    assert {naming: username_field(naming).type for naming in Naming} == {
        **dict.fromkeys(Naming, "text"),
        Naming.EMAIL: "email",
        Naming.PHONE: "tel",
    }


@cache
def _harmless(name: str) -> list[tuple[str, tuple[str, ...]]]:
    return _read(filled(ALL[name], "x"), filled(FRAME, "x")).shape()


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_text_becomes_markup(payload: str) -> None:
    """Whatever stands in a view or frame, the page has the elements and attributes that it has with harmless words."""
    for name, view in ALL.items():
        hostile = _read(filled(view, payload), filled(FRAME, payload))
        assert hostile.shape() == _harmless(name), name
        for given, _ in hostile.all("a"):
            assert str(given["href"]).startswith(("#f-", "/", "https://juniper.example/")), name


def test_there_are_forty_payloads() -> None:
    """Attack row 87 asks for as many."""
    assert len(set(PAYLOADS)) >= 40


class Remembering(dict[str, Any]):
    """Sentences that remember which of them were said."""

    def __init__(self, sentences: Mapping[str, Any]) -> None:
        super().__init__(sentences)
        self.said: set[str] = set()

    def __getitem__(self, key: str) -> Any:
        self.said.add(key)
        return super().__getitem__(key)


def test_every_sentence_is_said_somewhere_and_none_is_missing() -> None:
    """All pages, for every way in which people name themselves; every problem, notice, rule and fault has its words."""
    sentences_ = Remembering(load_words()["en"].sentences)
    speech = Speech("en", sentences_)
    render = make_render(ASSETS, {"en": speech})
    for view, naming in product(ALL.values(), Naming):
        render(view, replace(FRAME, naming=naming))
    for app_name in ("", "The Tool"):
        app = replace(FRAME, app_host="tools.example.com", app_name=app_name, app_here=True)
        render(ALL["sign-in-empty"], app)
    for view in (views.TooOld(), views.TooOld(problems=(Problem(Wrong.NOT_NOW),))):
        render(view, Frame(pool_name=""))
    for wrong in Wrong:
        for naming, attribute in product(Naming, ("email", "phone_number", "name", "middle_name", "custom:x")):
            frame = replace(FRAME, naming=naming)
            for field in ("username", "password", "code", "idp_identifier", attribute_name(attribute)):
                problem = Problem(
                    wrong, field, values={"text": "x", "name": "y"}, n=2, rules=rules.of(PasswordPolicy())
                )
                assert sentences.problem_said(speech, problem, SET_UP, frame)
    for name in [key for key in sentences_ if re.fullmatch(r"attribute\.[a-z_]+", key)]:
        attribute = name.removeprefix("attribute.")
        render(views.SignUp(fields=(attribute_field(attribute),)), FRAME)
        sentences.problem_said(speech, Problem(Wrong.REQUIRED, attribute_name(attribute)), SET_UP, FRAME)
    challenges = ("WEB_AUTHN", "EMAIL_OTP", "SMS_OTP", "SMS_MFA", "SOFTWARE_TOKEN_MFA", "PASSWORD")
    ways = tuple(Way(one, "+*******4179" if "OTP" in one or one == "SMS_MFA" else "") for one in challenges)
    render(views.ChooseWay(ways=ways), FRAME)
    render(hand_over.Going(parcel=Parcel(name="Corporate", address="https://idp.example.com/", fields=())), FRAME)

    assert set(sentences_) - sentences_.said == set()


def test_no_word_of_a_page_comes_from_elsewhere() -> None:
    """In a language that marks its sentences, every text of a page is marked, or is a value."""

    def marked(sentence: Any) -> Any:
        if not isinstance(sentence, str):
            return {form: marked(words) for form, words in sentence.items()}
        parted = ("[", "]", "{terms}", "{privacy}")  # what stands between two links is a text of its own
        for part in parted:
            sentence = sentence.replace(part, f"»{part}«")
        return f"«{sentence}»"

    marks = Speech("xx", {key: marked(sentence) for key, sentence in load_words()["en"].sentences.items()})
    render = make_render(ASSETS, {"en": load_words()["en"], "xx": marks})
    for name, view in ALL.items():
        page = Reader(bytes(render(view, replace(FRAME, language="xx")).body).decode())
        values = {*_texts(view), *_texts(FRAME), *OWN_NAMES.values(), "xx"}
        foreign = [text for text in page.texts if "«" not in text and "»" not in text and text not in values]
        assert [text for text in foreign if text not in {"AL", "4179", "G", "J"} and not _formed(text, view)] == [], (
            name
        )
        assert [given["lang"] for given, _ in page.all("html")] == ["xx"]


def _texts(one: Any) -> Iterator[str]:
    if isinstance(one, str):
        yield str(one)
    elif isinstance(one, Mapping):
        for value in one.values():
            yield from _texts(value)
    elif isinstance(one, tuple):
        for item in one:
            yield from _texts(item)
    elif is_dataclass(one):
        for field in fields(one):
            yield from _texts(getattr(one, field.name))


def _formed(text: str, view: View) -> bool:
    """Whether a text is a value in another form: a key in fours, a time, a custom attribute's own name."""
    if isinstance(view, views.SetUpApp):
        return text.replace(" ", "") == view.secret
    if isinstance(view, views.ErrorPage):
        return text == view.code
    return text == "shoe size"


def test_an_unknown_language_is_english() -> None:
    """A cookie may name any."""
    page = _read(views.Forgot(), replace(FRAME, language="tlh"))
    assert [words for _, words in page.all("h1")] == ["Reset your password"]
    assert [given["lang"] for given, _ in page.all("html")] == ["en"]


def test_numbers_decide_the_form_of_a_sentence() -> None:
    """One minute, two minutes; time to wait is rounded up and never none."""
    speech = load_words()["en"]
    assert speech.say("sent.minutes", n=1) == "It is good for 1 minute."
    assert speech.say("sent.minutes", n=3) == "It is good for 3 minutes."
    for seconds, words in ((0, "1 minute."), (60, "1 minute."), (61, "2 minutes."), (900, "15 minutes.")):
        page = _read(views.TooManyTries(seconds=seconds))
        assert any(text.endswith(words) for text in page.texts)


def test_missing_rules_are_one_sentence() -> None:
    """ui.md 3.2: all of them, as an enumeration."""
    page = _read(
        replace(
            SAMPLES[views.NewPassword].empty[0],
            problems=(Problem(Wrong.PASSWORD_RULES, "password", rules=rules.of(PasswordPolicy())),),
        )
    )
    ((_, words),) = page.all("a", href="#f-password")
    assert words == (
        "The password needs at least 8 characters, a lower case letter, an upper case letter, a number and a symbol"
    )


@pytest.mark.parametrize(
    "typed", ["", "short", "Swimming", "Swimming2", "Swimming 2", "ßßßßßßßß", "ÀÀÀÀàààà1!", "٣٣٣٣Aa! "]
)
def test_the_list_of_rules_judges_as_the_pool_does(typed: str) -> None:
    """All met exactly where the policy takes the password, for each rule alone and all together."""
    nothing = {"lowercase": False, "uppercase": False, "numbers": False, "symbols": False}
    for asked in (
        {},
        {"lowercase": True},
        {"uppercase": True},
        {"numbers": True},
        {"symbols": True},
        dict.fromkeys(nothing, True),
    ):
        policy = PasswordPolicy(**{**nothing, **asked})
        listed = rules.of(policy, typed)
        assert len(listed) == 1 + sum(asked.values())
        try:
            policy.check(typed)
            taken = True
        except InvalidPasswordException:
            taken = False
        assert all(rule.met for rule in listed) is taken


def test_the_picture_holds_the_address() -> None:
    """The strokes of the path are the modules of the QR code, no more and no less."""
    picture = qr.draw(SET_UP.uri)
    drawn = set()
    for start in re.findall(r"M(\d+) (\d+)\.5((?:h\d+|m\d+ 0)*)", picture.path):
        x, y = int(start[0]), int(start[1])
        for move, length in re.findall(r"([hm])(\d+)", start[2]):
            if move == "h":
                drawn |= {(x + step, y) for step in range(int(length))}
            x += int(length)
    matrix = segno.make_qr(SET_UP.uri, error="l", mask=qr._MASK).matrix
    assert drawn == {(x, y) for y, row in enumerate(matrix) for x, module in enumerate(row) if module}
    assert picture.side == len(matrix)


def test_headers_keep_a_page_to_itself_but_leave_a_popup_its_opener() -> None:
    """ui.md 2: no form-action, for a form ends at the app; no Cross-Origin-Opener-Policy, for the app may wait for a popup."""
    answer = RENDER(views.SignOut(), FRAME)
    assert dict(answer.headers) == {
        "content-security-policy": (
            "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
            "base-uri 'none'; frame-ancestors 'none'"
        ),
        "x-frame-options": "DENY",
        "cache-control": "no-store",
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
        "cross-origin-resource-policy": "same-origin",
        "content-type": "text/html; charset=utf-8",
        "content-length": str(len(answer.body)),
    }
    for others in (headers.CONSOLE_PAGE, headers.CAPTURED_MAIL, headers.DATA):
        assert others["cross-origin-opener-policy"] == "same-origin"


def test_statuses_are_those_of_the_view_unless_a_handler_says_otherwise() -> None:
    """429 with Retry-After, 400 for what cannot go on, 200 for a form that comes back; no header of ours gives way."""
    assert RENDER(SAMPLES[views.SignIn].wrong[0], FRAME).status_code == 200
    assert RENDER(views.TooOld(), FRAME).status_code == 400
    assert RENDER(SAMPLES[views.ErrorPage].empty[0], FRAME).status_code == 400
    assert RENDER(SAMPLES[views.ErrorPage].empty[0], FRAME, status=404).status_code == 404
    waiting = RENDER(views.TooManyTries(seconds=61), FRAME, headers={"cache-control": "public", "x-more": "1"})
    assert (waiting.status_code, waiting.headers["retry-after"], waiting.headers["x-more"]) == (429, "61", "1")
    assert waiting.headers["cache-control"] == "no-store"


def test_a_page_of_nobody_has_a_title_without_a_name() -> None:
    """On the bare host there may be no pool to name."""
    page = _read(SAMPLES[views.ErrorPage].empty[0], Frame(pool_name=""))
    assert [words for _, words in page.all("title")] == ["We cannot sign you in from here"]


def test_a_code_is_announced_only_where_one_is_sent() -> None:
    """The hint of an email address; a phone number says how it is written, in any pool."""
    hints = [attribute_field("email", sends_code=sends).hint for sends in (False, True)]
    assert hints == [None, Words("attribute.email.hint")]
    assert attribute_field("phone_number").hint == Words("attribute.phone_number.hint")


def test_who_exists_is_not_told() -> None:
    """The page that asks for a code of a forgotten password says "if", and names what was typed."""
    page = _read(SAMPLES[views.Reset].empty[0])
    assert next(words for _, words in page.all("p")) == f"If {ADA} has an account, a code is on its way to it."
