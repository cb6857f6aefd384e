"""What may a trigger change in tokens? Whatever it answers, what identifies anybody or anything stays as it was."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from poolkeeper.model.token_overrides import TokenOverrides
from poolkeeper.tokens.override import override

CLIENT_ID = "1example23456789"
COMMON: Mapping[str, Any] = {
    "sub": "sub",
    "iss": "https://issuer/us-east-1_TestPool1",
    "origin_jti": "origin",
    "event_id": "event",
    "auth_time": 1,
    "exp": 2,
    "iat": 1,
    "jti": "jti",
    "acr": "urn:cognito:loa:1",
    "amr": ["pwd"],
    "cognito:groups": ["engines"],
}
ACCESS = {
    **COMMON,
    "token_use": "access",
    "client_id": CLIENT_ID,
    "username": "ada",
    "device_key": "device",
    "version": 2,
    "scope": "aws.cognito.signin.user.admin openid",
}
IDENTITY = {
    **COMMON,
    "token_use": "id",
    "aud": CLIENT_ID,
    "cognito:username": "ada",
    "cognito:roles": ["arn:role"],
    "cognito:preferred_role": "arn:role",
    "email": "ada@example.com",
    "email_verified": True,
    "dev:secret": "x",
    "identities": [{"userId": "1"}],
    "nonce": "nonce",
    "at_hash": "hash",
}
# userpools.md 4.1: the names that no trigger changes, in either token.
# fmt: off
FIXED = [
    "acr", "amr", "at_hash", "auth_time", "azp", "client_id", "cognito:username", "device_key", "event_id", "exp", "iat",
    "identities", "iss", "jti", "nbf", "nonce", "origin_jti", "sub", "token_use", "username", "version",
]
# fmt: on
GROUP_CLAIMS = ("cognito:groups", "cognito:roles", "cognito:preferred_role")

OTHERS = [
    "aud",
    "scope",
    "email",
    "email_verified",
    "address",
    "updated_at",
    "dev:secret",
    "dev:new",
    "cognito:new",
    "new",
]
# Sampled, not made up: the names and kinds of values are what matters, and many examples cost little.
names = st.sampled_from([*FIXED, *GROUP_CLAIMS, *OTHERS, "", "Sub", "sub ", "cognito:", "\0"])
values = st.sampled_from(
    [None, True, 0, -1.5, "", "forged", "7", "true", CLIENT_ID, [], [CLIENT_ID], {}, {"sub": "forged"}]
)
claims = st.dictionaries(names, values, max_size=8)
some_names = st.frozensets(names, max_size=8)
texts = st.lists(st.sampled_from(["a", "b", "openid", "api/read"]), max_size=4).map(tuple)
overrides = st.builds(
    TokenOverrides,
    id_claims=claims,
    id_suppressed=some_names,
    access_claims=claims,
    access_suppressed=some_names,
    scopes_added=texts,
    scopes_suppressed=st.frozensets(st.sampled_from(["openid", "aws.cognito.signin.user.admin", "a", "b"])),
    groups=st.none() | texts,
    roles=st.none() | texts,
    preferred_role=st.none() | st.sampled_from(["", "arn:role"]),
)


@settings(max_examples=300, deadline=None)
@given(overrides)
def test_what_identifies_stays_whatever_a_trigger_answers(changes: TokenOverrides) -> None:
    """Each protected claim has its value or is absent, as before; nothing new begins with `cognito:` (attacks.md 141)."""
    access, identity = override(ACCESS, IDENTITY, changes)
    for before, after in ((ACCESS, access), (IDENTITY, identity)):
        assert [after.get(name) for name in FIXED] == [before.get(name) for name in FIXED]
        assert [name in after for name in FIXED] == [name in before for name in FIXED]
        assert {name for name in after if name.startswith("cognito:")} <= {*before, *GROUP_CLAIMS}
        assert {name for name in after if name.startswith("dev:")} <= before.keys()
    assert identity["aud"] == CLIENT_ID
    assert access.get("aud") in {None, CLIENT_ID}
    assert access.get("scope", "").split() == list(dict.fromkeys(access.get("scope", "").split()))
    assert changes.scopes_suppressed.isdisjoint(access.get("scope", "").split())


@settings(max_examples=300, deadline=None)
@given(overrides)
def test_to_suppress_wins_over_to_add(changes: TokenOverrides) -> None:
    """What is named in both is not there, but for what cannot be suppressed."""
    access, identity = override(ACCESS, IDENTITY, changes)
    fixed = {*FIXED, "aud", "scope"}
    for after, suppressed in ((access, changes.access_suppressed), (identity, changes.id_suppressed)):
        left = {name for name in suppressed & after.keys() if not name.startswith("cognito:")}
        assert left <= fixed


def test_nothing_to_change_changes_nothing() -> None:
    """An empty verdict gives the claims as they were."""
    assert override(ACCESS, IDENTITY, TokenOverrides()) == (ACCESS, IDENTITY)


def test_claims_are_added_and_replaced() -> None:
    """Each in its own token."""
    changes = TokenOverrides(
        id_claims={"email": "new@example.com", "custom:team": "engines"}, access_claims={"tenant": {"id": 5}}
    )
    access, identity = override(ACCESS, IDENTITY, changes)
    assert access == {**ACCESS, "tenant": {"id": 5}}
    assert identity == {**IDENTITY, "email": "new@example.com", "custom:team": "engines"}


def test_what_replaces_an_attribute_has_its_form() -> None:
    """Verification marks are booleans in an ID token, `updated_at` a number, `address` an object."""
    given_texts = {"email_verified": "false", "phone_number_verified": "true", "updated_at": "7", "address": "Here 1"}
    _, identity = override(ACCESS, IDENTITY, TokenOverrides(id_claims=given_texts))
    assert (identity["email_verified"], identity["phone_number_verified"]) == (False, True)
    assert (identity["updated_at"], identity["address"]) == (7, {"formatted": "Here 1"})


def test_a_developers_attribute_is_suppressed_and_never_set() -> None:
    """`dev:` claims (userpools.md 4.1)."""
    changes = TokenOverrides(id_claims={"dev:secret": "y", "dev:new": "z"})
    assert override(ACCESS, IDENTITY, changes)[1] == IDENTITY
    suppressed = override(ACCESS, IDENTITY, TokenOverrides(id_suppressed=frozenset({"dev:secret"})))[1]
    assert suppressed == {name: value for name, value in IDENTITY.items() if name != "dev:secret"}


def test_suppressing_groups_takes_their_roles_along() -> None:
    """In the ID token; what the access token has is suppressed by its own list."""
    access, identity = override(ACCESS, IDENTITY, TokenOverrides(id_suppressed=frozenset({"cognito:groups"})))
    assert access == ACCESS
    assert identity.keys() == IDENTITY.keys() - {*GROUP_CLAIMS}
    access, identity = override(ACCESS, IDENTITY, TokenOverrides(access_suppressed=frozenset({"cognito:groups"})))
    assert access.keys() == ACCESS.keys() - {"cognito:groups"}
    assert identity == IDENTITY


def test_groups_are_replaced_in_both_tokens_and_roles_in_the_id_token() -> None:
    """None leaves them; an empty list takes them away."""
    changes = TokenOverrides(groups=("a", "b"), roles=("arn:a",), preferred_role="arn:a")
    access, identity = override(ACCESS, IDENTITY, changes)
    assert access == {**ACCESS, "cognito:groups": ["a", "b"]}
    assert [identity[name] for name in GROUP_CLAIMS] == [["a", "b"], ["arn:a"], "arn:a"]
    access, identity = override(ACCESS, IDENTITY, TokenOverrides(groups=()))
    assert not {*GROUP_CLAIMS} & (access.keys() | identity.keys())


@pytest.mark.parametrize("value", ["other", None, [CLIENT_ID], True])
def test_an_access_token_takes_no_other_audience(value: Any) -> None:
    """Only the app client's own id."""
    assert "aud" not in override(ACCESS, IDENTITY, TokenOverrides(access_claims={"aud": value}))[0]


