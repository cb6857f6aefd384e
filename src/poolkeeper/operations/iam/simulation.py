"""SimulatePrincipalPolicy, SimulateCustomPolicy, GetContextKeysFor...: what policies would decide, without doing it."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import msgspec

from poolkeeper import policy as policies
from poolkeeper.aws.generated import iam as shapes
from poolkeeper.aws.generated.iam import (
    EvaluationResult,
    GetContextKeysForCustomPolicyRequest,
    GetContextKeysForPolicyResponse,
    GetContextKeysForPrincipalPolicyRequest,
    ResourceSpecificResult,
    SimulateCustomPolicyRequest,
    SimulatePolicyResponse,
    SimulatePrincipalPolicyRequest,
)
from poolkeeper.call import Call, Rights
from poolkeeper.errors import InvalidInputException, NotImplementedException
from poolkeeper.model.iam import Entity, Kind
from poolkeeper.operations import iam_pages
from poolkeeper.operations.iam_lookup import arn_of, require
from poolkeeper.policy import Budget, MalformedPolicy, Policy, Principal, PrincipalKind
from poolkeeper.policy.budget import TooCostly
from poolkeeper.policy.simulation import (
    SOURCE_TYPES,
    MatchedStatement,
    Simulated,
    context_keys,
    most_restrictive,
    simulate,
)
from poolkeeper.rights.policies import rights_of_entity

Context = Mapping[str, str | tuple[str, ...]]

_EVERYTHING = "*"
# Steps after which a page ends with the action at hand, what one action may take alone, and after how many others get a turn.
_PAGE, _MOST, _SLICE = 1_000_000, 2_000_000, 20_000
_PRINCIPALS = {
    "user": PrincipalKind.USER,
    "assumed-role": PrincipalKind.ROLE_SESSION,
    "federated-user": PrincipalKind.FEDERATED_USER,
    "role": PrincipalKind.ROLE_SESSION,
    "root": PrincipalKind.ROOT,
}


@dataclass(frozen=True, slots=True)
class _Tried:
    """The policies that are tried, the ARN of the supposed caller, and the condition keys that are known of them."""

    identity: Sequence[Policy]
    boundary: Policy | None
    caller_arn: str
    known: Context = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Simulation:
    """One simulation: the supposed caller, the policies that are tried, and the policy of the resource."""

    caller: Principal
    tried: _Tried
    resource_policy: Policy | None
    same_account: bool
    context: Context
    budget: Budget

    def judge(self, action: str, resource: str) -> Simulated:
        request = policies.Request(self.caller, action, resource, self.context, self.budget)
        return simulate(
            request,
            identity=self.tried.identity,
            boundary=self.tried.boundary,
            resource=self.resource_policy,
            same_account=self.same_account,
        )


async def simulate_custom_policy(call: Call, req: SimulateCustomPolicyRequest) -> SimulatePolicyResponse:
    """Return what given policies would decide about each action on each resource.

    Raises InvalidInputException, NotImplementedException, ValidationException.
    """
    if req.ordered_organization_policy_input_list:
        raise NotImplementedException("Poolkeeper does not have policies of organizations yet.")
    tried = _Tried(await _given_policies(req.policy_input_list), _boundary(req), req.caller_arn or "")
    return await _answer(call, req, tried, "SimulateCustomPolicy")


async def simulate_principal_policy(call: Call, req: SimulatePrincipalPolicyRequest) -> SimulatePolicyResponse:
    """Return what the policies of a user, group or role would decide, together with those that are given.

    The condition keys about the caller are known for a user or role of the account; ContextEntries override them.

    Raises InvalidInputException, NoSuchEntityException, NotImplementedException, ValidationException.
    """
    if req.policy_exclusion_list:
        raise NotImplementedException("Poolkeeper does not have the PolicyExclusionList of simulations yet.")
    source = await _require_source(call, req.policy_source_arn)
    own = await _rights_of(call, source)
    tried = _Tried(
        [*own.identity, *await _given_policies(req.policy_input_list or [])],
        _boundary(req) or own.boundary,
        req.caller_arn or req.policy_source_arn,
        # Nothing is looked up about another supposed caller: this call was allowed for its source alone.
        _keys_of(call, source) if req.caller_arn in (None, req.policy_source_arn) else {},
    )
    return await _answer(call, req, tried, "SimulatePrincipalPolicy")


async def get_context_keys_for_custom_policy(
    call: Call,  # noqa: ARG001 - it is not needed
    req: GetContextKeysForCustomPolicyRequest,
) -> GetContextKeysForPolicyResponse:
    """Return the condition keys that policies refer to.

    Raises InvalidInputException.
    """
    return GetContextKeysForPolicyResponse(
        context_key_names=list(context_keys(await _given_policies(req.policy_input_list)))
    )


async def get_context_keys_for_principal_policy(
    call: Call, req: GetContextKeysForPrincipalPolicyRequest
) -> GetContextKeysForPolicyResponse:
    """Return the condition keys that the policies of a user, group or role refer to, and those that are given.

    Raises InvalidInputException, NoSuchEntityException.
    """
    own = await _rights_of(call, await _require_source(call, req.policy_source_arn))
    names = context_keys([*own.identity, *await _given_policies(req.policy_input_list or [])])
    return GetContextKeysForPolicyResponse(context_key_names=list(names))


async def _require_source(call: Call, arn: str) -> Entity:
    """Return the user, group or role of an ARN.

    Raises InvalidInputException, NoSuchEntityException.
    """
    for kind in (Kind.USER, Kind.GROUP, Kind.ROLE):
        if f":{kind.value}/" in arn:
            source = await require(call.db, kind, arn.rpartition("/")[2])
            if arn_of(call, source) == arn:
                return source
    raise InvalidInputException(f"Invalid Entity Arn: {arn} does not clearly define entity type and name.")


async def _rights_of(call: Call, source: Entity) -> Rights:
    return await rights_of_entity(call.house, Kind(source.kind), source.entity_id)


def _keys_of(call: Call, caller: Entity) -> Context:
    """Return the condition keys that are known of a user, or of any session of a role: as judging.py has them.

    UNVERIFIED: whether AWS's simulator fills them; a user's policy on aws:username without ContextEntries would settle it.
    """
    kinds = {Kind.USER.value: "User", Kind.ROLE.value: "AssumedRole"}
    if caller.kind not in kinds:
        return {}
    tags: dict[str, str] = msgspec.json.decode(caller.tags)
    keys: dict[str, str | tuple[str, ...]] = {
        "aws:PrincipalAccount": call.settings.account_id,
        "aws:PrincipalArn": arn_of(call, caller),
        "aws:PrincipalType": kinds[caller.kind],
        **{f"aws:PrincipalTag/{key}": value for key, value in tags.items()},
    }
    if caller.kind == Kind.USER.value:
        keys |= {"aws:username": caller.name, "aws:userid": caller.entity_id}
    return keys


async def _given_policies(texts: Sequence[str]) -> list[Policy]:
    """Compile the policies of a request, under the names that answers give them."""
    read = []
    for number, text in enumerate(texts, 1):
        read.append(_parsed(text, policies.Kind.IDENTITY, f"PolicyInputList.{number}"))
        await asyncio.sleep(0)  # each may be long: others get a turn
    return read


def _boundary(req: SimulateCustomPolicyRequest | SimulatePrincipalPolicyRequest) -> Policy | None:
    texts = req.permissions_boundary_policy_input_list or []
    if len(texts) > 1:
        # UNVERIFIED: the words; two boundaries against AWS would settle them.
        raise InvalidInputException("Only one permissions boundary policy can be simulated.")
    named = "PermissionsBoundaryPolicyInputList.1"
    return _parsed(texts[0], policies.Kind.BOUNDARY, named) if texts else None


def _parsed(text: str, kind: policies.Kind, name: str) -> Policy:
    try:
        return policies.parse(text, kind, name=name)
    except MalformedPolicy as fault:
        raise InvalidInputException(f"Invalid policy {name}: {fault}") from None


async def _answer(
    call: Call,
    req: SimulateCustomPolicyRequest | SimulatePrincipalPolicyRequest,
    tried: _Tried,
    operation: str,
) -> SimulatePolicyResponse:
    if req.resource_handling_option is not None:
        raise NotImplementedException("Poolkeeper does not have the ResourceHandlingOption of simulations yet.")
    resource_policy = None
    if req.resource_policy is not None:
        if req.caller_arn is None and operation == "SimulateCustomPolicy":
            # UNVERIFIED: the words; a simulation with ResourcePolicy alone against AWS would settle them.
            raise InvalidInputException("CallerArn is required when a ResourcePolicy is given.")
        resource_policy = _parsed(req.resource_policy, policies.Kind.RESOURCE, "ResourcePolicy")
    caller = _caller(call, tried.caller_arn)
    simulation = _Simulation(
        caller,
        tried,
        resource_policy,
        same_account=req.resource_owner is None or _account(req.resource_owner) == caller.account,
        context=_context(tried.known, req.context_entries or []),
        budget=Budget(_MOST),
    )
    resources = req.resource_arns or [_EVERYTHING]
    listing = f"{operation} {tried.caller_arn} {req.action_names} {resources}"
    wanted = iam_pages.page_request(call, listing, req.marker, req.max_items)
    numbered = [(f"{number:04}", action) for number, action in enumerate(req.action_names)]
    after = iam_pages.after(wanted)
    remaining = [pair for pair in numbered if pair[0] > after]
    results = await _page(simulation, [action for _, action in remaining[: wanted.size]], resources)
    page = replace(wanted, size=len(results)).cut(remaining, lambda pair: pair[0])
    return SimulatePolicyResponse(
        evaluation_results=results,
        is_truncated=page.is_truncated,
        marker=page.token,
    )


async def _page(simulation: _Simulation, actions: Sequence[str], resources: Sequence[str]) -> list[EvaluationResult]:
    """Return the outcomes of the first actions, as many as one answer has room for.

    Raises InvalidInputException where there is no room for the first.
    """
    results: list[EvaluationResult] = []
    for action in actions:
        try:
            results.append(await _result(simulation, action, resources))
        except TooCostly:
            if not results:
                # UNVERIFIED: whether AWS has such an end, and its words; a thousand resources and large policies would settle it.
                raise InvalidInputException("The simulation takes too long. Ask for fewer resources at once.") from None
            break
        if simulation.budget.left < _MOST - _PAGE:
            break
    return results


async def _result(simulation: _Simulation, action: str, resources: Sequence[str]) -> EvaluationResult:
    """Return the outcome of one action: the strictest of all resources, and that of each resource. Raises TooCostly."""
    outcomes: list[Simulated] = []
    budget_left = simulation.budget.left
    for resource in resources:
        outcomes.append(simulation.judge(action, resource))
        if budget_left - simulation.budget.left > _SLICE:
            budget_left = simulation.budget.left
            await asyncio.sleep(0)
    outcome = most_restrictive(outcomes)
    return EvaluationResult(
        eval_action_name=action,
        eval_resource_name=resources[0] if len(resources) == 1 else _EVERYTHING,
        eval_decision=outcome.outcome.value,
        matched_statements=_statements(outcome.matched),
        missing_context_values=list(outcome.missing),
        permissions_boundary_decision_detail=_bounded(outcome),
        eval_decision_details=_details(outcome),
        resource_specific_results=[
            ResourceSpecificResult(
                eval_resource_name=resource,
                eval_resource_decision=specific.outcome.value,
                matched_statements=_statements(specific.matched),
                missing_context_values=list(specific.missing),
                permissions_boundary_decision_detail=_bounded(specific),
                eval_decision_details=_details(specific),
            )
            for resource, specific in zip(resources, outcomes, strict=True)
        ],
    )


def _bounded(outcome: Simulated) -> shapes.PermissionsBoundaryDecisionDetail | None:
    if outcome.boundary_allows is None:
        return None
    return shapes.PermissionsBoundaryDecisionDetail(allowed_by_permissions_boundary=outcome.boundary_allows)


def _details(outcome: Simulated) -> dict[str, str] | None:
    return {SOURCE_TYPES[source]: decision.value for source, decision in outcome.details.items()} or None


def _statements(matched: Sequence[MatchedStatement]) -> list[shapes.Statement]:
    return [
        shapes.Statement(
            source_policy_id=statement.policy,
            source_policy_type=SOURCE_TYPES[statement.source],
            start_position=shapes.Position(line=statement.start.line, column=statement.start.column),
            end_position=shapes.Position(line=statement.end.line, column=statement.end.column),
        )
        for statement in matched
    ]


def _context(known: Context, entries: Sequence[shapes.ContextEntry]) -> Context:
    """Return the known condition keys, overridden by the given ones in any case; a type that ends in List has many values."""
    entries_by_key: dict[str, str | tuple[str, ...]] = {
        entry.context_key_name: tuple(entry.context_key_values or ())
        if (entry.context_key_type or "").endswith("List")
        else (entry.context_key_values or [""])[0]
        for entry in entries
        if entry.context_key_name is not None
    }
    folded = {key.lower() for key in entries_by_key}
    return {**{key: value for key, value in known.items() if key.lower() not in folded}, **entries_by_key}


def _caller(call: Call, arn: str) -> Principal:
    """Return the supposed caller, by the ARN of a user, a session or the root; a group's ARN stands for a member."""
    parts = arn.split(":")
    kind = _PRINCIPALS.get(parts[5].partition("/")[0], PrincipalKind.USER) if len(parts) > 5 else PrincipalKind.USER
    account = parts[4] if len(parts) > 4 else call.settings.account_id
    return Principal(kind, arn, account)


def _account(owner: str) -> str:
    """Return the account of a ResourceOwner, which may be an ARN of its root.

    Raises InvalidInputException.
    """
    if not owner.startswith("arn:"):
        return owner
    parts = owner.split(":", 5)
    if len(parts) < 6:
        # UNVERIFIED: the words; a simulation with such a ResourceOwner against AWS would settle them.
        raise InvalidInputException(f"Invalid ResourceOwner: {owner} is no ARN.")
    return parts[4]
