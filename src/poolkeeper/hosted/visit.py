"""What does one request to the pages or the OAuth endpoints carry? The call, the place it came to, and what was sent."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

import msgspec
from starlette.responses import Response

from poolkeeper.call import Call
from poolkeeper.forms import MOST_BYTES, NOTHING, Form
from poolkeeper.hosted.hand_over import HandOver
from poolkeeper.hosted.places import Place
from poolkeeper.model.pool import Pool


class Visit(msgspec.Struct, frozen=True, kw_only=True):
    """One request. `query` is what stands in the address, `form` what was posted; neither is believed yet.

    `body` is what was posted where that is no form. `path` is the path within the place, `raw_query` the query as it was sent
    (signatures are over that), `headers` are those of the request in lower case; `proofs` are all that stand in DPoP headers.
    `hand_over` makes the page by which a browser posts to a provider.
    """

    call: Call
    place: Place
    method: str
    path: str
    query: Form = NOTHING
    raw_query: bytes = b""
    form: Form = NOTHING
    body: bytes = b""
    headers: Mapping[str, str] = msgspec.field(default_factory=dict)
    cookies: Mapping[str, str] = msgspec.field(default_factory=dict)
    proofs: tuple[str, ...] = ()
    hand_over: HandOver | None = None

    def __repr__(self) -> str:
        return f"Visit({self.method} {self.path})"

    def with_pool(self, pool: Pool) -> "Visit":
        """Return the visit with its pool as it was read just now."""
        return msgspec.structs.replace(self, place=msgspec.structs.replace(self.place, pool=pool))


Handler = Callable[[Visit], Awaitable[Response]]
# What answers with a status, a sentence, the id of the request, and the language that the browser would read best.
Refuse = Callable[[int, str, str, str], Response]


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One path: what answers GET and POST, None where the method is not for it.

    `service` is what the log and the metrics call it, a name of `hosted/outcomes.py`. `refuse` answers in the endpoint's
    own kind what cannot even be read, came to nobody's place, or met with an accident. `cross_origin`: a script of any
    site may call it, without cookies. `reads_pool`: what answers reads the pool itself, in the same round trip as the
    client or the token, so that its place may have the pool as it is remembered. `refuses_itself`: where nothing names a
    pool, it refuses at nobody's place as it does at a domain whoever is not of it. `yields`: on the bare host, without a
    client id, the address is no pool's and leads elsewhere. `most_form` is how many bytes a form may have. `hand_over`
    is for those from which a browser goes on to a provider. `at_base`: the server's own host serves it for every pool, by what
    the request names. `takes_json`: what is posted is no form, and read by whoever answers.
    """

    service: str
    refuse: Refuse
    get: Handler | None = None
    post: Handler | None = None
    cross_origin: bool = False
    reads_pool: bool = False
    refuses_itself: bool = False
    yields: bool = False
    most_form: int = MOST_BYTES
    at_base: bool = False
    takes_json: bool = False
    hand_over: HandOver | None = None
