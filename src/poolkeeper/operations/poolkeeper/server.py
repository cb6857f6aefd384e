"""DescribeServer: which version is this, on which engine, and how is it set? For whoever may not read the machine."""

from poolkeeper import __version__
from poolkeeper.aws.generated.poolkeeper import DescribeServerRequest, DescribeServerResponse, SettingType
from poolkeeper.call import Call
from poolkeeper.settings import NAMES, shown


async def describe_server(call: Call, req: DescribeServerRequest) -> DescribeServerResponse:  # noqa: ARG001 - it has no members
    """Return the version, the engine and all settings, as `poolkeeper settings` prints them; secrets are hidden."""
    settings = [SettingType(name=name, value=shown(call.settings, name)) for name in NAMES]
    engine = "POSTGRESQL" if call.settings.database else "SQLITE"
    return DescribeServerResponse(version=__version__, engine=engine, settings=settings)
