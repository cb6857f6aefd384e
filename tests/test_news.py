"""Is every change of a newer service model told? Two small models that were made up, and a wheel with one of them; offline."""

import copy
import gzip
import json
import subprocess
import sys
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import botocore
import pytest
from botocore.loaders import Loader

from news import changes

ROOT = Path(__file__).resolve().parents[1]
OLD: dict[str, Any] = {
    "operations": {
        "GetBoat": {
            "input": {"shape": "GetBoatRequest"},
            "output": {"shape": "Boat"},
            "errors": [{"shape": "BoatNotFoundException"}],
        },
        "SinkBoat": {"input": {"shape": "GetBoatRequest"}, "authtype": "none"},
    },
    "shapes": {
        "GetBoatRequest": {"type": "structure", "members": {"Name": {"shape": "Name"}}},
        "Boat": {"type": "structure", "members": {"Name": {"shape": "Name"}, "Kind": {"shape": "Kind"}}},
        "Name": {"type": "string", "max": 20},
        "Kind": {"type": "string", "enum": ["RAFT", "YACHT"]},
        "BoatNotFoundException": {"type": "structure", "members": {}, "exception": True},
        "LeakException": {"type": "structure", "members": {}, "exception": True},
    },
}


def newer() -> dict[str, Any]:
    return copy.deepcopy(OLD)


def test_nothing_is_told_of_a_model_that_is_the_same() -> None:
    """Two equal models have no news for each other."""
    assert list(changes(OLD, newer())) == []


def test_operations_and_errors_that_come_and_go_are_told() -> None:
    """By their names alone: what a new operation takes and answers is new with it."""
    new = newer()
    del new["operations"]["SinkBoat"]
    del new["shapes"]["LeakException"]
    new["operations"]["BuildBoat"] = {"input": {"shape": "BuildBoatRequest"}}
    new["shapes"]["BuildBoatRequest"] = {"type": "structure", "members": {"Name": {"shape": "Name"}}}
    new["shapes"]["StormException"] = {"type": "structure", "members": {}, "exception": True}
    assert list(changes(OLD, new)) == [
        "+ operation BuildBoat",
        "- operation SinkBoat",
        "+ error StormException",
        "- error LeakException",
    ]
    assert list(changes(new, OLD)) == [
        "+ operation SinkBoat",
        "- operation BuildBoat",
        "+ error LeakException",
        "- error StormException",
    ]


def test_members_and_values_that_come_and_go_are_told() -> None:
    """With the shape that they belong to; and what has become required."""
    new = newer()
    new["shapes"]["GetBoatRequest"] |= {"members": {"Name": {"shape": "Name"}, "Fast": {"shape": "Flag"}}}
    new["shapes"]["GetBoatRequest"]["required"] = ["Name"]
    new["shapes"]["Flag"] = {"type": "boolean"}
    del new["shapes"]["Boat"]["members"]["Kind"]
    new["shapes"]["Kind"]["enum"] = ["YACHT", "FERRY"]
    assert list(changes(OLD, new)) == [
        "- member of Boat: Kind",
        "+ member of GetBoatRequest: Fast",
        "+ required in GetBoatRequest: Name",
        "+ value of Kind: FERRY",
        "- value of Kind: RAFT",
    ]


def test_what_an_operation_or_a_limit_has_become_is_told() -> None:
    """Its errors, whether it is signed, its shapes; and each limit with its value before."""
    new = newer()
    new["operations"]["GetBoat"]["errors"] = [{"shape": "LeakException"}]
    new["operations"]["SinkBoat"] = {"input": {"shape": "Boat"}}
    new["shapes"]["Name"] = {"type": "string", "max": 30, "pattern": "[a-z]+"}
    assert list(changes(OLD, new)) == [
        "+ error of GetBoat: LeakException",
        "- error of GetBoat: BoatNotFoundException",
        "~ authtype of SinkBoat: none -> None",
        "~ input of SinkBoat: GetBoatRequest -> Boat",
        "~ max of Name: 20 -> 30",
        "~ pattern of Name: None -> [a-z]+",
    ]


@pytest.fixture
def wheel(tmp_path: Path) -> Path:
    """Make a wheel of botocore 9.9.9: our services as they are pinned, with one operation more."""
    made = tmp_path / "botocore-9.9.9-py3-none-any.whl"
    with ZipFile(made, "w") as archive:
        for service in ("cognito-idp", "cognito-identity", "sts", "kms", "iam", "resourcegroupstaggingapi"):
            model = copy.deepcopy(Loader().load_service_model(service, "service-2"))
            if service == "cognito-identity":
                model["operations"]["RenameIdentityPool"] = model["operations"]["UpdateIdentityPool"]
            if service == "kms":  # of which Decrypt alone is ours
                model["operations"]["DecryptAll"] = model["operations"]["Decrypt"]
            version = model["metadata"]["apiVersion"]
            archive.writestr(
                f"botocore/data/{service}/{version}/service-2.json.gz", gzip.compress(json.dumps(model).encode())
            )
        archive.writestr("botocore/data/s3/2006-03-01/service-2.json.gz", b"not read")
    return made


def test_the_models_of_a_wheel_are_held_against_the_pinned_ones(wheel: Path) -> None:
    """As `make news` does with the newest wheel; the operations that we do not take of a service are no news."""
    run = [sys.executable, "tools/news.py", str(wheel)]
    done = subprocess.run(run, cwd=ROOT, capture_output=True, text=True, check=True)
    step = f"botocore {botocore.__version__} -> 9.9.9"
    assert done.stdout.splitlines() == [
        f"cognito-idp, {step}: no changes",
        f"cognito-identity, {step}: 1 change",
        "  + operation RenameIdentityPool",
        f"sts, {step}: no changes",
        f"kms, {step}: no changes",
        f"iam, {step}: no changes",
        f"resourcegroupstaggingapi, {step}: no changes",
    ]
    assert done.stderr == ""
