"""What does a newer botocore change in the services that Poolkeeper serves? Operations, members, values, errors, limits.

`python tools/news.py` downloads the newest botocore with pip into a temporary folder and prints what its models have that
those of the installed one have not, and the other way round; nothing is installed and no file is written. With the path
of a wheel it asks no network. Ends with 0, whatever there is to tell, and with 1 where pip brings no wheel.
"""

import subprocess
import sys
import tempfile
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import botocore
from botocore.loaders import Loader

from generate_shapes import OPERATIONS, SERVICES, cut

Model = Mapping[str, Any]
# What a shape says about its values, of which each change matters to whoever checks requests.
_LIMITS = ("type", "min", "max", "pattern", "sensitive", "fault")


def main(arguments: list[str]) -> int:
    """Print the news of a wheel, the newest unless one is named; return the exit code."""
    with tempfile.TemporaryDirectory() as folder:
        wheel = Path(arguments[0]) if arguments else newest(Path(folder))
        if wheel is None:
            return 1
        loader, version = opened(wheel, Path(folder))
        print("\n".join(told(Loader(), loader, old=botocore.__version__, new=version)))
    return 0


def newest(folder: Path) -> Path | None:
    """Let pip bring the newest wheel of botocore into a folder; None, with pip's own words printed, where it cannot."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
    done = subprocess.run([*command, "--dest", folder, "botocore"], capture_output=True, text=True, check=False)
    wheels = sorted(folder.glob("botocore-*.whl"))
    if done.returncode != 0 or not wheels:
        print(done.stderr.strip() or "pip brought no wheel of botocore", file=sys.stderr)
        return None
    return wheels[0]


def opened(wheel: Path, folder: Path) -> tuple[Loader, str]:
    """Unpack the models of our services from a wheel; return who loads them, and the version in the wheel's name."""
    with ZipFile(wheel) as archive:
        wanted = tuple(f"botocore/data/{service}/" for service in SERVICES)
        archive.extractall(folder, [name for name in archive.namelist() if name.startswith(wanted)])
    data = folder / "botocore" / "data"
    loader = Loader(extra_search_paths=[str(data)], include_default_search_paths=False)
    return loader, wheel.name.split("-")[1]


def told(before: Loader, after: Loader, *, old: str, new: str) -> Iterator[str]:
    """Yield the lines of all services: a heading each, and under it what `after` changes."""
    for service in SERVICES:
        lines = list(changes(published(before, service), published(after, service)))
        yield f"{service}, botocore {old} -> {new}: {len(lines) or 'no'} change{'' if len(lines) == 1 else 's'}"
        yield from (f"  {line}" for line in lines)


def published(loader: Loader, service: str) -> Model:
    """Return the model as AWS published it, without our amendments, cut to the operations that we take of it."""
    model: dict[str, Any] = loader.load_service_model(service, "service-2")
    if service in OPERATIONS:
        cut(model, OPERATIONS[service], named=False)
    return model


def changes(old: Model, new: Model) -> Iterator[str]:
    """Yield a line for each change: `+` what is new, `-` what is gone, `~` what is otherwise; whole operations first.

    Of a shape that is new or gone nothing but its name is told, and that only where it is an error.
    """
    yield from _sets("operation", old["operations"], new["operations"])
    yield from _sets("error", _exceptions(old), _exceptions(new))
    for name in sorted(old["operations"].keys() & new["operations"].keys()):
        yield from _operation(name, old["operations"][name], new["operations"][name])
    for name in sorted(old["shapes"].keys() & new["shapes"].keys()):
        yield from _shape(name, old["shapes"][name], new["shapes"][name])


def _exceptions(model: Model) -> set[str]:
    return {name for name, shape in model["shapes"].items() if shape.get("exception")}


def _operation(name: str, old: Model, new: Model) -> Iterator[str]:
    def errors(operation: Model) -> set[str]:
        return {fault["shape"] for fault in operation.get("errors", ())}

    yield from _sets(f"error of {name}:", errors(old), errors(new))
    yield from _value(f"authtype of {name}", old.get("authtype"), new.get("authtype"))
    for side in ("input", "output"):
        yield from _value(f"{side} of {name}", old.get(side, {}).get("shape"), new.get(side, {}).get("shape"))


def _shape(name: str, old: Model, new: Model) -> Iterator[str]:
    yield from _sets(f"member of {name}:", old.get("members", ()), new.get("members", ()))
    yield from _sets(f"required in {name}:", old.get("required", ()), new.get("required", ()))
    yield from _sets(f"value of {name}:", old.get("enum", ()), new.get("enum", ()))
    for limit in _LIMITS:
        yield from _value(f"{limit} of {name}", old.get(limit), new.get(limit))


def _sets(what: str, old: Collection[str], new: Collection[str]) -> Iterator[str]:
    yield from (f"+ {what} {name}" for name in sorted(set(new) - set(old)))
    yield from (f"- {what} {name}" for name in sorted(set(old) - set(new)))


def _value(what: str, old: object, new: object) -> Iterator[str]:
    if old != new:
        yield f"~ {what}: {old} -> {new}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
