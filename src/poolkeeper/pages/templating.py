"""How does a page become HTML? One Jinja2 environment: everything escaped, nothing undefined, assets by name."""

from types import CodeType

from jinja2 import BytecodeCache, Environment, PackageLoader, StrictUndefined
from jinja2.bccache import Bucket

from poolkeeper.pages.assets import Assets


class Compiled(BytecodeCache):
    """The code of templates, for several environments that differ in their words alone: each is compiled once."""

    def __init__(self) -> None:
        self._code: dict[str, CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give the code of a template, if it was compiled before."""
        bucket.code = self._code.get(bucket.key)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep the code of a template."""
        if bucket.code is not None:
            self._code[bucket.key] = bucket.code


def make_templates(assets: Assets, compiled: Compiled | None = None) -> Environment:
    """Return the environment of all pages. `asset("tokens.css")` in a template is that file's address.

    `compiled` is shared with other environments of the same templates.
    """
    templates = Environment(
        loader=PackageLoader("poolkeeper.pages", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        bytecode_cache=compiled,
    )
    templates.globals["asset"] = assets.url
    return templates
