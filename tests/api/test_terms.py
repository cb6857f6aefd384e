"""Terms documents: made, changed, listed, deleted; and what of them whoever signs up at a page is shown."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
from botocore.exceptions import ClientError

from api.listing import pages, refused_as_no_marker
from api.principals import allow, deny, person, pool_arn
from api.world import PASSWORD, ClientOfTests, PoolOfTests, World, refused
from pages.walking import Shown, walk_in
from poolkeeper.model.languages import OWN_NAMES, WORDS_OF_COGNITO
from poolkeeper.pages.managed_login.words import load_words

USE, PRIVACY = "terms-of-use", "privacy-policy"
LINKS = {"cognito:default": "https://juniper.example/terms", "cognito:german": "https://juniper.example/agb"}
NOBODYS = "00000000-0000-4000-8000-000000000000"
SPOKEN = load_words()


@pytest.fixture
def pool(world: World) -> PoolOfTests:
    """Make a pool."""
    return world.pool()


def create(client: ClientOfTests, name: str = USE, links: dict[str, str] | None = None, **more: Any) -> dict[str, Any]:
    """Create a terms document and return it."""
    given = {"TermsName": name, "TermsSource": "LINK", "Enforcement": "NONE", "Links": links or LINKS} | more
    place = {"UserPoolId": client.pool.pool_id, "ClientId": client.client_id}
    made: dict[str, Any] = client.world.signed.create_terms(**{**place, **given})["Terms"]
    return made


def describe(pool: PoolOfTests, terms_id: str) -> dict[str, Any]:
    """Return a terms document."""
    found: dict[str, Any] = pool.world.signed.describe_terms(UserPoolId=pool.pool_id, TermsId=terms_id)["Terms"]
    return found


def test_a_document_comes_back_as_it_was_made(pool: PoolOfTests) -> None:
    """Create, both Describes; List has it without client and links."""
    client = pool.client()
    made = create(client)
    assert made == {
        "TermsId": made["TermsId"],
        "UserPoolId": pool.pool_id,
        "ClientId": client.client_id,
        "TermsName": USE,
        "TermsSource": "LINK",
        "Enforcement": "NONE",
        "Links": LINKS,
        "CreationDate": made["CreationDate"],
        "LastModifiedDate": made["CreationDate"],
    }
    assert describe(pool, made["TermsId"]) == describe(pool, made["TermsId"].upper()) == made
    named = {"UserPoolId": pool.pool_id, "ClientId": client.client_id, "TermsName": USE}
    assert pool.world.signed.describe_terms_by_client(**named)["Terms"] == made
    told = {name: made[name] for name in ("TermsId", "TermsName", "Enforcement", "CreationDate", "LastModifiedDate")}
    assert pool.world.signed.list_terms(UserPoolId=pool.pool_id)["Terms"] == [told]


def test_an_update_changes_what_is_given(pool: PoolOfTests) -> None:
    """Links take the place of all links; what is left out stays, but for the time."""
    made = create(pool.client())
    pool.world.clock.advance(5_000)
    other = {"cognito:japanese": "https://juniper.example/ja"}
    named = {"UserPoolId": pool.pool_id, "TermsId": made["TermsId"]}
    changed = pool.world.signed.update_terms(**named, Links=other)["Terms"]
    assert changed == {**made, "Links": other, "LastModifiedDate": changed["LastModifiedDate"]}
    assert changed["LastModifiedDate"] > made["LastModifiedDate"]
    renamed = pool.world.signed.update_terms(**named, TermsName=PRIVACY)["Terms"]
    assert (renamed["TermsName"], renamed["Links"]) == (PRIVACY, other)
    assert describe(pool, made["TermsId"]) == renamed


def test_a_client_has_one_of_each_name(pool: PoolOfTests) -> None:
    """TermsExistsException, by Create and by Update; another client's are its own."""
    client, other = pool.client(), pool.client()
    create(client)
    again = ("TermsExistsException", f"Terms {USE} of client {client.client_id} already exist.")
    assert refused(lambda: create(client)) == again
    second = create(client, PRIVACY)
    named = {"UserPoolId": pool.pool_id, "TermsId": second["TermsId"]}
    assert refused(lambda: pool.world.signed.update_terms(**named, TermsName=USE)) == again
    assert pool.world.signed.update_terms(**named, TermsName=PRIVACY)["Terms"]["TermsName"] == PRIVACY
    assert create(other)["ClientId"] == other.client_id


