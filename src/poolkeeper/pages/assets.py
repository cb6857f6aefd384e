"""Where do stylesheets and scripts come from? Files of the package, held in memory, at addresses that name their content."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from poolkeeper.pages.headers import ASSET, DATA, SHARED_SCRIPT
from poolkeeper.pages.squeezing import squeezed

PREFIX = "/_static"
# The path at which AWS has its script of the same call (identity-security.md 4.2).
CONTEXT_SCRIPT = "/amazon-cognito-advanced-security-data.min.js"
_TYPES = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True)
class Assets:
    """The files of `pages/static` by name. All share one version, so that they can name each other without it."""

    version: str
    content: Mapping[str, bytes]

    def url(self, name: str) -> str:
        """Return the address of one file; raise KeyError for an unknown name, so that a template's slip is found."""
        _ = self.content[name]
        return f"{PREFIX}/{self.version}/{name}"

    def routes(self) -> list[Route]:
        """Return the routes that serve them: to our own pages, and one script to those of applications."""
        return [
            Route(f"{PREFIX}/{{version}}/{{name}}", self._serve, methods=["GET"]),
            Route(CONTEXT_SCRIPT, self._context_script, methods=["GET"]),
        ]

    async def _serve(self, request: Request) -> Response:
        name = request.path_params["name"]
        body = self.content.get(name) if request.path_params["version"] == self.version else None
        if body is None:
            return PlainTextResponse("There is no such file.\n", status_code=404, headers=DATA)
        return Response(body, media_type=_TYPES[name.rpartition(".")[2]], headers=ASSET)

    async def _context_script(self, _request: Request) -> Response:
        body = self.content["advanced-security-data.js"]
        return Response(body, media_type=_TYPES["js"], headers=SHARED_SCRIPT)


def load_assets() -> Assets:
    """Read the files once; their version is a digest of all of them."""
    folder = files("poolkeeper.pages") / "static"
    sources = [path for path in folder.iterdir() if path.name.rpartition(".")[2] in _TYPES]
    content = {path.name: _sent(path) for path in sorted(sources, key=lambda path: path.name)}
    digest = hashlib.sha256()
    for name, body in content.items():
        digest.update(f"{name} {len(body)} ".encode() + body)
    return Assets(version=digest.hexdigest()[:16], content=content)


def _sent(file: Traversable) -> bytes:
    """Return a file as browsers get it: stylesheets without what only their authors need."""
    return squeezed(file.read_text("utf-8")).encode() if file.name.endswith(".css") else file.read_bytes()
