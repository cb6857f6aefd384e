"""What do AWS's own service models say? This writes shapes, limits and error classes from them, and from our own under models/.

`python tools/generate_shapes.py` writes; with `--check` it writes nothing, names the files that differ and exits 1.
The files are src/poolkeeper/aws/generated/*.py and src/poolkeeper/errors/generated.py.
"""

import keyword
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import botocore
from botocore.loaders import Loader

from model_amendments import CONSTRAINT_FAULT, QUERY_ERRORS, SHAPES, Amendment

SERVICES = ("cognito-idp", "cognito-identity", "sts", "kms", "iam", "resourcegroupstaggingapi")
# Our own, whose model is under models/.
OWN = "poolkeeper"
_IAM = """
    CreateUser GetUser UpdateUser DeleteUser ListUsers TagUser UntagUser ListUserTags
    PutUserPermissionsBoundary DeleteUserPermissionsBoundary
    CreateAccessKey UpdateAccessKey DeleteAccessKey ListAccessKeys GetAccessKeyLastUsed
    CreateGroup GetGroup UpdateGroup DeleteGroup ListGroups AddUserToGroup RemoveUserFromGroup ListGroupsForUser
    CreateRole GetRole UpdateRole UpdateRoleDescription UpdateAssumeRolePolicy DeleteRole ListRoles
    PutRolePermissionsBoundary DeleteRolePermissionsBoundary TagRole UntagRole ListRoleTags
    PutUserPolicy GetUserPolicy DeleteUserPolicy ListUserPolicies
    PutGroupPolicy GetGroupPolicy DeleteGroupPolicy ListGroupPolicies
    PutRolePolicy GetRolePolicy DeleteRolePolicy ListRolePolicies
    CreatePolicy GetPolicy DeletePolicy ListPolicies TagPolicy UntagPolicy ListPolicyTags ListEntitiesForPolicy
    CreatePolicyVersion GetPolicyVersion DeletePolicyVersion ListPolicyVersions SetDefaultPolicyVersion
    AttachUserPolicy DetachUserPolicy ListAttachedUserPolicies
    AttachGroupPolicy DetachGroupPolicy ListAttachedGroupPolicies
    AttachRolePolicy DetachRolePolicy ListAttachedRolePolicies
    CreateOpenIDConnectProvider GetOpenIDConnectProvider DeleteOpenIDConnectProvider ListOpenIDConnectProviders
    AddClientIDToOpenIDConnectProvider RemoveClientIDFromOpenIDConnectProvider UpdateOpenIDConnectProviderThumbprint
    TagOpenIDConnectProvider UntagOpenIDConnectProvider ListOpenIDConnectProviderTags
    CreateSAMLProvider GetSAMLProvider UpdateSAMLProvider DeleteSAMLProvider ListSAMLProviders
    TagSAMLProvider UntagSAMLProvider ListSAMLProviderTags
    SimulatePrincipalPolicy SimulateCustomPolicy GetContextKeysForCustomPolicy GetContextKeysForPrincipalPolicy
    ListAccountAliases ListInstanceProfilesForRole ListMFADevices ListVirtualMFADevices ListSSHPublicKeys
    ListSigningCertificates ListServiceSpecificCredentials GetLoginProfile DeleteLoginProfile
    GetAccountSummary
"""
# Of a service that is named here, these operations alone have shapes and errors.
OPERATIONS = {
    "kms": ("Decrypt",),
    "iam": tuple(_IAM.split()),
    "resourcegroupstaggingapi": ("GetResources",),
}
# Of these the names of all other operations are known too, so that they are told to be not built.
NAMED = ("iam", "resourcegroupstaggingapi")
# What policies call a service whose signatures call it otherwise.
IN_POLICIES = {"tagging": "tag"}
ROOT = Path(__file__).resolve().parent.parent
SOURCE, MODELS = ROOT / "src" / "poolkeeper", ROOT / "models"

