"""SignUp, ConfirmSignUp, AdminConfirmSignUp, ResendConfirmationCode: how people become users by themselves."""

from poolkeeper.accounts import sign_up as accounts
from poolkeeper.auth import sign_up_session
from poolkeeper.aws.generated.cognito_idp import (
    AdminConfirmSignUpRequest,
    AdminConfirmSignUpResponse,
    ConfirmSignUpRequest,
    ConfirmSignUpResponse,
    ResendConfirmationCodeRequest,
    ResendConfirmationCodeResponse,
    SignUpRequest,
    SignUpResponse,
)
from poolkeeper.call import Call
from poolkeeper.defences.client_proof import require_secret_hash
from poolkeeper.lookup import require_client, require_pool_and_user
from poolkeeper.operations.client_contexts import for_user_of, user_context
from poolkeeper.operations.named_users import require_client_and_name
from poolkeeper.operations.shapes import attribute_dict, delivery_details, simulated_details


async def sign_up(call: Call, req: SignUpRequest) -> SignUpResponse:
    """Create an UNCONFIRMED user and send the code that confirms them; the password may be missing where the pool allows it.

    Triggers, in order: PreSignUp, CustomMessage; PostConfirmation instead if PreSignUp confirmed.
    """
    call = for_user_of(call, req)
    pool, client = await require_client(call, req.client_id)
    require_secret_hash(client, given=req.secret_hash, username=req.username)
    form = accounts.Form(
        name=req.username,
        password=req.password,
        attributes=attribute_dict(req.user_attributes),
        validation_data=None if req.validation_data is None else attribute_dict(req.validation_data),
        metadata=req.client_metadata or {},
        context=user_context(req.user_context_data),
    )
    user, outgoing = await accounts.sign_up(call, pool, client, form)
    if user.confirmed:
        return SignUpResponse(user_confirmed=True, user_sub=user.sub)
    return SignUpResponse(
        user_confirmed=False,
        user_sub=user.sub,
        code_delivery_details=None if outgoing is None else delivery_details(outgoing.message, outgoing.code.attribute),
        session=sign_up_session.after_sign_up(call, client, user, name=req.username),
    )


async def confirm_sign_up(call: Call, req: ConfirmSignUpRequest) -> ConfirmSignUpResponse:
    """Confirm a user, and the address that the code went to, by that code.

    Triggers: PostConfirmation, after the commit: the user stays confirmed whatever it says. An alias goes to this user
    only where the code proved that very address.
    """
    call = for_user_of(call, req)
    pool, client, subject = await require_client_and_name(call, req)
    await accounts.confirm(
        call,
        pool,
        client,
        subject,
        code=req.confirmation_code,
        force=bool(req.force_alias_creation),
        metadata=req.client_metadata or {},
    )
    return ConfirmSignUpResponse(session=sign_up_session.after_confirmation(call, client, subject, req.session))


async def resend_confirmation_code(call: Call, req: ResendConfirmationCodeRequest) -> ResendConfirmationCodeResponse:
    """Send a new code to a user who is not confirmed; the former code becomes worthless.

    Triggers: CustomMessage, after the answer where existence is hidden.
    """
    call = for_user_of(call, req)
    pool, client, subject = await require_client_and_name(call, req)
    context = user_context(req.user_context_data)
    went_to = await accounts.resend(call, pool, client, subject, metadata=req.client_metadata, context=context)
    attribute, destination = went_to
    return ResendConfirmationCodeResponse(code_delivery_details=simulated_details(destination, attribute))


async def admin_confirm_sign_up(call: Call, req: AdminConfirmSignUpRequest) -> AdminConfirmSignUpResponse:
    """Confirm a user without a code; their addresses stay as they are.

    Triggers: PostConfirmation, after the commit.
    """
    pool, user = await require_pool_and_user(call, req.user_pool_id, req.username)
    await accounts.confirm_by_administrator(call, pool, user, metadata=req.client_metadata or {})
    return AdminConfirmSignUpResponse()
