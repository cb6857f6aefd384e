"""What does a request ask for? Actions on resources, as policies speak of them: of each service that has such."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from poolkeeper.rights.judging import Context
from poolkeeper.verifier_settings import EXECUTE_API, S3, VerifierSetting
from poolkeeper.verifiers import paths, s3
from poolkeeper.verifiers.asked import Asked
from poolkeeper.verifiers.s3_table import ROWS
from poolkeeper.verifiers.signatures import Signed
from poolkeeper.verifiers.told import Told, Unclear

ACTIONS = frozenset(
    {"execute-api:Invoke", *(action for row in ROWS.values() for action in (*row.actions, *row.of_version))}
)
"""Every action that a request may be named by in logs and metrics."""


class Place(NamedTuple):
    """Where a verifier stands: the account and the region of its ARNs."""

    account_id: str
    region: str


def asked(setting: VerifierSetting, told: Told, signed: Signed, place: Place) -> Sequence[Asked]:
    """Return what a request asks for, all of which must be allowed; nothing where a service has no actions here.

    Raises Unclear, and NotNamed for a request that no row of S3's table names.
    """
    find = _BY_SERVICE.get(setting.service)
    return () if find is None else find(setting, told, signed, place)


def _of_execute_api(setting: VerifierSetting, told: Told, _signed: Signed, place: Place) -> Sequence[Asked]:
    path = paths.plain(told.request.path)
    if ";" in path:
        raise Unclear("A ';' in the path is the begin of parameters to some.")
    arn = f"arn:aws:execute-api:{place.region}:{place.account_id}:{setting.api_id}/{setting.stage}"
    return (Asked("execute-api:Invoke", f"{arn}/{told.request.method}/{path}", {}),)


def _of_s3(setting: VerifierSetting, told: Told, signed: Signed, place: Place) -> Sequence[Asked]:
    own: Context = {"s3:ResourceAccount": place.account_id, "aws:ResourceAccount": place.account_id}
    return [one.knowing(own) for one in s3.asked(setting, told, signed)]


_BY_SERVICE: Mapping[str, Callable[[VerifierSetting, Told, Signed, Place], Sequence[Asked]]] = {
    EXECUTE_API: _of_execute_api,
    S3: _of_s3,
}
