"""How do answers show a group? For every operation that names one."""

from poolkeeper.aws.generated.cognito_idp import (
    GroupType,
)
from poolkeeper.model.group import Group
from poolkeeper.model.pool import Pool
from poolkeeper.operations.shapes import seconds


def described(pool: Pool, group: Group) -> GroupType:
    """Return a group for any answer; what is unset is left out."""
    return GroupType(
        group_name=group.group_name,
        user_pool_id=pool.pool_id,
        description=group.description,
        role_arn=group.role_arn,
        precedence=group.precedence,
        creation_date=seconds(group.created_at),
        last_modified_date=seconds(group.updated_at),
    )
