"""/saml2/logout: where SAML providers answer that somebody has signed out there too, or ask us to sign somebody out.

After an answer the browser goes where the app wants it, after a request back to the provider.
"""

from starlette.responses import Response

from poolkeeper.federation.saml import bindings
from poolkeeper.federation.saml.faults import BadMessage
from poolkeeper.hosted import outcomes
from poolkeeper.hosted.answers import gone, to_error, to_stray
from poolkeeper.hosted.authorize import Untrusted
from poolkeeper.hosted.federated_visit import Stray
from poolkeeper.hosted.saml_logout import asked, come_back
from poolkeeper.hosted.visit import Visit


async def saml_logout(visit: Visit) -> Response:
    """Answer a browser that brings a provider's logout message; one that is unexpected or not theirs leads to a page."""
    visit.call.trace.at_pages = True
    try:
        if bindings.REQUEST in (visit.form if visit.method == "POST" else visit.query):
            return await asked(visit)
        return gone(visit, await come_back(visit))
    except Stray as fault:
        return to_stray(visit, fault)
    except BadMessage as fault:
        return to_error(visit, Untrusted(outcomes.FOREIGN_ANSWER, detail=str(fault)))
