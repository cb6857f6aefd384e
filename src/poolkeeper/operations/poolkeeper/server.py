"""DescribeServer: which version is this, on which engine, how is it set, and which key seals? For whoever may not read the machine."""

from poolkeeper import __version__
from poolkeeper.aws.generated.poolkeeper import DescribeServerRequest, DescribeServerResponse, SettingType
from poolkeeper.call import Call
from poolkeeper.settings import NAMES, shown


async def describe_server(call: Call, req: DescribeServerRequest) -> DescribeServerResponse:  # noqa: ARG001 - it has no members
    """Return the version, the engine, all settings as `poolkeeper settings` prints them, and the sealing key's id; secrets are hidden."""
    settings = [SettingType(name=name, value=shown(call.settings, name)) for name in NAMES]
    engine = "POSTGRESQL" if call.settings.database else "SQLITE"
    sealing_key_id = call.house.sealer.writing_key_id
    return DescribeServerResponse(version=__version__, engine=engine, settings=settings, sealing_key_id=sealing_key_id)
