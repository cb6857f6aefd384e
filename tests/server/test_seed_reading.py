"""What is wrong with a seed file, and in which line? All of it is told at once, and nothing is made."""

from pathlib import Path

import pytest

from poolkeeper.server.seeding.reading import SeedError, read


def test_all_faults_are_told_at_once_with_their_lines(tmp_path: Path) -> None:
    """Names that nobody knows, values that AWS refuses, ids that lack."""
    file = tmp_path / "bad.toml"
    file.write_text(
        '[[user_pools]]\nPoolName = "shop"\nMfaConfiguration = "MAYBE"\n\n'
        '[[user_pools.clients]]\nid = 5\nClientName = "web"\nColour = "red"\n'
        "[[user_pools.users]]\nattributes = 1\n"
        "[[rolls]]\n"
    )
    with pytest.raises(SeedError) as refusal:
        read(file, region="us-east-1")
    lines = [fault.removeprefix(f"{file}") for fault in refusal.value.faults]
    assert [line[:6].strip() for line in lines] == [":1: 1", ":1: us", ":5: us", ":5: id", ":9: 1", ":9: at", ": ther"]
    assert "MAYBE" in lines[0]
    assert "user_pools needs id" in lines[1]
    assert "user_pools.clients does not take Colour" in lines[2]
    assert "username" in lines[4]


def test_a_name_that_nobody_knows_is_told_with_the_one_that_was_meant(tmp_path: Path) -> None:
    """In another writing, without its prefix, without its plural, outside of the pool; nothing where there is nothing like it."""
    file = tmp_path / "near.toml"
    file.write_text(
        '[[user_pools]]\nid = "us-east-1_A"\nPoolName = "a"\nmfa_configuration = "OFF"\nName = "a"\n'
        '[[user_pools.client]]\nid = "web"\n'
        '[[user_pools.users]]\nUsername = "ada"\nEmail = "ada@lovelace.example"\n'
        '[[groups]]\nGroupName = "clerks"\n'
    )
    with pytest.raises(SeedError) as refusal:
        read(file, region="us-east-1")
    assert [fault.removeprefix(f"{file}:").strip() for fault in refusal.value.faults] == [
        (
            "1: user_pools does not take Name (did you mean PoolName?), client (did you mean clients?), "
            "mfa_configuration (did you mean MfaConfiguration?)"
        ),
        "8: user_pools.users does not take Email",
        (
            "there is no kind groups (did you mean user_pools.groups?): there are user_pools, policies, roles, iam_users, "
            "identity_pools"
        ),
    ]


def test_what_stands_twice_in_a_file_is_told_and_not_dropped(tmp_path: Path) -> None:
    """Ids in the whole file, names in their pool; two pools may have a group of one name."""
    file = tmp_path / "twice.toml"
    pool = '[[user_pools]]\nid = "us-east-1_{}"\nPoolName = "a"\n'
    groups = '[[user_pools.groups]]\nGroupName = "clerks"\n'
    client = '[[user_pools.clients]]\nid = "web"\nClientName = "web"\n'
    user = '[[user_pools.users]]\nUsername = "ada"\n'
    file.write_text(
        pool.format("A") + groups * 2 + client + user * 2 + pool.format("B") + groups + client + pool.format("A")
    )
    with pytest.raises(SeedError) as refusal:
        read(file, region="us-east-1")
    assert [fault.removeprefix(f"{file}:") for fault in refusal.value.faults] == [
        "6: user_pools.groups has 'clerks' already, in line 4",
        "13: user_pools.users has 'ada' already, in line 11",
        "20: user_pools.clients has 'web' already, in line 8",
        "23: user_pools has 'us-east-1_A' already, in line 1",
    ]


def test_what_looks_like_a_header_within_a_text_moves_no_line(tmp_path: Path) -> None:
    """In a text of several lines, behind a comment with a quote in it; an entry names no pool but the one that it is under."""
    file = tmp_path / "texts.toml"
    file.write_text(
        '# It\'s """ here.\n[[user_pools]]\nid = "us-east-1_A"\nPoolName = "a"\n'
        'EmailVerificationMessage = """\n[[user_pools.groups]]\n\\"{####}"""\n'
        "SmsVerificationMessage = '''\n[[user_pools.groups]]{####}'''\n"
        '[[user_pools.groups]]\nGroupName = "clerks"\nUserPoolId = "us-east-1_B"\n'
    )
    with pytest.raises(SeedError) as refusal:
        read(file, region="us-east-1")
    assert refusal.value.faults == [f"{file}:10: user_pools.groups does not take UserPoolId"]


def test_each_app_client_has_terms_of_its_own(tmp_path: Path) -> None:
    """Two documents of one name are of two app clients; a third one of a client that has it is told."""
    file = tmp_path / "terms.toml"
    terms = (
        '[[user_pools.terms]]\nClientId = "{}"\nTermsName = "terms-of-use"\nTermsSource = "LINK"\n'
        'Enforcement = "NONE"\nLinks = {{"cognito:default" = "https://shop.example"}}\n'
    )
    pool = '[[user_pools]]\nid = "us-east-1_A"\nPoolName = "a"\n'
    file.write_text(pool + terms.format("web") + terms.format("cli"))
    assert len(read(file, region="us-east-1")[0].children) == 2
    file.write_text(pool + terms.format("web") * 2)
    with pytest.raises(SeedError) as refusal:
        read(file, region="us-east-1")
    assert refusal.value.faults == [f"{file}:10: user_pools.terms has 'terms-of-use of web' already, in line 4"]


@pytest.mark.parametrize(
    "text", ["user_pools = 3", "[user_pools]\nid = 'x'", "[[user_pools]\n", "\x00", "a = '\\ud800'"]
)
def test_what_is_no_seed_file_is_told_in_words(text: str, tmp_path: Path) -> None:
    """No traceback, and the name of the file."""
    file = tmp_path / "bad.toml"
    file.write_text(text)
    with pytest.raises(SeedError, match=str(file)):
        read(file, region="us-east-1")


def test_a_file_that_is_too_large_is_told_so(tmp_path: Path) -> None:
    """Not that the text ends where reading it stopped, in the middle of a character or a string."""
    file = tmp_path / "large.toml"
    for text in ("# " + "x" * 1_048_576, "a = '" + "\u00e9" * 600_000 + "'"):
        file.write_text(text)
        with pytest.raises(SeedError, match="is larger than 1048576 bytes"):
            read(file, region="us-east-1")
