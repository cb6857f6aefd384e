"""What does a browser show that posts to a provider? A page whose one form is sent by a script of ours, else by its button.

It is no page of the table of endpoints.py: it answers wherever somebody goes on to a provider that is asked by forms alone
(SAML bindings 3.5). No token of ours is in the form, which leaves the house. As all sign-in pages it goes without
form-action: Chromium looks along the whole chain of redirects, and a provider may have more hosts than its metadata say.
"""

from dataclasses import dataclass

from starlette.responses import Response

from poolkeeper.hosted.hand_over import HandOver, Parcel
from poolkeeper.hosted.places import Place
from poolkeeper.pages.managed_login.parts import Frame
from poolkeeper.pages.managed_login.views import Render, View


@dataclass(frozen=True, slots=True, kw_only=True)
class Going(View):
    """Who goes on to the provider `parcel.name`, with what it is brought."""

    template = "sign-in/hand-over.html"

    parcel: Parcel


def make(render: Render) -> HandOver:
    """Return what makes the page of a parcel."""

    def page(place: Place, parcel: Parcel) -> Response:
        return render(Going(parcel=parcel), Frame(pool_name=place.pool.name, mount=place.mount))

    return page
