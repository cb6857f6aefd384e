"""What does an ARN mean? What the operator wrote for it, and nothing that comes by the API."""

from pathlib import Path
from typing import Any

import pytest

from functions.setting_up import ARN, EVENT, HANDLERS, POOL, cannot_invoke, entry, invoke, settings_of
from poolkeeper.settings import SettingsError, load, shown

OTHER = "arn:aws:lambda:us-east-1:123456789012:function:post-confirmation"
LOCAL = {"transport": "local", "folder": HANDLERS}


def python(function: str, **more: Any) -> dict[str, Any]:
    return LOCAL | {"handler": f"python:styles:{function}"} | more


def faults(folder: Path, *entries: str, **flags: object) -> list[str]:
    """Return what a start says of entries that do not work."""
    with pytest.raises(SettingsError) as caught:
        settings_of(folder, *entries, **flags)
    return str(caught.value).split("\n")


def test_an_arn_without_an_entry_names_the_setting(tmp_path: Path) -> None:
    """Whoever reads the log knows what to write, and where; who is answered is told neither ARN nor setting."""
    refusal = cannot_invoke(settings_of(tmp_path, entry(**python("returning"))), arn=OTHER)

    assert refusal.reason == "the function is not set up"
    assert refusal.detail == (
        f'no function is set up for {OTHER}; name it under [functions."<arn>"] in poolkeeper.toml'
    )


def test_an_entry_for_other_pools_is_none_for_this_one(tmp_path: Path) -> None:
    """`pools` is who may call the function."""
    settings = settings_of(tmp_path, entry(**python("nothing", pools=["us-east-1_other", POOL])))

    assert invoke(settings) is None
    refusal = cannot_invoke(settings, pool_id="us-east-1_third")
    assert refusal.reason == "the function is not set up"
    assert refusal.detail == f'{ARN} is not set up for us-east-1_third; add it to pools of [functions."{ARN}"]'


@pytest.mark.parametrize("order", [1, -1])
def test_an_exact_arn_beats_a_pattern_and_the_longer_pattern_the_shorter(tmp_path: Path, order: int) -> None:
    """The order in the file decides nothing."""
    entries = [
        entry("*", **python("nothing")),
        entry("arn:aws:lambda:*:function:p*", **python("large")),
        entry(ARN, **python("returning")),
    ]
    settings = settings_of(tmp_path, *entries[::order])

    assert invoke(settings)["response"] == {"style": "python"}
    assert invoke(settings, {"bytes": 3}, arn=OTHER) == "xxx"
    assert invoke(settings, arn="arn:aws:lambda:us-east-1:123456789012:function:migrate") is None


def test_a_star_is_the_only_wildcard(tmp_path: Path) -> None:
    """Dots, brackets and question marks of an entry are themselves."""
    settings = settings_of(tmp_path, entry("arn:aws:lambda:.*:function:[a-z]?re*", **python("nothing")))

    assert cannot_invoke(settings).detail.startswith("no function is set up")


def test_every_fault_is_told_at_once(tmp_path: Path) -> None:
    """Unknown keys, missing keys, wrong types and wrong forms: each line names the entry and what would be right."""
    found = faults(
        tmp_path,
        entry("arn:a", transport="lambda", access_key_id=5, colour="red"),
        entry("arn:b", transport="pigeon"),
        entry("arn:c", transport="webhook", url="ftp://x", secrets=["a", "b", "c"], pools=["none"]),
        entry("arn:d", transport="local", handler="ruby:thing"),
        entry("pre-sign-up", transport="rie", url="http://localhost:9000/"),
    )

    file = tmp_path / "poolkeeper.toml"
    assert found == [
        f'{file}: functions."arn:a": there is no key colour; transport lambda takes access_key_id, secret_access_key, session_token, endpoint, pools',
        f'{file}: functions."arn:a": access_key_id must be the id of an AWS access key that may invoke the function',
        f'{file}: functions."arn:a": secret_access_key is missing: that access key\'s secret',
        f'{file}: functions."arn:b": transport must be one of lambda, rie, webhook, local',
        f'{file}: functions."arn:c": url must be the https:// address of the receiver',
        f'{file}: functions."arn:c": secrets must be a list of one secret, or of two while one takes the other\'s place',
        f'{file}: functions."arn:c": pools must be a list of the ids of the user pools that may call the function',
        f'{file}: functions."arn:d": handler must be python:<module>:<function> or node:<file>#<exported name>',
        f'{file}: functions."pre-sign-up": no LambdaConfig can name it: an ARN begins with arn: (a pattern has a * for what may be anything)',
    ]


