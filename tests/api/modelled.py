"""Does a client know every error by its name, and does the log say why it was given? Both of every test's calls."""

import functools
import inspect
import json
from collections.abc import Iterable

import botocore.session
from botocore.model import ServiceModel

from poolkeeper.errors import protocol
from poolkeeper.errors.base import ServiceError

# What all operations may answer (userpools.md 1.1), and what every AWS service may answer.
_COMMON = {
    "AccessDeniedException",
    "InternalErrorException",
    "InvalidParameterException",
    "NotAuthorizedException",
    "ResourceNotFoundException",
    "TooManyRequestsException",
    *(kind.name for _, kind in inspect.getmembers(protocol, inspect.isclass) if issubclass(kind, ServiceError)),
}
_MODELS = {"tagging": "resourcegroupstaggingapi"}
# What is answered beyond a model: clients that make a class of each error know these by their names alone.
_BEYOND = {
    # AWS: AdminCreateUser, ForceAliasCreation names the error that the list of errors leaves out.
    ("AdminCreateUser", "AliasExistsException"),
    # "NoSuchEntity: Scope ARN: ... does not exist or is not attachable", status 404: what AWS told people who created roles (by
    # ROSA's command line and by CloudFormation) with a boundary that is not there. CreateUser's model has it, CreateRole's not.
    ("CreateRole", "NoSuchEntityException"),
    # As their two twins answer, in whose models it is.
    ("AdminGetDevice", "UserNotFoundException"),
    ("AdminListDevices", "UserNotFoundException"),
    # Its model names no error at all; what AWS answers for a key that nobody has is not known.
    ("GetAccessKeyLastUsed", "NoSuchEntityException"),
    # One answer whichever of the two operations refreshes; the model of InitiateAuth has both.
    ("GetTokensFromRefreshToken", "PasswordResetRequiredException"),
    ("GetTokensFromRefreshToken", "UserNotConfirmedException"),
}


def require_modelled(log: Iterable[bytes]) -> None:
    """Fail for a call of an operation that was answered with an error which neither its model nor the list above has."""
    refused = {
        (line["service"], line["operation"], line["outcome"])
        for line in map(json.loads, log)
        if line.get("operation")
        and line["service"] not in {"pages", "oauth", "http"}
        and line["outcome"] not in _COMMON | {"Success"}
    }
    strangers = {(operation, name) for service, operation, name in refused if name not in _errors(service, operation)}
    assert strangers <= _BEYOND, f"answered with errors that their models do not have: {sorted(strangers - _BEYOND)}"


# Errors that are the same for many reasons, so that whoever guesses learns nothing: the log alone tells which it was.
_SHARED = {
    "CodeMismatchException",
    "ExpiredCodeException",
    "NotAuthorizedException",
    "PasswordResetRequiredException",
    "UserNotConfirmedException",
    "UserNotFoundException",
}


def require_reasons(log: Iterable[bytes]) -> None:
    """Fail for a refusal by an error of many reasons whose log line has none (errors/refusals.py)."""
    mute = {
        (line["operation"], line["outcome"])
        for line in map(json.loads, log)
        if line.get("operation") and line["outcome"] in _SHARED and not line.get("detail")
    }
    assert not mute, f"refused without a reason in the log: {sorted(mute)}"


@functools.cache
def _errors(service: str, operation: str) -> frozenset[str]:
    return frozenset(shape.name for shape in model_of(service).operation_model(operation).error_shapes)


@functools.cache
def model_of(service: str) -> ServiceModel:
    """Return botocore's model of a service, which signatures may call otherwise."""
    return botocore.session.get_session().get_service_model(_MODELS.get(service, service))