def test_what_is_not_there_is_refused(pool: PoolOfTests) -> None:
    """By id, by client and name; another pool's is not found, and its client has none made for it."""
    elsewhere = pool.world.pool().client()
    theirs = create(elsewhere)["TermsId"]
    client, signed = pool.client(), pool.world.signed
    for terms_id in (NOBODYS, theirs):
        unknown = ("ResourceNotFoundException", f"Terms {terms_id} do not exist.")
        named = {"UserPoolId": pool.pool_id, "TermsId": terms_id}
        assert refused(partial(signed.describe_terms, **named)) == unknown
        assert refused(partial(signed.update_terms, **named, Links=LINKS)) == unknown
        assert refused(partial(signed.delete_terms, **named)) == unknown
    by_client = {"UserPoolId": pool.pool_id, "ClientId": client.client_id, "TermsName": USE}
    none = ("ResourceNotFoundException", f"Terms {USE} of client {client.client_id} do not exist.")
    assert refused(lambda: signed.describe_terms_by_client(**by_client)) == none
    not_ours = ("ResourceNotFoundException", f"User pool client {elsewhere.client_id} does not exist.")
    by_client["ClientId"] = elsewhere.client_id
    assert refused(lambda: signed.describe_terms_by_client(**by_client)) == not_ours
    assert refused(lambda: create(elsewhere, UserPoolId=pool.pool_id)) == not_ours
    no_pool = refused(lambda: signed.list_terms(UserPoolId="us-east-1_Nobodys00"))
    assert no_pool == ("ResourceNotFoundException", "User pool us-east-1_Nobodys00 does not exist.")


def test_the_limits_of_the_model_hold(pool: PoolOfTests) -> None:
    """Names, sources and languages are those of the model; so are the lengths of links and pages."""
    client = pool.client()
    wrongs: tuple[dict[str, Any], ...] = (
        {"TermsName": "terms"},
        {"TermsSource": "TEXT"},
        {"Enforcement": "REQUIRED"},
        {"Links": {"cognito:klingon": "https://juniper.example"}},
        {"Links": {"de": "https://juniper.example"}},
        {"Links": {"cognito:default": "https://juniper.example/with a blank"}},
        {"Links": {"cognito:default": "https://juniper.example/" + "x" * 1_024}},
    )
    for wrong in wrongs:
        name, told = refused(partial(create, client, **wrong))
        assert (name, told[:26]) == ("InvalidParameterException", "1 validation error detected"[:26]), wrong
    listing = {"UserPoolId": pool.pool_id, "MaxResults": 61}
    assert refused(lambda: pool.world.signed.list_terms(**listing))[0] == "InvalidParameterException"
    every = {f"cognito:{word}": f"https://juniper.example/{word}" for word in ("default", *WORDS_OF_COGNITO.values())}
    assert create(client, links=every)["Links"] == every


@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "//juniper.example/terms",
        "/terms",
        "juniper.example",
        "https://",
        "https:juniper.example",
        "https://[",
        "ftp://juniper.example/terms",
        "https:\\\\juniper.example",
    ],
)
def test_a_link_that_leads_nowhere_or_runs_is_refused(pool: PoolOfTests, link: str) -> None:
    """Attack row 87: the model takes any signs, and the sign-up page makes a link of them."""
    client = pool.client()
    told = ("InvalidParameterException", "The link of cognito:default is not a valid http or https URL.")
    assert refused(lambda: create(client, links={"cognito:default": link})) == told
    made = create(client)
    changed = {"UserPoolId": pool.pool_id, "TermsId": made["TermsId"], "Links": {"cognito:default": link}}
    assert refused(lambda: pool.world.signed.update_terms(**changed)) == told
    assert describe(pool, made["TermsId"])["Links"] == LINKS


def test_a_document_without_links_is_refused(pool: PoolOfTests) -> None:
    """There would be nothing to show."""
    client = pool.client()
    given = {"UserPoolId": pool.pool_id, "ClientId": client.client_id, "TermsName": USE}
    told = refused(lambda: pool.world.signed.create_terms(**given, TermsSource="LINK", Enforcement="NONE"))
    assert told == ("InvalidParameterException", "Links must be provided when TermsSource is LINK.")


def test_a_pool_has_forty(pool: PoolOfTests) -> None:
    """The quota; the listing goes page by page, and its marker is good for this pool alone."""
    clients = [pool.client() for _ in range(20)]
    made = {create(client, name)["TermsId"] for client in clients for name in (USE, PRIVACY)}
    one_more = pool.client()
    assert refused(lambda: create(one_more))[0] == "LimitExceededException"
    signed = pool.world.signed
    listed = [
        one["TermsId"]
        for page in pages(signed.list_terms, "NextToken", UserPoolId=pool.pool_id, MaxResults=17)
        for one in page["Terms"]
    ]
    assert (len(listed), set(listed)) == (40, made)
    token = signed.list_terms(UserPoolId=pool.pool_id, MaxResults=17)["NextToken"]
    other = pool.world.pool().pool_id
    assert refused_as_no_marker(lambda: signed.list_terms(UserPoolId=other, MaxResults=17, NextToken=token))