@pytest.mark.parametrize("line", ['"" = "x"', '"A=B" = "x"', "A = 5", r'"A\u0000" = "x"', r'A = "\u0000"'])
def test_an_environment_is_what_a_process_can_have(tmp_path: Path, line: str) -> None:
    """What could not be handed to it is told at the start, and not by an accident at the first event."""
    (fault,) = faults(tmp_path, entry("arn:a", **python("nothing")), f'[functions."arn:a".environment]\n{line}\n')

    assert fault.endswith("environment must be a table of texts, by names without an equals sign")


def test_functions_that_are_no_tables_are_refused(tmp_path: Path) -> None:
    """A text or a list where a table belongs is told, and is no accident."""
    assert 'functions."arn:a": must be a table' in faults(tmp_path, '[functions]\n"arn:a" = 5')[0]
    assert "functions: holds tables" in faults(tmp_path, "functions = 5")[0]


def test_a_program_of_this_machine_wants_development_mode_or_a_word_of_its_own(tmp_path: Path) -> None:
    """Outside development mode `local_functions` must be on."""
    local = entry(**python("nothing"))

    (fault,) = faults(tmp_path, local, dev=False)
    assert fault == f'functions."{ARN}": runs a program on this machine: that wants local_functions = true, or --dev'
    assert invoke(settings_of(tmp_path, "local_functions = true", local, dev=False)) is None


def test_a_program_is_not_run_where_the_mode_is_not_known(tmp_path: Path) -> None:
    """A command that does not serve reads the same file, starts, and runs no program."""
    (tmp_path / "poolkeeper.toml").write_text(entry(**python("nothing")))
    settings, _ = load({"data": str(tmp_path)}, {})

    assert "local_functions" in cannot_invoke(settings).detail


@pytest.mark.parametrize(("url", "dev"), [("http://hooks.example/", True), ("http://localhost:1/", False)])
def test_a_webhook_speaks_tls(tmp_path: Path, url: str, *, dev: bool) -> None:
    """Plain HTTP reaches loopback alone, and in development mode."""
    (fault,) = faults(tmp_path, entry(transport="webhook", url=url, secrets=["s"]), dev=dev)

    assert "url must be https://" in fault


def test_functions_are_set_in_the_file_alone(tmp_path: Path) -> None:
    """An environment variable or a flag that names them is told so."""
    for flags, environment in (({"functions": "x"}, {}), ({}, {"POOLKEEPER_FUNCTIONS": "x"})):
        with pytest.raises(SettingsError, match=r"functions: only poolkeeper\.toml"):
            load({"data": str(tmp_path)} | flags, environment)


def test_settings_show_how_many_functions_there_are_and_no_secret(tmp_path: Path) -> None:
    """Neither what is shown nor any repr tells a secret of an entry."""
    settings = settings_of(
        tmp_path,
        entry(
            "arn:a", transport="lambda", access_key_id="AKIA", secret_access_key="secret-1", session_token="secret-2"
        ),
        entry("arn:b", transport="webhook", url="https://hooks.example/", secrets=["secret-3"]),
        entry("arn:c", **python("nothing", environment={"KEY": "secret-4"})),
    )

    assert shown(settings, "functions") == "3"
    assert "secret-" not in repr(settings)


def test_an_event_above_the_limit_is_not_sent(tmp_path: Path) -> None:
    """Lambda has a name for it."""
    settings = settings_of(tmp_path, entry(**python("nothing")))

    assert cannot_invoke(settings, EVENT | {"more": "x" * 1_048_576}).reason == "RequestTooLargeException"
