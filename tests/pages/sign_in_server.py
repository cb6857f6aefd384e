"""What do the sign-in pages' browser tests talk to? Every sample at an address of its own, and a memory of what was posted."""

from collections.abc import Mapping
from dataclasses import replace

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pages.hostile import PAYLOADS
from pages.sign_in_samples import FRAME, filled, samples
from poolkeeper import forms
from poolkeeper.pages.assets import load_assets
from poolkeeper.pages.managed_login import views
from poolkeeper.pages.managed_login.hand_over import Going
from poolkeeper.pages.managed_login.rendering import make_render
from poolkeeper.pages.managed_login.views import View
from poolkeeper.pages.managed_login.words import Speech


def make_app(
    posted: list[tuple[str, dict[str, str]]],
    more: dict[str, View] | None = None,
    words: Mapping[str, Speech] | None = None,
) -> Starlette:
    """Return an app with the samples at `/page/<name>`, `more` beside them, hostile ones at `/hostile/<number>/<name>`.

    In other languages they are at `/in/<language>/<name>`; `words` are all that the pages speak, where those are not ours.

    Each form that comes in is remembered in `posted` with its path, and answered by the page of a person signed out.
    """
    assets = load_assets()
    render = make_render(assets, words)
    pages = {**dict(samples()), **(more or {})}

    async def page(request: Request) -> Response:
        view = pages[request.path_params["name"]]
        # As hand_over.make does: what goes to a provider comes in no other language.
        return render(view, replace(FRAME, here="") if isinstance(view, Going) else FRAME, status=200)

    async def in_language(request: Request) -> Response:
        frame = replace(FRAME, language=request.path_params["language"])
        return render(pages[request.path_params["name"]], frame, status=200)

    async def hostile(request: Request) -> Response:
        payload = PAYLOADS[request.path_params["number"]]
        return render(filled(pages[request.path_params["name"]], payload), filled(FRAME, payload), status=200)

    async def taken(request: Request) -> Response:
        posted.append((request.url.path, dict(forms.read(await request.body()))))
        return render(views.SignedOut(), FRAME)

    return Starlette(
        routes=[
            Route("/page/{name}", page),
            Route("/in/{language}/{name}", in_language),
            Route("/hostile/{number:int}/{name}", hostile),
            *assets.routes(),
            Route("/{path:path}", taken, methods=["POST"]),
        ]
    )
