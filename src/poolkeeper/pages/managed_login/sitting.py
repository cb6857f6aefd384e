"""What does every page's handler have at hand? The visit, the authorize request in its address, and how to answer."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

from starlette.responses import Response

from poolkeeper.branding.looks import PLAIN, Look
from poolkeeper.call import Call
from poolkeeper.errors import InvalidParameterException
from poolkeeper.forms import Form
from poolkeeper.hosted.authorize import AuthorizeRequest
from poolkeeper.hosted.forgery import Guard
from poolkeeper.hosted.outcomes import Fault
from poolkeeper.hosted.redirects import redirect
from poolkeeper.hosted.registered import destination_of
from poolkeeper.hosted.visit import Visit
from poolkeeper.lookup import Subject, require_client_and_subject
from poolkeeper.model.client import Client
from poolkeeper.model.client_metadata import host_of
from poolkeeper.model.pool import Pool
from poolkeeper.model.registration import claimed_name
from poolkeeper.pages.managed_login.found_again import here
from poolkeeper.pages.managed_login.kept import FIELD, Kept, seal, take_up
from poolkeeper.pages.managed_login.parts import Frame, Naming, Notice
from poolkeeper.pages.managed_login.views import ErrorPage, Render, View
from poolkeeper.providers import is_loopback

NOTICE = "notice"
_NAMINGS: Mapping[tuple[bool, frozenset[str]], Naming] = {
    (True, frozenset({"email"})): Naming.EMAIL,
    (True, frozenset({"phone_number"})): Naming.PHONE,
    (True, frozenset({"email", "phone_number"})): Naming.EMAIL_OR_PHONE,
    (False, frozenset({"email"})): Naming.EMAIL_OR_USER_NAME,
    (False, frozenset({"phone_number"})): Naming.PHONE_OR_USER_NAME,
    (False, frozenset({"email", "phone_number"})): Naming.EMAIL_PHONE_OR_USER_NAME,
}
_NOTICES = {notice.value: notice for notice in Notice}
_ADDRESSES = frozenset({"email", "phone_number"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Sitting:
    """One request to a page, before an authorize request is known: what every page has."""

    visit: Visit
    guard: Guard
    render: Render
    query: str = ""
    look: Look = PLAIN

    @property
    def call(self) -> Call:
        return self.visit.call

    @property
    def pool(self) -> Pool:
        return self.visit.place.pool

    @property
    def form(self) -> Form:
        return self.visit.form

    @property
    def app(self) -> tuple[str, str]:
        """Where an app is that nobody registered by hand, and the name that it claims; empty for every other."""
        return "", ""

    @property
    def app_here(self) -> bool:
        """Whether such an app takes people back on this very computer (RFC 8252 8.6: any program there may claim to be it)."""
        return False

    def show(self, view: View, *, status: int | None = None) -> Response:
        """Answer with a page."""
        if view.problems and not self.call.trace.outcome:
            self.call.trace.refuse(InvalidParameterException.name)  # what the API would say of such a form
        again = here(self.visit, view)
        frame = Frame(
            pool_name=self.pool.name,
            language=self.call.language,
            here=again.path,
            holds=again.fields,
            mount=self.visit.place.mount,
            query=self.query,
            csrf=self.guard.token,
            naming=naming_of(self.pool),
            look=self.look,
            app_host=self.app[0],
            app_name=self.app[1],
            app_here=self.app_here,
        )
        return self.render(view, frame, status=status)

    def fault(
        self,
        fault: Fault,
        *,
        client_id: str = "",
        status: int | None = None,
        request_id: str = "",
        restart: bool = False,
    ) -> Response:
        """Answer with the page from which no way leads on but, where `restart` says so, the one to the first page.

        `request_id` is what was refused, unless it is this request.
        """
        self.call.trace.refuse(fault.value)
        view = ErrorPage(
            fault=fault,
            request_id=request_id or self.call.request_id,
            at=self.call.now,
            client_id=client_id,
            restart=restart,
        )
        return self.show(view, status=status)


@dataclass(frozen=True, slots=True, kw_only=True)
class AtClient(Sitting):
    """One request to a page on which a person is on the way to an app: its authorize request was checked just now."""

    request: AuthorizeRequest

    @property
    def client(self) -> Client:
        """The app client as the pages serve it."""
        return self.request.client.at_pages

    @property
    def app(self) -> tuple[str, str]:
        client = self.request.client
        if client.url:
            return host_of(client.url), client.claimed_name
        if client.registered_itself:
            return destination_of(self.request.back.redirect_uri), claimed_name(client.name)
        return "", ""

    @property
    def app_here(self) -> bool:
        return self.request.client.registered_itself and is_loopback(self.request.back.redirect_uri)

    @property
    def notice(self) -> Notice | None:
        """What the page before says went well; nothing but a name out of our own table."""
        return _NOTICES.get(self.visit.query.get(NOTICE, ""))

    def further(self, path: str, *, username: str = "", notice: Notice | None = None) -> Response:
        """Redirect to another page of the same authorize request; the name of whoever is meant goes along as its `login_hint`."""
        return redirect(self.address(path, username=username, notice=notice))

    def address(self, path: str, *, username: str = "", notice: Notice | None = None) -> str:
        """Return the address of another page of the same authorize request."""
        query = _hinted(self.request.query, username) if username else self.request.query
        more = f"&{urlencode({NOTICE: notice.value})}" if notice is not None else ""
        return f"{self.visit.place.path(path)}?{query}{more}"

    def sealed(self, kept: Kept) -> str:
        """Return what a page carries to the next one in its hidden field."""
        return seal(self.call, kept)

    def kept(self, *pages: str) -> Kept:
        """Return what the form of one of the `pages` carried here.

        Raises TooOld.
        """
        return self.taken_up(self.form.get(FIELD, ""), *pages)

    def taken_up(self, sealed: str, *pages: str) -> Kept:
        """Return what one of the `pages` had sealed for this browser and app client.

        Raises TooOld.
        """
        return take_up(
            self.call,
            sealed,
            client_id=self.client.client_id,
            binding=self.guard.binding,
            pages=frozenset(pages),
        )


Answer = Callable[[AtClient], Awaitable[Response]]


async def subject_of(s: AtClient, username: str) -> Subject:
    """Return whom a name means that somebody typed, as they are now, or the ghost of nobody."""
    _, _, subject = await require_client_and_subject(s.call, s.client.client_id, username, pool_id=s.pool.pool_id)
    return subject


def _hinted(query: str, username: str) -> str:
    parameters = [(name, value) for name, value in parse_qsl(query, keep_blank_values=True) if name != "login_hint"]
    return urlencode([*parameters, ("login_hint", username)])


def naming_of(pool: Pool) -> Naming:
    """Return by what people of a pool name themselves: addresses instead of a user name, or beside it."""
    signs_in_by = pool.username_attributes or pool.alias_attributes & _ADDRESSES
    return _NAMINGS.get((bool(pool.username_attributes), signs_in_by), Naming.USER_NAME)