def test_an_access_token_takes_its_client_as_audience() -> None:
    """Unless it is suppressed at the same time, or a resource has the place."""
    changes = TokenOverrides(access_claims={"aud": CLIENT_ID})
    assert override(ACCESS, IDENTITY, changes)[0]["aud"] == CLIENT_ID
    bound = {**ACCESS, "aud": "https://api.example.com"}
    assert override(bound, IDENTITY, changes)[0]["aud"] == "https://api.example.com"
    both = TokenOverrides(access_claims={"aud": CLIENT_ID}, access_suppressed=frozenset({"aud"}))
    assert "aud" not in override(ACCESS, IDENTITY, both)[0]


def test_scopes_are_added_and_suppressed() -> None:
    """In order, once each, and by their own lists alone."""
    changes = TokenOverrides(
        scopes_added=("api/read", "openid", "api/write", "api/read"),
        scopes_suppressed=frozenset({"aws.cognito.signin.user.admin", "api/write"}),
        access_claims={"scope": "everything"},
        access_suppressed=frozenset({"scope"}),
    )
    assert override(ACCESS, IDENTITY, changes)[0]["scope"] == "openid api/read"


def test_without_any_scope_there_is_no_such_claim() -> None:
    """All of them suppressed."""
    changes = TokenOverrides(scopes_suppressed=frozenset({"aws.cognito.signin.user.admin", "openid"}))
    assert "scope" not in override(ACCESS, IDENTITY, changes)[0]
