"""Are the generated shapes what the models say? The models themselves are asked."""

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import botocore
import msgspec
import pytest
from botocore.loaders import Loader

from poolkeeper import errors
from poolkeeper.aws.generated import (
    cognito_identity,
    cognito_identity_limits,
    cognito_idp,
    cognito_idp_limits,
    sts,
    sts_limits,
)
from poolkeeper.aws.shape import ServiceModel

REPOSITORY = Path(__file__).resolve().parent.parent.parent
MODELS = {
    "cognito-idp": (cognito_idp, cognito_idp_limits),
    "cognito-identity": (cognito_identity, cognito_identity_limits),
    "sts": (sts, sts_limits),
}


def model_of(service: str) -> Any:
    return Loader().load_service_model(service, "service-2")


def test_the_models_are_those_of_the_pinned_botocore() -> None:
    """What is installed is what both lists of requirements pin, and what the generated files name."""
    for file in ("base.in", "base.txt", "dev.txt"):
        pinned = re.findall(r"^botocore==([0-9.]+)", (REPOSITORY / "requirements" / file).read_text(), re.MULTILINE)
        assert pinned == [botocore.__version__], file
    for module in (cognito_identity, cognito_idp, cognito_idp_limits, errors.generated, sts):
        assert f"from botocore {botocore.__version__};" in str(module.__doc__), module.__name__


@pytest.mark.parametrize("service", ["cognito-idp", "cognito-identity"])
def test_every_operation_has_a_row_of_its_own(service: str) -> None:
    """What a newer model brings is entered by hand, with who may call it, and is on the page of operations."""
    table = (REPOSITORY / "src" / "poolkeeper" / "operations" / "tables.py").read_text()
    page = (REPOSITORY / "docs" / "operations.md").read_text()
    for name in model_of(service)["operations"]:
        assert f'("{name}",' in table, name
        assert f"| `{name}` |" in page, name


