"""ForgotPassword, ConfirmForgotPassword, ChangePassword, AdminSetUserPassword: how a password is changed."""

from poolkeeper.accounts import auth_events, password_changes, recovery
from poolkeeper.aws.generated.cognito_idp import (
    AdminSetUserPasswordRequest,
    AdminSetUserPasswordResponse,
    ChangePasswordRequest,
    ChangePasswordResponse,
    ConfirmForgotPasswordRequest,
    ConfirmForgotPasswordResponse,
    ForgotPasswordRequest,
    ForgotPasswordResponse,
)
from poolkeeper.call import Call
from poolkeeper.errors import InvalidParameterException
from poolkeeper.lookup import Bearer, Subject, require_pool_and_user
from poolkeeper.model.auth_event import PASSWORD_CHANGE
from poolkeeper.operations.client_contexts import for_user_of, user_context
from poolkeeper.operations.named_users import require_client_and_name
from poolkeeper.operations.shapes import simulated_details


async def forgot_password(call: Call, req: ForgotPasswordRequest) -> ForgotPasswordResponse:
    """Send the code with which a user chooses a new password; the old one works until then.

    Triggers: UserMigration (unknown user), CustomMessage.
    """
    call = for_user_of(call, req)
    pool, client, subject = await require_client_and_name(call, req)
    context = user_context(req.user_context_data)
    went_to = await recovery.forgot(call, pool, client, subject, metadata=req.client_metadata, context=context)
    attribute, destination = went_to
    return ForgotPasswordResponse(code_delivery_details=simulated_details(destination, attribute))


async def confirm_forgot_password(call: Call, req: ConfirmForgotPasswordRequest) -> ConfirmForgotPasswordResponse:
    """Set a new password by the code; all sessions end.

    Triggers: PostConfirmation, after the commit.
    """
    call = for_user_of(call, req)
    pool, client, subject = await require_client_and_name(call, req)
    await recovery.confirm(
        call,
        pool,
        client,
        subject,
        code=req.confirmation_code,
        password=req.password,
        metadata=req.client_metadata or {},
        context=user_context(req.user_context_data),
    )
    return ConfirmForgotPasswordResponse()


async def change_password(call: Call, req: ChangePasswordRequest, bearer: Bearer) -> ChangePasswordResponse:
    """Change the bearer's password, which they prove by the old one; all sessions but the caller's end."""
    if req.previous_password is None:
        # UNVERIFIED: the words; only users without a password may leave it out.
        raise InvalidParameterException("Missing required parameter PreviousPassword")
    subject = Subject(name=bearer.user.username, subject_id=bearer.user.sub, user=bearer.user)
    async with auth_events.noted(call, bearer.pool, bearer.client, subject, kind=PASSWORD_CHANGE):
        await password_changes.change(call, bearer, before=req.previous_password, after=req.proposed_password)
    return ChangePasswordResponse()


async def admin_set_user_password(call: Call, req: AdminSetUserPasswordRequest) -> AdminSetUserPasswordResponse:
    """Set a user's password: for good (CONFIRMED), or until its first use (FORCE_CHANGE_PASSWORD). All sessions end."""
    pool, user = await require_pool_and_user(call, req.user_pool_id, req.username)
    await password_changes.set_by_administrator(call, pool, user, password=req.password, permanent=bool(req.permanent))
    return AdminSetUserPasswordResponse()
