"""/forgotPassword, /confirmforgotPassword: another password, by a code to an address that was proved."""

from starlette.responses import Response

from poolkeeper.accounts import recovery
from poolkeeper.errors import ServiceError
from poolkeeper.hosted import paths
from poolkeeper.hosted.outcomes import Fault
from poolkeeper.model.account_recovery import recovery_order
from poolkeeper.model.names import LONGEST_NAME
from poolkeeper.pages.managed_login import rules, typed, views
from poolkeeper.pages.managed_login.parts import Notice, Problem, Wrong
from poolkeeper.pages.managed_login.sitting import AtClient, subject_of
from poolkeeper.pages.managed_login.walking import refused, start_of


async def show(s: AtClient) -> Response:
    """GET /forgotPassword."""
    if not recovery_order(s.pool.document):
        return s.fault(Fault.NOT_OPEN, client_id=s.client.client_id)
    return s.show(views.Forgot(username=s.request.login_hint))


async def answer(s: AtClient) -> Response:
    """POST /forgotPassword: a code is sent, or it is as if: the next page is the same for everybody (attacks.md 9)."""
    if not recovery_order(s.pool.document):
        return s.fault(Fault.NOT_OPEN, client_id=s.client.client_id)
    username = s.form.get("username", "").strip()[:LONGEST_NAME]
    if not username:
        return s.show(views.Forgot(problems=(Problem(Wrong.REQUIRED, "username"),)))
    try:
        await recovery.forgot(s.call, s.pool, s.client, await subject_of(s, username), metadata=None)
    except ServiceError as fault:
        problem = await refused(s, start_of(s, username), fault)
        if isinstance(problem, Response):
            return problem
        return s.show(views.Forgot(username=username, problems=(problem,)))
    return s.further(paths.RESET, username=username)


async def show_reset(s: AtClient) -> Response:
    """GET /confirmforgotPassword: whose password, is in `login_hint`."""
    if not s.request.login_hint:
        return s.further(paths.FORGOT)
    return s.show(views.Reset(username=s.request.login_hint, rules=rules.of(s.pool.password_policy), notice=s.notice))


async def reset(s: AtClient) -> Response:
    """POST /confirmforgotPassword: the code and the new password."""
    username, code = s.form.get("username", "")[:LONGEST_NAME], typed.code_of(s.form.get("code", ""))
    password = s.form.get("password", "")
    if not username:
        return s.further(paths.FORGOT)
    missing = None if code else Problem(Wrong.REQUIRED, "code")
    problems = tuple(candidate for candidate in (missing, typed.of_password(s, password)) if candidate is not None)
    if problems:
        return _again(s, username, *problems)
    try:
        subject = await subject_of(s, username)
        await recovery.confirm(s.call, s.pool, s.client, subject, code=code, password=password, metadata={})
    except ServiceError as fault:
        problem = await refused(s, start_of(s, username), fault)
        return problem if isinstance(problem, Response) else _again(s, username, problem)
    return s.further(paths.LOGIN, username=username, notice=Notice.PASSWORD_CHANGED)


def _again(s: AtClient, username: str, *problems: Problem) -> Response:
    return s.show(views.Reset(username=username, rules=rules.of(s.pool.password_policy), problems=problems))
