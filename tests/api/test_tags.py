"""Tags of a pool: added, replaced and removed by its ARN, and never by an update that leaves them out."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial

from api.world import World, refused


def arn(pool_id: str, *, region: str = "us-east-1", account: str = "000000000000", service: str = "cognito-idp") -> str:
    return f"arn:aws:{service}:{region}:{account}:userpool/{pool_id}"


def tags(world: World, pool_id: str) -> dict[str, str]:
    listed: dict[str, str] = world.signed.list_tags_for_resource(ResourceArn=arn(pool_id))["Tags"]
    return listed


def test_tags_are_added_replaced_and_removed(world: World) -> None:
    """The pool's own description shows the same tags."""
    pool_id = world.pool(UserPoolTags={"team": "swimmers"}).pool_id
    world.signed.tag_resource(ResourceArn=arn(pool_id), Tags={"team": "divers", "stage": ""})
    assert tags(world, pool_id) == {"team": "divers", "stage": ""}
    assert world.signed.describe_user_pool(UserPoolId=pool_id)["UserPool"]["UserPoolTags"] == tags(world, pool_id)

    world.signed.untag_resource(ResourceArn=arn(pool_id), TagKeys=["team", "never-there"])
    assert tags(world, pool_id) == {"stage": ""}
    world.signed.untag_resource(ResourceArn=arn(pool_id), TagKeys=["stage"])
    for untagged in (pool_id, world.pool(UserPoolTags={}).pool_id):
        assert tags(world, untagged) == {}
        assert world.signed.describe_user_pool(UserPoolId=untagged)["UserPool"]["UserPoolTags"] == {}


def test_an_update_without_tags_leaves_them_alone(world: World) -> None:
    """As Terraform relies on, which sets tags by TagResource alone."""
    pool_id = world.pool(UserPoolTags={"team": "swimmers"}).pool_id
    world.signed.update_user_pool(UserPoolId=pool_id)
    assert tags(world, pool_id) == {"team": "swimmers"}


def test_an_arn_that_is_no_pools_is_refused(world: World) -> None:
    """A wrong form is a wrong parameter; a pool that is not there under that ARN is not found."""
    pool_id = world.pool().pool_id
    for wrong in (arn(pool_id, service="sqs"), arn(pool_id).replace("userpool", "identitypool")):
        work = partial(world.signed.list_tags_for_resource, ResourceArn=wrong)
        assert refused(work) == ("InvalidParameterException", f"{wrong} is not the ARN of a user pool.")

    elsewhere = {
        arn("us-east-1_000000000"): "us-east-1_000000000",
        arn(pool_id, region="eu-west-1"): pool_id,
        arn(pool_id, account="111111111111"): pool_id,
    }
    for wrong, named in elsewhere.items():
        for work in (
            partial(world.signed.list_tags_for_resource, ResourceArn=wrong),
            partial(world.signed.tag_resource, ResourceArn=wrong, Tags={"a": "b"}),
            partial(world.signed.untag_resource, ResourceArn=wrong, TagKeys=["a"]),
        ):
            assert refused(work) == ("ResourceNotFoundException", f"User pool {named} does not exist.")
    assert tags(world, pool_id) == {}


def test_there_are_fifty_tags_at_the_most_and_none_of_awss(world: World) -> None:
    """Refused whole, at creation with an error of its own."""
    many = {f"k{number}": "v" for number in range(51)}
    sentence = "A resource can have 50 tags at the most."
    assert refused(lambda: world.pool(UserPoolTags=many)) == ("UserPoolTaggingException", sentence)

    pool_id = world.pool(UserPoolTags=dict(list(many.items())[:50])).pool_id
    tag = partial(world.signed.tag_resource, ResourceArn=arn(pool_id))
    assert refused(lambda: tag(Tags={"k50": "v"})) == ("InvalidParameterException", sentence)
    tag(Tags={"k49": "w"})
    world.signed.untag_resource(ResourceArn=arn(pool_id), TagKeys=["k48"])
    reserved = "Tag keys that begin with aws: are reserved: aws:stack"
    assert refused(lambda: tag(Tags={"aws:stack": "v"})) == ("InvalidParameterException", reserved)
    assert tags(world, pool_id)["k49"] == "w"


def test_two_spellings_of_one_key_are_refused(world: World) -> None:
    """Policies fold the names of their keys: a second spelling would decide for the first, under a guard of the first."""
    both = {"team": "blue", "Team": "red"}
    sentence = "Tag keys that differ in case alone are one to policies: Team, team"
    assert refused(lambda: world.pool(UserPoolTags=both)) == ("UserPoolTaggingException", sentence)
    pool_id = world.pool(UserPoolTags={"team": "blue"}).pool_id
    tag = partial(world.signed.tag_resource, ResourceArn=arn(pool_id))
    for given in ({"Team": "red"}, {"\N{KELVIN SIGN}ey": "a", "key": "b"}):
        assert refused(lambda given=given: tag(Tags=given))[0] == "InvalidParameterException"  # type: ignore[misc]
    update = partial(world.signed.update_user_pool, UserPoolId=pool_id)
    assert refused(lambda: update(UserPoolTags=both))[0] == "UserPoolTaggingException"
    tag(Tags={"team": "green"})
    assert tags(world, pool_id) == {"team": "green"}
    world.signed.untag_resource(ResourceArn=arn(pool_id), TagKeys=["Team"])
    assert tags(world, pool_id) == {"team": "green"}
    world.signed.untag_resource(ResourceArn=arn(pool_id), TagKeys=["team"])
    tag(Tags={"Team": "red"})
    assert tags(world, pool_id) == {"Team": "red"}


def test_tags_set_at_once_are_all_there(world: World) -> None:
    """No tagging undoes another, on either engine."""
    pool_id = world.pool().pool_id

    def tag(number: int) -> None:
        world.signed.tag_resource(ResourceArn=arn(pool_id), Tags={f"k{number}": str(number)})

    with ThreadPoolExecutor(6) as threads:
        list(threads.map(tag, range(12)))
    assert tags(world, pool_id) == {f"k{number}": str(number) for number in range(12)}
