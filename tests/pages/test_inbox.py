"""Does the inbox answer what programs and browsers rely on? In process: JSON, statuses, headers, escaping, filters."""

import asyncio
import contextlib
import json
import re
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest

from pages.inbox_server import NINE_FORTY, MemoryOutbox, mail, make_app, serving, text_message
from poolkeeper.model.message import CapturedMessage
from poolkeeper.pages.assets import load_assets
from poolkeeper.pages.inbox import inbox as inbox_module
from poolkeeper.pages.inbox.sms import SmsLength, measure
from poolkeeper.pages.watching import MOST_STREAMS

PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
    "frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HOSTILE = "<img src=x onerror=alert(1)>\"'&"


def _ask(outbox: MemoryOutbox, path: str, *, method: str = "GET", **headers: str) -> httpx.Response:
    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(make_app(outbox))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost:7665") as client:
            return await client.request(
                method, path, headers={name.replace("_", "-"): value for name, value in headers.items()}
            )

    return asyncio.run(ask())


def test_the_outbox_tells_nine_members_of_each_message_newest_last() -> None:
    """The contract with programs, byte for byte; a message without a code says null."""
    outbox = MemoryOutbox(
        [mail(body="<b>590318</b>"), text_message(code=None, kind="AccountTakeOverNotification", body="Was it you?")]
    )

    answer = _ask(outbox, "/_dev/outbox")

    assert answer.headers["content-type"] == "application/json"
    assert answer.text == (
        '[{"to":"ada@lovelace.example","medium":"EMAIL","kind":"ForgotPassword","code":"590318",'
        '"subject":"Your password reset code","body":"<b>590318</b>","pool_id":"us-east-1_Kx81mQ0zP",'
        '"username":"ada.lovelace","at":"2026-11-23T09:40:00Z"},'
        '{"to":"+442079464179","medium":"SMS","kind":"AccountTakeOverNotification","code":null,'
        '"subject":"","body":"Was it you?","pool_id":"us-east-1_Kx81mQ0zP","username":"ada.lovelace",'
        '"at":"2026-11-23T09:40:15Z"}]'
    )


def test_an_empty_outbox_is_an_empty_list() -> None:
    """Not null and not an error."""
    assert _ask(MemoryOutbox(), "/_dev/outbox").text == "[]"


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost:7665", 200),
        ("shop.auth.localhost", 200),
        ("127.0.0.1:7665", 200),
        ("[::1]:7665", 200),
        ("evil.example", 421),
        ("evil.example:7665", 421),
        ("localhost.evil.example", 421),
        ("[::1].evil.example", 421),
        ("[1.2]", 421),
    ],
)
def test_a_name_that_was_made_to_lead_here_is_answered_nothing(host: str, status: int) -> None:
    """DNS rebinding: the page of another site brings its own name along, and reads no messages."""
    answer = _ask(MemoryOutbox([mail()]), "/_dev/outbox", host=host)
    assert answer.status_code == status
    assert ("590318" in answer.text) is (status == 200)


@pytest.mark.parametrize(
    ("query", "codes"),
    [
        ("to=ada@lovelace.example", ["590318"]),
        ("to=ADA@lovelace.example", ["590318"]),
        ("to=ada@lovelace", []),
        ("to=ada.lovelace", ["590318", "482016"]),
        ("kind=Authentication", ["482016"]),
        ("kind=Authentication&to=ada@lovelace.example", []),
        ("to=%2B442079464179&wait=5", ["482016"]),
        ("wait=0", ["590318", "482016"]),
    ],
)
def test_a_program_asks_for_one_person_and_one_kind(query: str, codes: list[str]) -> None:
    """Whole addresses and user names: `ada@` is nobody's."""
    answer = _ask(MemoryOutbox([mail(), text_message()]), f"/_dev/outbox?{query}")
    assert [one["code"] for one in answer.json()] == codes


@pytest.mark.parametrize("query", ["wait=soon", "wait=-1", "wait=31", "wait=nan", "for=ada"])
def test_what_a_program_cannot_ask_is_told(query: str) -> None:
    """A misspelt name would be a test that waits for anybody's message."""
    answer = _ask(MemoryOutbox([mail()]), f"/_dev/outbox?{query}")
    assert answer.status_code == 400
    assert "wait" in answer.text


