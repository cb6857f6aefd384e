"""What may a caller do? Policies in IAM's language decide, which are read once and asked often, without any I/O.

`parse` reads a policy, `decide` judges a request by all policies that count, `trusts` by the trust policy of a role, and
`denial` is AWS's sentence for a refusal.
"""

from poolkeeper.policy.budget import Budget as Budget
from poolkeeper.policy.decisions import Decision as Decision
from poolkeeper.policy.decisions import Source as Source
from poolkeeper.policy.decisions import decide as decide
from poolkeeper.policy.decisions import denial as denial
from poolkeeper.policy.decisions import trusts as trusts
from poolkeeper.policy.policies import Kind as Kind
from poolkeeper.policy.policies import Policy as Policy
from poolkeeper.policy.policies import bytes_held as bytes_held
from poolkeeper.policy.policies import parse as parse
from poolkeeper.policy.principals import Naming as Naming
from poolkeeper.policy.requests import Principal as Principal
from poolkeeper.policy.requests import PrincipalKind as PrincipalKind
from poolkeeper.policy.requests import Request as Request
from poolkeeper.policy.sentences import MalformedPolicy as MalformedPolicy
from poolkeeper.policy.trust_grammar import require_trustworthy as require_trustworthy
from poolkeeper.policy.trust_names import trusted_names as trusted_names
from poolkeeper.policy.trust_names import with_names as with_names
