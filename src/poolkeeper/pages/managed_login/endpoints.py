"""Which sign-in pages are there? The table of their addresses, and what every one of them goes through before its handler.

    from a page of ours? --> the authorize request in the address is checked anew --> the handler --> a page, or on

A form leads to the address of the next page, which holds that page (stepping.py). An address to which forms alone are sent,
and which holds none, leads to /login.
"""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import fields, replace
from http import HTTPStatus
from typing import Any

import msgspec
from starlette.responses import Response

from poolkeeper.branding.styles import look_of
from poolkeeper.clock import Clock
from poolkeeper.errors import ServiceError
from poolkeeper.forms import Form
from poolkeeper.hosted import authorize, forgery, language, outcomes, paths
from poolkeeper.hosted.answers import REFUSED_REQUEST, back_to_app, to_error
from poolkeeper.hosted.authorize import AuthorizeRequest, Refused, Untrusted
from poolkeeper.hosted.forgery import Forged
from poolkeeper.hosted.outcomes import Fault
from poolkeeper.hosted.visit import Endpoint, Handler, Visit
from poolkeeper.pages.managed_login import (
    feedback,
    hand_over,
    links,
    passkey_offer,
    recovery,
    refusals,
    returning,
    second_step,
    sign_in,
    sign_up,
    signing_out,
    stepping,
    views,
)
from poolkeeper.pages.managed_login.found_again import STEP
from poolkeeper.pages.managed_login.kept import TooOld
from poolkeeper.pages.managed_login.parts import Frame, Problem
from poolkeeper.pages.managed_login.refusals import Wait
from poolkeeper.pages.managed_login.sitting import Answer, AtClient, Sitting
from poolkeeper.pages.managed_login.views import ErrorPage, Render

# Cognito's own authorize request never gets here with it; whoever types it gets the answer that /oauth2/authorize
# gives.
_NONE = "none"
_REQUEST_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_FAULTS = {fault.value: fault for fault in Fault}

AnswerAlone = Callable[[Sitting], Awaitable[Response]]

# path -> what answers GET, and what a form that is sent there
PAGES: Mapping[str, tuple[Answer, Answer | None]] = {
    paths.LOGIN: (sign_in.show, sign_in.answer),
    paths.LOGIN_PASSWORD: (sign_in.to_first_page, sign_in.answer_password),
    paths.LOGIN_CHOOSE: (sign_in.to_first_page, sign_in.choose),
    paths.LOGIN_ANOTHER_WAY: (sign_in.to_first_page, sign_in.choose_another),
    paths.LOGIN_PASSKEY: (sign_in.to_first_page, sign_in.answer_passkey),
    paths.LOGIN_CONTINUE: (sign_in.to_first_page, sign_in.go_on_as),
    paths.LOGIN_PROVIDER: (sign_in.to_first_page, sign_in.go_to_provider),
    paths.CODE: (sign_in.to_first_page, second_step.answer_code),
    paths.CODE_RESEND: (sign_in.to_first_page, second_step.send_again),
    paths.SET_UP_CHOOSE: (sign_in.to_first_page, second_step.choose_factor),
    paths.SET_UP_APP: (sign_in.to_first_page, second_step.set_up_app),
    paths.SET_UP_ADDRESS: (sign_in.to_first_page, second_step.set_up_address),
    paths.NEW_PASSWORD: (sign_in.to_first_page, second_step.change_password),
    paths.SIGN_UP: (sign_up.show, sign_up.answer),
    paths.CONFIRM: (sign_up.show_confirm, sign_up.confirm),
    paths.CONFIRM_RESEND: (sign_in.to_first_page, sign_up.resend),
    paths.FORGOT: (recovery.show, recovery.answer),
    paths.RESET: (recovery.show_reset, recovery.reset),
    paths.ADD_PASSKEY: (passkey_offer.show, passkey_offer.answer),
}


async def show_error(s: Sitting) -> Response:
    """GET /error: what is wrong with a request, by a code out of our own table; nothing else of it is shown."""
    query = s.visit.query
    fault = _FAULTS.get(query.get("error", ""), Fault.INVALID_REQUEST)
    begun = await returning.as_text(s, query) if fault is Fault.STRAY else ""
    return replace(s, query=begun).fault(
        fault, client_id=query.get("client_id", "")[:128], request_id=_refused_request(query), restart=bool(begun)
    )


def _refused_request(query: Form) -> str:
    """Return the id of the request that was wrong, empty where the address names none."""
    text = query.get(REFUSED_REQUEST, "")
    return text if _REQUEST_ID.fullmatch(text) else ""


# Pages that stand for no app, or not for sure.
ALONE: Mapping[str, tuple[AnswerAlone, AnswerAlone | None]] = {
    paths.CONFIRM_LINK: (links.show, links.answer),
    f"{paths.CONFIRM_LINK}/": (links.show, links.answer),  # as the messages of Cognito have it
    paths.FEEDBACK: (feedback.show, feedback.answer),
    paths.LOGOUT_CONFIRM: (signing_out.ask, signing_out.answer),
    paths.SIGNED_OUT: (signing_out.done, None),
    paths.ERROR: (show_error, None),
}