def test_a_program_waits_for_a_message_that_is_still_to_come() -> None:
    """The answer comes with the message, not when the time is over; without one it is an empty list at the end."""
    outbox = MemoryOutbox([text_message()])

    async def work() -> tuple[httpx.Response, float, httpx.Response]:
        transport = httpx.ASGITransport(make_app(outbox))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost:7665") as client:
            asked = asyncio.create_task(client.get("/_dev/outbox?to=ada@lovelace.example&wait=20"))
            await asyncio.sleep(0.2)
            assert not asked.done()
            outbox.add(mail())
            begun = time.monotonic()
            answer = await asked
            return answer, time.monotonic() - begun, await client.get("/_dev/outbox?to=nobody&wait=0.1")

    answer, seconds, nothing = asyncio.run(work())
    assert [one["code"] for one in answer.json()] == ["590318"]
    assert seconds < 10
    assert nothing.json() == []


def test_a_program_forgets_what_was_there() -> None:
    """DELETE, as tests do before they begin."""
    outbox = MemoryOutbox([mail()])
    assert _ask(outbox, "/_dev/outbox", method="DELETE").status_code == 204
    assert outbox.captured == []


def test_clear_forgets_everything_and_goes_back() -> None:
    """POST, redirect, GET."""
    outbox = MemoryOutbox([mail()])

    answer = _ask(outbox, "/_dev/outbox/clear", method="POST")

    assert (answer.status_code, answer.headers["location"]) == (303, "/_dev/inbox")
    assert outbox.captured == []


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"sec_fetch_site": "same-origin", "origin": "null"}, 303),
        ({"sec_fetch_site": "none"}, 303),
        ({"origin": "http://localhost:7665"}, 303),
        ({"sec_fetch_site": "cross-site", "origin": "http://localhost:7665"}, 403),
        ({"sec_fetch_site": "same-site"}, 403),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "http://localhost:7665.evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "http://[1.2]"}, 403),
    ],
)
def test_another_site_cannot_clear(headers: dict[str, str], status: int) -> None:
    """A form or script elsewhere is refused, and nothing is forgotten."""
    for method, path, done in (("POST", "/_dev/outbox/clear", 303), ("DELETE", "/_dev/outbox", 204)):
        outbox = MemoryOutbox([mail()])

        answer = _ask(outbox, path, method=method, **headers)

        assert answer.status_code == (done if status == 303 else status)
        assert len(outbox.captured) == (1 if status == 403 else 0)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/_dev/outbox/clear", 405),
        ("POST", "/_dev/outbox", 405),
        ("POST", "/_dev/inbox", 405),
        ("GET", "/_dev/inbox/m9999", 404),
        ("GET", "/_dev/inbox/m9999/body", 404),
        ("GET", "/_dev/inbox/..%2f..%2fetc%2fpasswd", 404),
        ("GET", "/_dev/other", 404),
        ("GET", "/_static/0000/tokens.css", 404),
        ("GET", f"/_static/{load_assets().version}/__init__.py", 404),
    ],
)
def test_what_is_not_there_is_refused(method: str, path: str, status: int) -> None:
    """Unknown messages and files are 404, a wrong method is 405."""
    assert _ask(MemoryOutbox([mail()]), path, method=method).status_code == status


@pytest.mark.parametrize("path", ["/_dev/inbox", "/_dev/inbox/m0000", "/_dev/inbox/m9999"])
def test_pages_carry_the_headers_of_the_console(path: str) -> None:
    """One policy for list, message and the page of a message that is gone."""
    headers = _ask(MemoryOutbox([mail()]), path).headers

    assert headers["content-security-policy"] == PAGE_POLICY
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["content-type"] == "text/html; charset=utf-8"


def test_the_body_has_a_sandbox_of_its_own() -> None:
    """Opened by itself too, the mail runs no script, sends nothing and belongs to no origin."""
    answer = _ask(
        MemoryOutbox([mail(body="<html><body><script>alert(1)</script></body></html>")]), "/_dev/inbox/m0000/body"
    )

    policy = answer.headers["content-security-policy"]
    assert policy.startswith("sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:;")
    assert "allow-" not in policy
    assert answer.text == "<html><body><script>alert(1)</script></body></html>"


def test_a_body_of_text_is_shown_as_text() -> None:
    """A template without tags is not read as HTML."""
    answer = _ask(MemoryOutbox([mail(body="1 < 2\n  and 3 > 2")]), "/_dev/inbox/m0000/body")

    assert '<body class="text">1 &lt; 2\n  and 3 &gt; 2</body>' in answer.text


