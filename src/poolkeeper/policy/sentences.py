"""Why is a document no policy? For the reason in one of AWS's sentences, of policies of identities or of trust policies.

Sources: answers of IAM in public reports and in the tests of software that was compared with it. The two families differ
because AWS has two parsers.
"""

from typing import Final


class MalformedPolicy(Exception):  # noqa: N818 - what is said of the document, not of us
    """A document that cannot be read as a policy of its kind. The message is AWS's sentence for the caller."""


SYNTAX: Final = "Syntax errors in policy."
VERSION: Final = "Policy document must be version 2012-10-17 or greater."
LEGACY: Final = "The policy failed legacy parsing"
SIDS: Final = "Statement IDs (SID) in a single policy must be unique."
SID: Final = (
    "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*"
)
ACTIONS: Final = "Policy statement must contain actions."
RESOURCES: Final = "Policy statement must contain resources."
PRINCIPAL: Final = "Policy document should not specify a principal."
PRINCIPAL_NAME: Final = 'Invalid principal in policy: "{type}":"{name}"'
VENDOR_MISSING: Final = "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."
VENDOR: Final = "Vendor {vendor} is not valid"
COLONS: Final = "Actions/Condition can contain only one colon."
RESOURCE_VENDOR: Final = "Resource vendor must be fully qualified and cannot contain regexes."
NO_ARN: Final = 'Resource {resource} must be in ARN format or "*".'
PARTITION: Final = 'Partition "{partition}" is not valid for resource "{resource}".'

TRUST_JSON: Final = "This policy contains invalid Json"
TRUST_VERSION: Final = "The policy must contain a valid version string"
TRUST_STATEMENTS: Final = "Could not parse the policy: Statement is empty!"
TRUST_SIDS: Final = "The Statement Ids in the policy are not unique"
TRUST_EFFECT_MISSING: Final = "Missing required field Effect"
TRUST_EFFECT: Final = "Invalid effect: {effect}"
TRUST_PRINCIPAL_MISSING: Final = "Missing required field Principal"
TRUST_PRINCIPAL_EMPTY: Final = "Missing required field Principal cannot be empty!"
TRUST_PRINCIPAL_TYPE: Final = 'Invalid principal in policy: "{type}"'
TRUST_ALLOW_NOT_PRINCIPAL: Final = "Allow with NotPrincipal is not allowed."
TRUST_NOT_PRINCIPAL: Final = "AssumeRole policy must not contain NotPrincipal field."
TRUST_ACTION_MISSING: Final = "Missing required field Action"
TRUST_ACTION: Final = "AssumeRole policy may only specify STS AssumeRole actions."
TRUST_RESOURCE: Final = "Has prohibited field Resource"
TRUST_NOT_RESOURCE: Final = "AssumeRole policy must not contain resources."
TRUST_COGNITO: Final = "A condition block must be present for the Cognito provider"
TRUST_SYNTAX: Final = "Syntax error in policy."
