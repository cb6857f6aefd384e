"""GetUser: what a user may see of himself."""

from poolkeeper.aws.generated.cognito_idp import GetUserRequest, GetUserResponse
from poolkeeper.call import Call
from poolkeeper.lookup import Bearer
from poolkeeper.model.attributes import readable
from poolkeeper.operations.shapes import attribute_list


async def get_user(call: Call, req: GetUserRequest, found: Bearer) -> GetUserResponse:  # noqa: ARG001 - the token in it is what `found` was found by
    """Return the bearer's attributes, those that the app client may read."""
    attributes = readable(found.user.attributes, found.client.readable)
    return GetUserResponse(username=found.user.username, user_attributes=attribute_list(attributes))