@pytest.mark.parametrize("name", ["to", "subject", "code", "kind", "username", "sender", "pool_id"])
@pytest.mark.parametrize("make", [mail, text_message])
def test_what_a_user_wrote_is_shown_as_text(make: Callable[..., Any], name: str) -> None:
    """Names, subjects, addresses: nothing of them becomes markup, in the list, the letter or the JSON."""
    outbox = MemoryOutbox([make(**{name: HOSTILE})])

    for path in ("/_dev/inbox", "/_dev/inbox/m0000"):
        text = _ask(outbox, path).text
        assert "<img" not in text
        assert "&lt;img src=x onerror=alert(1)&gt;&#34;&#39;&amp;" in text


def test_an_sms_is_shown_as_text() -> None:
    """Its body stands in the page itself."""
    text = _ask(MemoryOutbox([text_message(body=HOSTILE)]), "/_dev/inbox/m0000").text

    assert "<img" not in text
    assert "<iframe" not in text


def test_a_filter_is_shown_as_text() -> None:
    """What stands in the address comes back into the form, escaped."""
    text = _ask(MemoryOutbox([mail()]), "/_dev/inbox?to=%22%3E%3Cscript%3E&medium=%22%3E%3Cscript%3E").text

    assert "<script>" not in text
    assert 'value="&#34;&gt;&lt;script&gt;"' in text


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", ["m0002", "m0001", "m0000"]),
        ("?to=LOVELACE", ["m0000"]),
        ("?to=grace.hopper", ["m0002"]),
        ("?medium=SMS", ["m0001"]),
        ("?medium=EMAIL&to=hopper", ["m0002"]),
        ("?medium=PIGEON", ["m0002", "m0001", "m0000"]),
        ("?to=nobody", []),
    ],
)
def test_the_list_is_filtered_by_address_user_and_medium(query: str, shown: list[str]) -> None:
    """Newest first; links keep the filter; an unknown medium is none."""
    outbox = MemoryOutbox(
        [mail(), text_message(username="radia"), mail("grace@hopper.example", username="grace.hopper")]
    )

    text = _ask(outbox, f"/_dev/inbox{query}").text

    hrefs = re.findall(r'class="letter" href="/_dev/inbox/(\w+)([^"]*)"', text)
    assert [found for found, _ in hrefs] == shown
    kept = {"?to=LOVELACE": "?to=LOVELACE", "?medium=EMAIL&to=hopper": "?to=hopper&amp;medium=EMAIL"}
    if query in kept:
        assert {rest for _, rest in hrefs} == {kept[query]}


def test_a_long_list_shows_its_newest_part_and_says_so() -> None:
    """Ten thousand messages of a load test are no page."""
    outbox = MemoryOutbox([mail() for _ in range(inbox_module.MOST_ROWS + 1)])

    text = _ask(outbox, "/_dev/inbox").text

    assert text.count('class="letter"') == inbox_module.MOST_ROWS
    assert "Only the newest 200 are shown." in text
    assert "201 messages" in text


def test_the_row_and_the_letter_tell_the_facts() -> None:
    """Code in the row in threes, large and spoken in the letter; facts without empty ones."""
    outbox = MemoryOutbox([mail(code="20481337", kind="Authentication")])

    text = _ask(outbox, "/_dev/inbox/m0000").text

    assert 'Sign-in code <span class="digits">20 481 337</span>' in text
    assert 'aria-label="Code 2 0 4 8 1 3 3 7">20481337</output>' in text
    assert "23 Nov 2026, 09:40:00 UTC, code good until 10:40" in text
    assert "Juniper Books &lt;no-reply@juniper.example&gt;" in text
    assert "Length" not in text


def test_a_message_without_a_code_says_what_it_says() -> None:
    """The row begins the text, cut; there is no place for a code."""
    outbox = MemoryOutbox([text_message(kind="AdminCreateUser", code=None, body="Your user name is ada " * 9)])

    text = _ask(outbox, "/_dev/inbox/m0000").text

    assert "Invitation: Your user name is ada Your user name is ada Your user name i…" in text
    assert "big-code" not in text
    assert "198 characters, 2 segments (GSM-7)" in text


def test_a_code_that_ends_on_another_day_says_which() -> None:
    """A time alone would be taken for today's."""
    end = NINE_FORTY + 26 * 3_600_000

    assert "code good until 11:40 on 24 Nov" in _ask(MemoryOutbox([mail(valid_until=end)]), "/_dev/inbox/m0000").text