def test_documents_go_with_what_they_are_of(world: World) -> None:
    """A client that is deleted takes its own along, a document its own place."""
    pool = world.pool()
    client, other = pool.client(), pool.client()
    kept = create(other)
    create(client)
    gone = create(client, PRIVACY)
    world.signed.delete_terms(UserPoolId=pool.pool_id, TermsId=gone["TermsId"])
    create(client, PRIVACY)
    world.signed.delete_user_pool_client(UserPoolId=pool.pool_id, ClientId=client.client_id)
    left = world.signed.list_terms(UserPoolId=pool.pool_id)["Terms"]
    assert [one["TermsId"] for one in left] == [kept["TermsId"]]


def test_who_may_not_describe_terms_may_not_by_client_either(pool: PoolOfTests) -> None:
    """The API reference: a denial of the one action denies the other; that it is not allowed is no denial."""
    client = pool.client()
    create(client)
    ada = person(pool.world)
    given = {"UserPoolId": pool.pool_id, "ClientId": client.client_id, "TermsName": USE}
    own = allow("cognito-idp:DescribeTermsByClient", resource=pool_arn(pool.pool_id))
    ada.put(own)
    assert ada.client("cognito-idp").describe_terms_by_client(**given)["Terms"]["TermsName"] == USE
    ada.put(own, deny("cognito-idp:DescribeTerms"))
    name, told = refused(lambda: ada.client("cognito-idp").describe_terms_by_client(**given))
    assert name == "AccessDeniedException"
    assert "cognito-idp:DescribeTerms on resource" in told
    assert "explicit deny" in told


def documents(page: Shown) -> list[str]:
    """Return the documents that a page leads to."""
    return [link for link in page.links if link.startswith("https://juniper.example/")]


def test_both_documents_are_shown_at_sign_up_in_the_language_of_the_page(pool: PoolOfTests) -> None:
    """oauth-federation.md 5: with the default's address where a language has none of its own; one alone is not shown."""
    walk = walk_in(pool)
    create(walk.client)
    assert documents(walk.begin("/signup", lang="de")) == []
    create(walk.client, PRIVACY, {"cognito:default": "https://juniper.example/privacy"})
    for language in OWN_NAMES:
        page = walk.begin("/signup", lang=language)
        use = "https://juniper.example/agb" if language == "de" else LINKS["cognito:default"]
        assert documents(page) == [use, "https://juniper.example/privacy"], language
        for name in (USE, PRIVACY):
            assert str(SPOKEN[language].say(f"terms.{name}")) in page.words
        assert page.page.body.count(b'target="_blank" rel="noopener noreferrer"') == 2
    wrong = walk.press(walk.begin("/signup", lang="de"), "/signup", username="", password=PASSWORD)
    assert len(documents(wrong)) == 2
    assert documents(walk.begin("/login", lang="de")) == []


def test_a_language_for_which_one_is_missing_shows_none(pool: PoolOfTests) -> None:
    """Both, or no sentence: an agreement to half of it would be none."""
    walk = walk_in(pool)
    create(walk.client, USE, {"cognito:german": "https://juniper.example/agb"})
    create(
        walk.client,
        PRIVACY,
        {"cognito:german": "https://juniper.example/ds", "cognito:french": "https://juniper.example/c"},
    )
    assert len(documents(walk.begin("/signup", lang="de"))) == 2
    assert documents(walk.begin("/signup", lang="fr")) == documents(walk.begin("/signup", lang="en")) == []


def test_another_clients_documents_are_not_shown(pool: PoolOfTests) -> None:
    """Each app has its own, or none."""
    create(pool.client())
    create(pool.client(), PRIVACY)
    assert documents(walk_in(pool).begin("/signup")) == []


def test_a_client_makes_each_document_once_however_many_ask(pool: PoolOfTests) -> None:
    """Sixteen at once, half of them by Update: none gets a name that another has, and none ends in an accident."""
    client = pool.client()
    first = create(client)
    signed = pool.world.signed

    def ask(number: int) -> str:
        named = {"UserPoolId": pool.pool_id, "TermsId": first["TermsId"]}
        try:
            if number % 2:
                create(client, PRIVACY)
            else:
                signed.update_terms(**named, TermsName=PRIVACY)
        except ClientError as fault:
            return str(fault.response["Error"]["Code"])
        return ""

    with ThreadPoolExecutor(8) as workers:
        told = set(workers.map(ask, range(16)))
    assert told <= {"", "TermsExistsException", "ConcurrentModificationException"}
    listed = signed.list_terms(UserPoolId=pool.pool_id)["Terms"]
    names = [one["TermsName"] for one in listed]
    assert len(names) == len(set(names))
