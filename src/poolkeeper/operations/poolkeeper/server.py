"""DescribeServer: version, engine, settings and the id of the sealing key, for callers without access to the machine."""

from poolkeeper import __version__
from poolkeeper.aws.generated.poolkeeper import DescribeServerRequest, DescribeServerResponse, SettingType
from poolkeeper.call import Call
from poolkeeper.settings import NAMES, shown


async def describe_server(call: Call, req: DescribeServerRequest) -> DescribeServerResponse:  # noqa: ARG001 - it has no members
    """Return the version, the engine, all settings as `poolkeeper settings` prints them, and the sealing key's id; hide secrets."""
    settings = [SettingType(name=name, value=shown(call.settings, name)) for name in NAMES]
    engine = "POSTGRESQL" if call.settings.database else "SQLITE"
    sealing_key_id = call.house.sealer.writing_key_id
    return DescribeServerResponse(version=__version__, engine=engine, settings=settings, sealing_key_id=sealing_key_id)