def test_the_json_of_a_letter_is_what_the_outbox_tells() -> None:
    """Cut out of the page it parses, with the same members."""
    outbox = MemoryOutbox([mail(subject="„Größe“ 😀 </pre>")])
    text = _ask(outbox, "/_dev/inbox/m0000").text
    shown = re.search(r'aria-label="The message as JSON">(.*?)</pre>', text, re.DOTALL)

    assert shown is not None
    plain = re.sub(r"</?[bs]>", "", shown[1])
    for entity, character in (("&lt;", "<"), ("&gt;", ">"), ("&#34;", '"'), ("&#39;", "'"), ("&amp;", "&")):
        plain = plain.replace(entity, character)
    assert json.loads(plain) == _ask(outbox, "/_dev/outbox").json()[0]


def test_the_line_for_tests_is_safe_to_paste(tmp_path: Path) -> None:
    """An address that is a shell program stays an address."""
    to = "x'$(touch hacked)'@lovelace.example"
    text = _ask(MemoryOutbox([mail(to)]), "/_dev/inbox/m0000").text
    shown = re.search(r"<i># the newest code for this address</i>\n(.*?)</pre>", text)

    assert shown is not None
    line = shown[1].replace("&#34;", '"').replace("&#39;", "'").replace("&gt;", ">").replace("&lt;", "<")
    pasted = line.replace("curl -s", "printf '%s\\n'").replace(" | jq -r", "")
    words = subprocess.run(["bash", "-c", pasted], capture_output=True, text=True, check=True, cwd=tmp_path).stdout
    assert words == f'http://localhost:7665/_dev/outbox\n[.[]|select(.to=="{to}")][-1].code\n'
    assert list(tmp_path.iterdir()) == []


def test_an_empty_inbox_says_what_to_do() -> None:
    """The call in it names this server and the demo pool's client."""
    text = _ask(MemoryOutbox(), "/_dev/inbox").text

    assert "Messages that your pools would send land here." in text
    assert "aws cognito-idp sign-up --endpoint-url http://localhost:7665" in text
    assert "--client-id 6example2client4of0a1pool" in text


def test_assets_are_kept_for_ever_under_an_address_of_their_content() -> None:
    """Every asset that a page names is there, with its type; script modules are short."""
    text = _ask(MemoryOutbox(), "/_dev/inbox").text
    addresses = re.findall(r'(?:href|src)="(/_static/[^"]+)"', text)

    assert len(addresses) == 8
    for address in addresses:
        answer = _ask(MemoryOutbox(), address)
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        if address.endswith(".js"):
            assert answer.headers["content-type"].startswith("text/javascript")
            assert answer.text.count("\n") <= 80
    assert load_assets().version == load_assets().version
    with pytest.raises(KeyError):
        load_assets().url("nothing.css")


def _first_events(outbox: MemoryOutbox, path: str, **headers: str) -> list[dict[str, Any]]:
    """Read the stream until its first pause and return the data of its events."""

    async def read() -> str:
        stopping = asyncio.Event()
        stopping.set()
        transport = httpx.ASGITransport(make_app(outbox, stopping))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            answer = await client.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})
            assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
            assert answer.headers["cache-control"] == "no-store"
            return answer.text

    return [json.loads(data) for data in re.findall(r"^data: (.*)$", asyncio.run(read()), re.MULTILINE)]


def test_events_tell_what_came_after_the_page() -> None:
    """From the id in the address, or from the one that a returning browser names; filtered as the page is."""
    outbox = MemoryOutbox([mail(), text_message(), mail("grace@hopper.example", code="017745")])

    (event,) = _first_events(outbox, "/_dev/inbox/events?after=m0001")

    assert event["news"] == "New message to grace@hopper.example, code 0 1 7 7 4 5"
    assert event["count"] == 3
    assert 'href="/_dev/inbox/m0002"' in event["row"]
    assert len(_first_events(outbox, "/_dev/inbox/events?after=")) == 3
    assert len(_first_events(outbox, "/_dev/inbox/events?after=", last_event_id="m0002")) == 0
    assert len(_first_events(outbox, "/_dev/inbox/events?after=&medium=SMS")) == 1


def test_a_row_of_an_event_is_escaped() -> None:
    """The script puts it into the page as HTML, so it must be safe as HTML."""
    (event,) = _first_events(MemoryOutbox([mail(HOSTILE)]), "/_dev/inbox/events")

    assert "<img" not in event["row"]
    assert "&lt;img" in event["row"]