def test_generated_files_are_fresh() -> None:
    """A run of the generator would change nothing."""
    run = [sys.executable, "tools/generate_shapes.py", "--check"]
    done = subprocess.run(run, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_a_stale_generated_file_is_named(tmp_path: Path) -> None:
    """`--check` says which file differs, and exits 1."""
    copy = tmp_path / "src" / "poolkeeper"
    (tmp_path / "tools").mkdir()
    for name in ("generate_shapes.py", "model_amendments.py"):
        (tmp_path / "tools" / name).write_text((REPOSITORY / "tools" / name).read_text())
    for folder in ("aws/generated", "errors"):
        (copy / folder).mkdir(parents=True)
        for file in (REPOSITORY / "src" / "poolkeeper" / folder).glob("*.py"):
            (copy / folder / file.name).write_text(file.read_text())
    shutil.copytree(REPOSITORY / "models", tmp_path / "models")
    touched = copy / "aws" / "generated" / "sts.py"
    touched.write_text(touched.read_text() + "# touched\n")
    run = [sys.executable, "tools/generate_shapes.py", "--check"]
    done = subprocess.run(run, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stdout == "src/poolkeeper/aws/generated/sts.py differs from a fresh run of tools/generate_shapes.py\n"


@pytest.mark.parametrize(
    ("service", "operations", "unsigned"), [("cognito-idp", 153, 34), ("cognito-identity", 23, 4), ("sts", 12, 2)]
)
def test_every_operation_is_there(service: str, operations: int, unsigned: int) -> None:
    """Names, inputs, outputs and the need of a signature are the model's (userpools.md 1.2)."""
    facts = MODELS[service][0].SERVICE.operations
    assert len(facts) == operations
    assert sum(fact.unsigned for fact in facts.values()) == unsigned
    for name, operation in model_of(service)["operations"].items():
        assert facts[name].input.__name__ == operation["input"]["shape"]
        output = facts[name].output
        assert (output.__name__ if output else None) == operation.get("output", {}).get("shape")
        assert facts[name].unsigned == (operation.get("authtype") == "none")


def test_the_services_introduce_themselves_as_modelled() -> None:
    """Target prefixes, versions and the namespace of answers are the model's."""
    assert cognito_idp.SERVICE.target_prefix == "AWSCognitoIdentityProviderService"
    assert cognito_identity.SERVICE.target_prefix == "AWSCognitoIdentityService"
    expected = ServiceModel(
        name="sts",
        protocol="query",
        target_prefix="",
        version="2011-06-15",
        namespace="https://sts.amazonaws.com/doc/2011-06-15/",
        operations=sts.SERVICE.operations,
    )
    assert expected == sts.SERVICE


@pytest.mark.parametrize("service", MODELS)
def test_every_member_has_its_name_on_the_wire(service: str) -> None:
    """Each structure that an operation can reach has all its members, under their own wire names, required or not."""
    module, limits = MODELS[service]
    shapes = model_of(service)["shapes"]
    for name, members in limits.STRUCTURES.items():
        assert [member.wire for member in members] == list(shapes[name]["members"])
        assert {member.wire for member in members if member.required} == set(shapes[name].get("required", ()))
        fields = {field.name: field.encode_name for field in msgspec.structs.fields(getattr(module, name))}
        assert fields == {member.attribute: member.wire for member in members}


@pytest.mark.parametrize("service", MODELS)
def test_every_input_decodes_without_its_members(service: str) -> None:
    """A request that lacks everything decodes, so that the limits walk can say what is missing."""
    for fact in MODELS[service][0].SERVICE.operations.values():
        assert msgspec.json.encode(msgspec.json.decode(b"{}", type=fact.input)) == b"{}"


def test_every_modelled_exception_is_an_error_class() -> None:
    """60 exceptions of cognito-idp and those of the others: 400, except faults and what the model says otherwise."""
    assert sum(bool(shape.get("exception")) for shape in model_of("cognito-idp")["shapes"].values()) == 60
    for service in MODELS:
        for name, shape in model_of(service)["shapes"].items():
            if shape.get("exception"):
                error = getattr(errors, name)
                assert issubclass(error, errors.ServiceError)
                assert error.name == name
                faults = {"InternalErrorException", "InternalServerException"}
                expected = shape.get("error", {}).get("httpStatusCode", 500 if name in faults else 400)
                assert error.status == expected
                assert (error.query_code or name) == shape.get("error", {}).get("code", error.query_code or name)


@pytest.mark.parametrize("service", MODELS)
def test_nothing_sensitive_is_printed(service: str) -> None:
    """A marker in each member that the model marks sensitive, itself or inside, is in no repr."""
    module, limits = MODELS[service]
    shapes = model_of(service)["shapes"]
    hidden = 0
    for name, members in limits.STRUCTURES.items():
        for member in members:
            if shapes[member.shape].get("sensitive"):
                hidden += 1
                struct = getattr(module, name)(**{member.attribute: "marker-7f3a"})
                assert "marker-7f3a" not in repr(struct)
                assert "marker-7f3a" not in f"{[struct]}"
    assert hidden > 2


def test_what_is_not_sensitive_is_printed() -> None:
    """The repr is of use: it shows what may be shown and leaves out what is not set."""
    request = cognito_idp.AdminGetUserRequest(user_pool_id="us-east-1_a", username="alice")
    assert repr(request) == "AdminGetUserRequest(user_pool_id='us-east-1_a', username=(hidden))"


def test_differences_to_the_model_are_in_the_shapes() -> None:
    """The password's printed pattern and the undocumented flow are the service's, not the model's."""
    assert cognito_idp_limits.LIMITS["PasswordType"].pattern == r"^[\S]+.*[\S]+$"
    assert cognito_idp_limits.LIMITS["PasswordType"].maximum == 256
    assert cognito_idp_limits.LIMITS["ExplicitAuthFlowsType"].enum[-1] == "ALLOW_CLIENT_TOKEN_AUTH"


def test_words_that_python_owns_are_not_shadowed() -> None:
    """A member called Bytes or From is reachable, and the annotations of its neighbours still mean the builtins."""
    asset = msgspec.json.decode(b'{"Category":"FORM_LOGO","Bytes":"aGk="}', type=cognito_idp.AssetType)
    assert asset.bytes_ == b"hi"
    mail = msgspec.json.decode(b'{"From":"a@b.example"}', type=cognito_idp.EmailConfigurationType)
    assert mail.from_ == "a@b.example"
