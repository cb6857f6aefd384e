"""How does a page become HTML? One Jinja2 environment: everything escaped, nothing undefined, assets by name."""

from jinja2 import Environment, PackageLoader, StrictUndefined

from poolkeeper.pages.assets import Assets


def make_templates(assets: Assets) -> Environment:
    """Return the environment of all pages. `asset("tokens.css")` in a template is that file's address."""
    templates = Environment(
        loader=PackageLoader("poolkeeper.pages", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    templates.globals["asset"] = assets.url
    return templates