def test_a_stream_polls_until_it_is_told_to_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    """A message that comes later is told once, comments keep the line open, the end comes when it is asked for."""
    monkeypatch.setattr(inbox_module, "POLL_SECONDS", 0.001)
    monkeypatch.setattr(inbox_module, "POLLS_TO_COMMENT", 2)
    outbox = MemoryOutbox([mail()])

    async def read() -> str:
        stopping = asyncio.Event()
        transport = httpx.ASGITransport(make_app(outbox, stopping))

        async def later() -> None:
            await asyncio.sleep(0.05)
            outbox.add(text_message())
            await asyncio.sleep(0.05)
            stopping.set()

        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            answer, _ = await asyncio.gather(client.get("/_dev/inbox/events?after=m0000"), later())
            return answer.text

    text = asyncio.run(read())

    assert text.count("event: letter") == 1
    assert text.count("id: m0001") == 1
    assert ": still here" in text


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"sec_fetch_site": "same-origin"}, 200),
        ({"sec_fetch_site": "cross-site", "sec_fetch_mode": "no-cors"}, 403),
        ({"sec_fetch_site": "same-site"}, 403),
        ({"origin": "https://evil.example"}, 403),
    ],
)
def test_another_site_opens_no_stream(headers: dict[str, str], status: int) -> None:
    """No page elsewhere can read a stream, and none can keep one open."""
    with httpx.Client() as client, serving(MemoryOutbox()) as address:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        with client.stream("GET", f"{address}/_dev/inbox/events", headers=named) as answer:
            assert answer.status_code == status


def test_so_many_streams_are_open_and_no_more() -> None:
    """The one above the bound is told so, and there is room again when others have ended."""
    with httpx.Client() as client, serving(MemoryOutbox()) as address, contextlib.ExitStack() as stack:
        events = f"{address}/_dev/inbox/events"
        streams = [stack.enter_context(client.stream("GET", events)) for _ in range(MOST_STREAMS)]
        assert {one.status_code for one in streams} == {200}
        assert client.get(events).status_code == 503

        for one in streams:
            one.close()
        for _ in range(100):
            with client.stream("GET", events) as answer:
                if answer.status_code == 200:
                    break
            time.sleep(0.05)
        assert answer.status_code == 200


def test_streams_look_for_messages_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten of them open the messages once a poll, and each tells all of them."""
    monkeypatch.setattr(inbox_module, "POLLS_TO_END", 4)
    monkeypatch.setattr(inbox_module, "POLL_SECONDS", 0.2)
    outbox = Counted([mail(), mail()])

    async def read() -> list[str]:
        transport = httpx.ASGITransport(make_app(outbox))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            answers = await asyncio.gather(*(client.get("/_dev/inbox/events") for _ in range(10)))
        return [answer.text for answer in answers]

    assert {text.count("event: letter") for text in asyncio.run(read())} == {2}
    assert outbox.looked <= 2 * 4


class Counted(MemoryOutbox):
    """An outbox that counts how often it is looked through."""

    looked = 0

    async def list(self) -> Sequence[CapturedMessage]:
        self.looked += 1
        return await super().list()


def test_an_open_stream_does_not_hold_up_the_end_of_the_server() -> None:
    """The server stops while a browser listens, and the stream ends as a whole answer does."""
    with httpx.Client() as client:
        with serving(MemoryOutbox()) as address:
            answer = client.send(client.build_request("GET", f"{address}/_dev/inbox/events"), stream=True)
            lines = answer.iter_lines()
            assert next(lines) == "retry: 2000"

        assert list(lines) == [""]
        answer.close()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a" * 160, SmsLength(160, 1, "GSM-7")),
        ("a" * 161, SmsLength(161, 2, "GSM-7")),
        ("a" * 306, SmsLength(306, 2, "GSM-7")),
        ("a" * 307, SmsLength(307, 3, "GSM-7")),
        ("€" * 80, SmsLength(80, 1, "GSM-7")),
        ("€" * 81, SmsLength(81, 2, "GSM-7")),
        ("a" * 152 + "€" + "a" * 152, SmsLength(305, 3, "GSM-7")),
        ("ж" * 70, SmsLength(70, 1, "UCS-2")),
        ("ж" * 71, SmsLength(71, 2, "UCS-2")),
        ("😀" * 35, SmsLength(35, 1, "UCS-2")),
        ("😀" * 67, SmsLength(67, 3, "UCS-2")),
        ("", SmsLength(0, 1, "GSM-7")),
    ],
)
def test_an_sms_is_measured_as_a_carrier_does(text: str, expected: SmsLength) -> None:
    """160 or 70 alone, 153 or 67 in parts, and no character is torn."""
    assert measure(text) == expected