_SCALARS = {
    "string": "str",
    "integer": "int",
    "long": "int",
    "boolean": "bool",
    "timestamp": "float",
    "blob": "bytes",
}
_WORD = re.compile(r"[A-Z]+s(?![a-z])|[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_TAKEN = {"bool", "bytes", "dict", "field", "float", "frozenset", "int", "list", "str"}

Model = Mapping[str, Any]


def main(arguments: list[str]) -> int:
    written = {path: _formatted(text) for path, text in _files()}
    if "--check" not in arguments:
        for path, text in written.items():
            path.write_text(text)
        return 0
    stale = [path for path, text in written.items() if not path.is_file() or path.read_text() != text]
    for path in stale:
        print(f"{path.relative_to(SOURCE.parent.parent)} differs from a fresh run of tools/generate_shapes.py")
    return 1 if stale else 0


def load(service: str) -> Model:
    """Return the model of one service, botocore's or our own, with our amendments applied, cut to the operations that we take of it."""
    model: dict[str, Any] = Loader(extra_search_paths=[str(MODELS)]).load_service_model(service, "service-2")
    if service in OPERATIONS:
        cut(model, OPERATIONS[service], named=service in NAMED)
    for name, amendment in SHAPES[service].items():
        _amend(model["shapes"][name], amendment)
    return model


def snake_case(wire: str) -> str:
    """Return the attribute for a wire name: `CallbackURLs` -> `callback_urls`, `AllowedOAuthFlows` -> `allowed_oauth_flows`."""
    words = _WORD.findall(wire.replace("OAuth", "Oauth").replace("WebAuthn", "Webauthn"))
    name = "_".join(word.lower() for word in words)
    return f"{name}_" if keyword.iskeyword(name) or name in _TAKEN else name


def cut(model: dict[str, Any], operations: tuple[str, ...], *, named: bool) -> None:
    """Leave these operations and the exceptions that they name; a shape that nobody reaches is not written anyway.

    `named`: keep the names of all others beside them, as `unbuilt`.
    """
    model["unbuilt"] = sorted(set(model["operations"]) - set(operations)) if named else []
    model["operations"] = {name: model["operations"][name] for name in operations}
    for name, operation in model["operations"].items():
        if "input" not in operation:  # of a request without members the model says nothing
            operation["input"] = {"shape": f"{name}Request"}
            model["shapes"][f"{name}Request"] = {"type": "structure", "members": {}}
    faults = {fault["shape"] for operation in model["operations"].values() for fault in operation.get("errors", ())}
    model["shapes"] = {
        name: shape for name, shape in model["shapes"].items() if name in faults or not shape.get("exception")
    }


def _amend(shape: dict[str, Any], amendment: Amendment) -> None:
    shape.update(amendment.merge)
    if amendment.add_enum:
        shape["enum"] = [*shape["enum"], *amendment.add_enum]


def _files() -> Iterator[tuple[Path, str]]:
    models = {service: load(service) for service in (*SERVICES, OWN)}
    for service, model in models.items():
        module = service.replace("-", "_")
        yield SOURCE / "aws" / "generated" / f"{module}.py", shapes_module(service, model)
        yield SOURCE / "aws" / "generated" / f"{module}_limits.py", limits_module(service, model)
    yield SOURCE / "errors" / "generated.py", errors_module(models)


def _header(question: str, service: str = "") -> str:
    source = "models/" if service == OWN else f"botocore {botocore.__version__}"
    return f'"""{question}\n\nWritten by tools/generate_shapes.py from {source}; do not edit.\n"""\n\n'


def shapes_module(service: str, model: Model) -> str:
    """Return the module of one service's structs, in an order in which each is defined before it is used."""
    shapes = model["shapes"]
    names = _ordered(model)
    structs = "\n\n".join(_struct(name, shapes) for name in names)
    return (
        _header(
            f"What does {service} receive and answer? A struct for every structure, and the facts of every operation.",
            service,
        )
        + "from typing import ClassVar\n\n"
        + "from msgspec import field\n\n"
        + f"from poolkeeper.aws.shape import ABSENT, {'Document, ' if ': Document ' in structs else ''}Facts, ServiceModel, Shape\n\n\n"
        + structs
        + "\n\n"
        + _service_model(model)
    )


def _ordered(model: Model) -> list[str]:
    """List every structure that an operation can carry, children first."""
    shapes = model["shapes"]
    done: dict[str, None] = {}

    def visit(name: str, above: tuple[str, ...]) -> None:
        if name in above:
            raise ValueError(f"{name} contains itself: the generator does not write recursive shapes")
        if name in done:
            return
        for child in _children(shapes[name]):
            visit(child, (*above, name))
        if shapes[name]["type"] == "structure" and not shapes[name].get("document"):
            done[name] = None

    for _, operation in sorted(model["operations"].items()):
        for side in ("input", "output"):
            if side in operation:
                visit(operation[side]["shape"], ())
    return list(done)


def _children(shape: Model) -> list[str]:
    if shape["type"] == "list":
        return [shape["member"]["shape"]]
    if shape["type"] == "map":
        return [shape["key"]["shape"], shape["value"]["shape"]]
    return [member["shape"] for member in shape.get("members", {}).values()]


def _struct(name: str, shapes: Mapping[str, Model]) -> str:
    shape = shapes[name]
    lines = [f"class {name}(Shape):"]
    hidden = sorted(
        snake_case(wire) for wire, member in shape["members"].items() if _sensitive(member["shape"], shapes)
    )
    if hidden:
        lines.append(f"    SENSITIVE: ClassVar[frozenset[str]] = frozenset({hidden!r})\n")
    for wire, member in shape["members"].items():
        annotation = _annotation(member["shape"], shapes)
        if wire in shape.get("required", ()) or annotation == "Document":
            lines.append(f"    {snake_case(wire)}: {annotation} = field(name={wire!r}, default=ABSENT)")
        else:
            lines.append(f"    {snake_case(wire)}: {annotation} | None = field(name={wire!r}, default=None)")
    if not shape["members"]:
        lines.append("    pass")
    return "\n".join(lines) + "\n"


def _annotation(name: str, shapes: Mapping[str, Model]) -> str:
    shape = shapes[name]
    if shape.get("document"):
        return "Document"
    if shape["type"] == "structure":
        return name
    if shape["type"] == "list":
        return f"list[{_annotation(shape['member']['shape'], shapes)}]"
    if shape["type"] == "map":
        return f"dict[str, {_annotation(shape['value']['shape'], shapes)}]"
    return _SCALARS[shape["type"]]


def _sensitive(name: str, shapes: Mapping[str, Model]) -> bool:
    """Say whether a member of this shape is hidden: marked itself, or a list or map of what is marked."""
    shape = shapes[name]
    if shape.get("sensitive"):
        return True
    return shape["type"] in {"list", "map"} and any(_sensitive(child, shapes) for child in _children(shape))


def _service_model(model: Model) -> str:
    metadata = model["metadata"]
    name = metadata["endpointPrefix"]
    # Where there is a choice, every client of AWS's has JSON too, and it is what this server reads.
    protocol = "json" if "json" in metadata.get("protocols", ()) else metadata["protocol"]
    lines = [
        "SERVICE = ServiceModel(",
        f"    name={name!r},",
        *([f"    in_policies={IN_POLICIES[name]!r},"] if name in IN_POLICIES else []),
        f"    protocol={protocol!r},",
        f"    target_prefix={metadata.get('targetPrefix', '')!r},",
        f"    version={metadata['apiVersion']!r},",
        f"    namespace={metadata.get('xmlNamespace', '')!r},",
        "    operations={",
    ]
    for name, operation in sorted(model["operations"].items()):
        output = operation["output"]["shape"] if "output" in operation else None
        unsigned = operation.get("authtype") == "none"
        lines.append(f"        {name!r}: Facts({operation['input']['shape']}, {output}, unsigned={unsigned}),")
    lines.append("    },")
    if model.get("unbuilt"):  # of a service that was cut
        lines.append(f"    unbuilt={tuple(model['unbuilt'])!r},")
    return "\n".join([*lines, ")"]) + "\n"


def limits_module(service: str, model: Model) -> str:
    """Return the module of one service's limits: named shapes, and the members of each structure."""
    shapes = model["shapes"]
    structures = _ordered(model)
    used = sorted({child for name in structures for child in _reachable(name, shapes)} - set(structures))
    limits = "".join(f"    {name!r}: {_limit(shapes[name])},\n" for name in used)
    members = "".join(f"    {name!r}: ({_members(shapes[name])}),\n" for name in structures)
    fault = CONSTRAINT_FAULT[service]
    return (
        _header(f"Which limits does {service}'s model set? For constraints.py to walk.", service)
        + "from collections.abc import Mapping\n\n"
        + "from poolkeeper.aws.shape import Limit, Member\n"
        + f"from poolkeeper.errors import {fault}\n\n"
        + f"FAULT = {fault}\n\n"
        + f"LIMITS: Mapping[str, Limit] = {{\n{limits}}}\n\n"
        + f"STRUCTURES: Mapping[str, tuple[Member, ...]] = {{\n{members}}}\n"
    )


def _reachable(name: str, shapes: Mapping[str, Model]) -> Iterator[str]:
    for child in _children(shapes[name]):
        yield child
        if shapes[child]["type"] in {"list", "map"}:
            yield from _reachable(child, shapes)


def _limit(shape: Model) -> str:
    kind = "document" if shape.get("document") else shape["type"]
    said = {
        "kind": kind,
        "minimum": shape.get("min"),
        "maximum": shape.get("max"),
        "pattern": shape.get("pattern"),
        "check": shape.get("check"),
        "enum": tuple(shape.get("enum", ())),
        "key": shape.get("key", {}).get("shape"),
        "item": (shape.get("member") or shape.get("value") or {}).get("shape"),
        "sensitive": bool(shape.get("sensitive")),
    }
    return f"Limit({', '.join(f'{name}={value!r}' for name, value in said.items() if _says(value))})"


def _says(value: object) -> bool:
    return value is not None and value is not False and value != ()


def _members(shape: Model) -> str:
    required = shape.get("required", ())
    return "".join(
        f"Member({snake_case(wire)!r}, {wire!r}, {member['shape']!r}{', required=True' if wire in required else ''}),"
        for wire, member in shape["members"].items()
    )


def errors_module(models: Mapping[str, Model]) -> str:
    """Return one class for each exception that any of the services models."""
    classes: dict[str, str] = {}
    for model in models.values():
        for name, shape in model["shapes"].items():
            if shape.get("exception"):
                classes.setdefault(name, _error_class(name, shape))
    return (
        _header("Which errors do the service models name? One class each.")
        + "# ruff: noqa: N818 - the names are AWS's\n\n"
        + "from typing import ClassVar\n\n"
        + "from poolkeeper.errors.base import ServiceError\n\n"
        + f"__all__ = {sorted(classes)!r}\n\n\n"
        + "\n\n".join(classes[name] for name in sorted(classes))
    )


def _error_class(name: str, shape: Model) -> str:
    code, query_status = QUERY_ERRORS.get(name, ("", 0))
    error = shape.get("error", {})
    status = error.get("httpStatusCode", 500 if shape.get("fault") else 400)
    if error.get("code", name) != name:
        code = error["code"]
    lines = [
        f"class {name}(ServiceError):",
        f"    name: ClassVar[str] = {name!r}",
        f"    status: ClassVar[int] = {status}",
    ]
    if code:
        lines.append(f"    query_code: ClassVar[str] = {code!r}")
    if query_status:
        lines.append(f"    query_status: ClassVar[int] = {query_status}")
    return "\n".join(lines) + "\n"


def _formatted(text: str) -> str:
    """Return the text as ruff formats it, so that a generated file is read like any other."""
    command = [str(Path(sys.executable).parent / "ruff"), "format", "--isolated", "--line-length", "120", "-"]
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=True)
    return done.stdout


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
