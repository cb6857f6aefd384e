"""What does a request ask for? Actions on resources, as policies speak of them: of each service that has such."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from poolkeeper.rights.judging import Context
from poolkeeper.verifier_settings import EXECUTE_API, S3, VerifierSetting
from poolkeeper.verifiers import paths, s3
from poolkeeper.verifiers.asked import Asked
from poolkeeper.verifiers.originals import Original, Unclear
from poolkeeper.verifiers.s3_table import ROWS
from poolkeeper.verifiers.signatures import Signed

ACTIONS = frozenset(
    {"execute-api:Invoke", *(action for row in ROWS.values() for action in (*row.actions, *row.of_version))}
)
"""Every action that a request may be named by in logs and metrics."""


class ArnScope(NamedTuple):
    """Where a verifier stands: the account and the region of its ARNs."""

    account_id: str
    region: str


def asked(setting: VerifierSetting, original: Original, signed: Signed, arn_scope: ArnScope) -> Sequence[Asked]:
    """Return what a request asks for, all of which must be allowed; nothing where a service has no actions here.

    Raises Unclear, and NotNamed for a request that no row of S3's table names.
    """
    find = _BY_SERVICE.get(setting.service)
    return () if find is None else find(setting, original, signed, arn_scope)


def _of_execute_api(
    setting: VerifierSetting, original: Original, _signed: Signed, arn_scope: ArnScope
) -> Sequence[Asked]:
    path = paths.plain(original.request.path)
    if ";" in path:
        raise Unclear("A ';' in the path is the begin of parameters to some.")
    arn = f"arn:aws:execute-api:{arn_scope.region}:{arn_scope.account_id}:{setting.api_id}/{setting.stage}"
    return (Asked("execute-api:Invoke", f"{arn}/{original.request.method}/{path}", {}),)


def _of_s3(setting: VerifierSetting, original: Original, signed: Signed, arn_scope: ArnScope) -> Sequence[Asked]:
    own: Context = {"s3:ResourceAccount": arn_scope.account_id, "aws:ResourceAccount": arn_scope.account_id}
    return [question.knowing(own) for question in s3.asked(setting, original, signed)]


_BY_SERVICE: Mapping[str, Callable[[VerifierSetting, Original, Signed, ArnScope], Sequence[Asked]]] = {
    EXECUTE_API: _of_execute_api,
    S3: _of_s3,
}