def make_endpoints(render: Render, clock: Clock) -> Mapping[str, Endpoint]:
    """Return the endpoints of all sign-in pages, by path."""

    def fault_of(status: int, sentence: str) -> Fault:
        """Say of the request itself what cannot be read, or is sent by a method that is not for the page."""
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return Fault.UNEXPECTED
        unread = status == HTTPStatus.METHOD_NOT_ALLOWED or sentence.startswith("The request")
        return Fault.INVALID_REQUEST if unread else Fault.NOBODYS

    def refuse(status: int, sentence: str, request_id: str, language: str) -> Response:
        fault = fault_of(status, sentence)
        view = ErrorPage(fault=fault, request_id=request_id, at=clock.now())
        return render(view, Frame(pool_name="", language=language), status=status)

    def signed_out(status: int, sentence: str, request_id: str, language: str) -> Response:
        """Say what is true of a browser whatever pool it was signed in to: a sign-out may name none to its last page."""
        if status != HTTPStatus.BAD_REQUEST or fault_of(status, sentence) is not Fault.NOBODYS:
            return refuse(status, sentence, request_id, language)
        return render(views.SignedOut(), Frame(pool_name="", language=language))

    handing_over = hand_over.make(render)

    def endpoint(handler: Callable[..., Handler], answers: tuple[Any, Any], *, path: str) -> Endpoint:
        get, post = answers
        return Endpoint(
            service=outcomes.PAGES,
            refuse=signed_out if path == paths.SIGNED_OUT else refuse,
            get=handler(render, get),
            post=None if post is None else handler(render, post),
            hand_over=handing_over,
            at_base=path == paths.FEEDBACK,
        )

    return {
        **{path: endpoint(_at_client, answers, path=path) for path, answers in PAGES.items()},
        **{path: endpoint(_alone, answers, path=path) for path, answers in ALONE.items()},
    }


def _alone(render: Render, answer: AnswerAlone) -> Handler:
    """Return the handler of a page that stands alone, for no app."""

    async def handle(visit: Visit) -> Response:
        visit.call.trace.at_pages = True
        call = msgspec.structs.replace(visit.call, language=language.of(visit))
        visit = msgspec.structs.replace(visit, call=call)
        look = await look_of(
            visit.call.house,
            visit.place.pool,
            client_id=visit.query.get("client_id", ""),
            domain=visit.place.domain,
        )
        s = Sitting(visit=visit, guard=forgery.guard_of(visit), render=render, look=look)
        try:
            if visit.method == "POST":
                forgery.require_ours(visit, s.guard)
            response = await answer(s)
        except Forged:
            response = await _forged(s)
        except Untrusted as fault:
            response = to_error(visit, fault)
        except Wait as wait:
            response = s.show(views.TooManyTries(seconds=wait.seconds))
        s.guard.keep(response, visit.place)
        language.keep(visit, response)
        return response

    return handle


async def _forged(s: Sitting) -> Response:
    """Refuse a form; a person whose authorize request is whole begins anew, with the cookie of this answer."""
    query = await returning.as_text(s, s.visit.query)
    return replace(s, query=query).fault(Fault.FORGED, status=403, restart=bool(query))


def _at_client(render: Render, answer: Answer) -> Handler:
    """Return the handler of a page on the way to an app."""

    async def with_request(s: Sitting) -> Response:
        if s.look.unstyled and s.call.settings.unstyled_pages == "refuse":
            return s.fault(Fault.NOT_OPEN)
        try:
            return await _answered(_on_the_way(s, await _request(s)), answer)
        except Refused as refusal:
            return back_to_app(s.visit, refusal)

    return _alone(render, with_request)


async def _request(s: Sitting) -> AuthorizeRequest:
    """Return the authorize request in the address, checked anew at each step. Raises Untrusted and Refused."""
    request = await authorize.read(s.call, s.visit.place, s.visit.query)
    if _NONE in request.prompt:
        raise Refused(request.back, "login_required")
    return request


def _on_the_way(s: Sitting, request: AuthorizeRequest) -> AtClient:
    members = {field.name: getattr(s, field.name) for field in fields(s)}
    return AtClient(**{**members, "query": request.query}, request=request)


async def _answered(s: AtClient, answer: Answer) -> Response:
    """Answer; a refusal that no handler has words for brings the first page back."""
    trace = s.call.trace
    try:
        return await (stepping.draw(s) if STEP in s.visit.query and s.visit.method != "POST" else answer(s))
    except TooOld:
        trace.refuse(trace.outcome or outcomes.TOO_OLD, trace.detail)
        return s.show(views.TooOld())
    except Wait as wait:
        return s.show(views.TooManyTries(seconds=wait.seconds))
    except ServiceError as fault:
        trace.refuse(fault.name, fault.detail)
        try:
            problem = refusals.problem_of(fault, s.pool)
        except TooOld:
            return s.show(views.TooOld())
        return s.show(await sign_in.first_page(s, s.request.login_hint, Problem(problem.wrong, values=problem.values)))
