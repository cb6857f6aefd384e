"""What do the triggers of the benchmarks decide? A riddle whose answer is known, and one claim more in each token."""

from typing import Any

ANSWER = "an echo"
_CLAIMS = {"claimsToAddOrOverride": {"plan": "gold"}}


def _define(request: dict[str, Any]) -> dict[str, Any]:
    solved = any(turn["challengeResult"] for turn in request["session"])
    return {"challengeName": None if solved else "CUSTOM_CHALLENGE", "issueTokens": solved, "failAuthentication": False}


def _create(_request: dict[str, Any]) -> dict[str, Any]:
    return {"publicChallengeParameters": {"riddle": "?"}, "privateChallengeParameters": {"answer": ANSWER}}


def _verify(request: dict[str, Any]) -> dict[str, Any]:
    return {"answerCorrect": request["challengeAnswer"] == request["privateChallengeParameters"]["answer"]}


def _tokens(_request: dict[str, Any]) -> dict[str, Any]:
    details = {"idTokenGeneration": _CLAIMS, "accessTokenGeneration": _CLAIMS}
    return {"claimsAndScopeOverrideDetails": details}


_TRIGGERS = {
    "DefineAuthChallenge": _define,
    "CreateAuthChallenge": _create,
    "VerifyAuthChallengeResponse": _verify,
    "TokenGeneration": _tokens,
}


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Answer any of the triggers; one that is not among them decides nothing."""
    decide = _TRIGGERS.get(event["triggerSource"].partition("_")[0])
    return {**event, "response": {} if decide is None else decide(event["request"])}
