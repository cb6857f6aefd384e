"""How is a problem said? One sentence each, the same in the summary and beside the field."""

from collections.abc import Callable, Mapping

from markupsafe import Markup, escape

from poolkeeper.pages.managed_login.parts import Frame, Problem, Rule, RuleKind, Words, Wrong
from poolkeeper.pages.managed_login.views import View
from poolkeeper.pages.managed_login.words import Speech

_ATTRIBUTE = "requiredAttributes["


def said(speech: Speech, text: Words | str) -> Markup:
    """Return words, or text as it stands, as HTML."""
    return escape(text) if isinstance(text, str) else speech.say(text.key, n=text.n, **text.values)


def problem_said(speech: Speech, problem: Problem, view: View, frame: Frame) -> Markup:
    """Return the sentence of a problem on its page."""
    special = _SPECIAL.get(problem.wrong)
    if special is not None:
        return special(speech, problem, view, frame)
    return speech.say(problem.wrong, n=problem.n, **problem.values)


def rule_said(speech: Speech, rule: Rule) -> Markup:
    """Return a row of the list of rules."""
    return speech.say(rule.kind, n=rule.least)


def _by_naming(speech: Speech, problem: Problem, _view: View, frame: Frame) -> Markup:
    return speech.say(f"{problem.wrong}.{frame.naming.value}")


def _required(speech: Speech, problem: Problem, _view: View, frame: Frame) -> Markup:
    """Say "Enter your name": by the attribute, else by the kind of field."""
    if problem.field == "username":
        return speech.say(f"{problem.wrong}.{frame.naming.value}")
    attribute = _attribute_of(problem.field)
    key = f"{problem.wrong}.{attribute}"
    if key in speech.sentences:
        return speech.say(key)
    return speech.say(f"{problem.wrong}.other", name=_label(speech, attribute))


def _user_name(speech: Speech, problem: Problem, _view: View, frame: Frame) -> Markup:
    # Where an address is the name, it is the address that is not one.
    key = {"email": Wrong.EMAIL, "phone": Wrong.PHONE}.get(frame.naming.value, problem.wrong)
    return speech.say(key)


def _other_attribute(speech: Speech, problem: Problem, _view: View, _frame: Frame) -> Markup:
    return speech.say(problem.wrong, name=_label(speech, _attribute_of(problem.field)))


def _password_rules(speech: Speech, problem: Problem, _view: View, _frame: Frame) -> Markup:
    missing = [speech.say(_NEEDS[rule.kind], n=rule.least) for rule in problem.rules]
    return speech.say(problem.wrong, rules=speech.enumerate(missing))


def _function(_speech: Speech, problem: Problem, _view: View, _frame: Frame) -> Markup:
    return escape(problem.values["text"])


def _attribute_of(field: str) -> str:
    return field.removeprefix(_ATTRIBUTE).removesuffix("]")


def _label(speech: Speech, attribute: str) -> Markup:
    key = f"attribute.{attribute}"
    return speech.say(key) if key in speech.sentences else escape(attribute.removeprefix("custom:"))


_SPECIAL: Mapping[Wrong, Callable[[Speech, Problem, View, Frame], Markup]] = {
    Wrong.CREDENTIALS: _by_naming,
    Wrong.TAKEN: _by_naming,
    Wrong.REQUIRED: _required,
    Wrong.USER_NAME: _user_name,
    Wrong.ATTRIBUTE: _other_attribute,
    Wrong.PASSWORD_RULES: _password_rules,
    Wrong.FUNCTION: _function,
}
_NEEDS = {kind: kind.replace("rule.", "need.") for kind in RuleKind}
