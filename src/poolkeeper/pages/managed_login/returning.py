"""How does somebody get back to an app from a page that belongs to none? By an authorize request, empty where none would hold."""

from poolkeeper.errors import ResourceNotFoundException
from poolkeeper.forms import Form
from poolkeeper.hosted import authorize
from poolkeeper.hosted.authorize import CODE, Refused, Untrusted
from poolkeeper.lookup import require_client
from poolkeeper.pages.managed_login.sitting import Sitting


async def as_text(s: Sitting, given: Form) -> str:
    """Return an authorize request as text for links, empty where no app may make it."""
    try:
        return (await authorize.read(s.call, s.visit.place, given)).query
    except (Untrusted, Refused):
        return ""


async def to_app(s: Sitting) -> str:
    """Return a request by which somebody who comes from nowhere enters the app client of `client_id`.

    It has no `state`, as an app's own bookmark has none. The address is DefaultRedirectURI, else the only one.
    """
    client_id = s.visit.query.get("client_id", "")
    try:
        _, client = await require_client(s.call, client_id)
    except ResourceNotFoundException:
        return ""
    addresses = client.document.get("CallbackURLs", ())
    address = client.document.get("DefaultRedirectURI") or (addresses[0] if len(addresses) == 1 else "")
    given = {"response_type": CODE, "client_id": client_id, "redirect_uri": address}
    return await as_text(s, Form(given)) if address else ""
