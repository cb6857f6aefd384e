"""Which requests of S3 are known, and what do they ask for? One row each; what no row names is refused.

Source: S3 API Reference, its operations and their parameters; Service Authorization Reference, "Actions, resources, and
condition keys for Amazon S3". A row is known by its method, what its path names, and the parameter that says which part of
that is meant (`?acl`); its other parameters are named, since a store may know one that we do not.
"""

from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Any, NamedTuple


class Level(Enum):
    """What a path names."""

    SERVICE = "the service"
    BUCKET = "a bucket"
    OBJECT = "an object"


class Row(NamedTuple):
    """One kind of request. `actions` are on what its path names, `of_version` take their place where a version is named.

    `written`: headers that ask for an action more. `copies`: another object may be the source. `keys`: the body names the
    objects.
    """

    actions: tuple[str, ...]
    parameters: frozenset[str] = frozenset()
    of_version: tuple[str, ...] = ()
    written: Mapping[str, str] = {}
    copies: bool = False
    keys: bool = False


RowKey = tuple[str, Level, str]

_VERSION, _PART = "versionId", "partNumber"
_RESPONSE = tuple(
    f"response-{header}" for header in ("cache-control", "content-disposition", "content-encoding")
) + tuple(f"response-{header}" for header in ("content-language", "content-type", "expires"))
_LIST = ("prefix", "delimiter", "max-keys", "encoding-type")
_PAGE = ("list-type", "marker", "continuation-token", "start-after", "fetch-owner")

# What may stand beside any row: a name for logs, and the signature.
ALWAYS = frozenset(
    {
        "x-id",
        *(
            f"X-Amz-{parameter}"
            for parameter in ("Algorithm", "Credential", "Date", "Expires", "SignedHeaders", "Signature")
        ),
        "X-Amz-Security-Token",
    }
)

# Headers of a write that ask for an action more.
WRITTEN: Mapping[str, str] = {
    "x-amz-acl": "s3:PutObjectAcl",
    "x-amz-grant-full-control": "s3:PutObjectAcl",
    "x-amz-grant-read": "s3:PutObjectAcl",
    "x-amz-grant-read-acp": "s3:PutObjectAcl",
    "x-amz-grant-write-acp": "s3:PutObjectAcl",
    "x-amz-tagging": "s3:PutObjectTagging",
    "x-amz-object-lock-mode": "s3:PutObjectRetention",
    "x-amz-object-lock-retain-until-date": "s3:PutObjectRetention",
    "x-amz-object-lock-legal-hold": "s3:PutObjectLegalHold",
}
BYPASS: Mapping[str, str] = {"x-amz-bypass-governance-retention": "s3:BypassGovernanceRetention"}
WRITTEN_OF_BUCKET: Mapping[str, str] = {
    "x-amz-acl": "s3:PutBucketAcl",
    **{
        f"x-amz-grant-{permission}": "s3:PutBucketAcl"
        for permission in ("full-control", "read", "read-acp", "write", "write-acp")
    },
    "x-amz-bucket-object-lock-enabled": "s3:PutBucketObjectLockConfiguration",
    "x-amz-object-ownership": "s3:PutBucketOwnershipControls",
}

# Parameters and headers that are condition keys, under the key's name.
PARAMETER_KEYS: Mapping[str, str] = {
    "prefix": "s3:prefix",
    "delimiter": "s3:delimiter",
    "max-keys": "s3:max-keys",
    _VERSION: "s3:VersionId",
}
HEADER_KEYS: Mapping[str, str] = {
    name: f"s3:{name}"
    for name in (
        *("x-amz-acl", "x-amz-content-sha256", "x-amz-copy-source", "x-amz-metadata-directive", "x-amz-storage-class"),
        *("x-amz-grant-full-control", "x-amz-grant-read", "x-amz-grant-read-acp", "x-amz-grant-write-acp"),
        *("x-amz-server-side-encryption", "x-amz-server-side-encryption-aws-kms-key-id"),
        *("x-amz-server-side-encryption-customer-algorithm", "x-amz-website-redirect-location", "x-amz-grant-write"),
    )
}


def _row(*actions: str, parameters: tuple[str, ...] = (), of_version: tuple[str, ...] = (), **more: Any) -> Row:
    named = tuple(f"s3:{action}" for action in actions)
    known_parameters = frozenset((*parameters, _VERSION)) if of_version else frozenset(parameters)
    return Row(named, known_parameters, tuple(f"s3:{action}" for action in of_version), **more)


# What is read, written and taken away of a bucket's settings: parameter, action of GET, of PUT, of DELETE.
_SETTINGS = (
    ("accelerate", "GetAccelerateConfiguration", "PutAccelerateConfiguration", ""),
    ("acl", "GetBucketAcl", "PutBucketAcl", ""),
    ("cors", "GetBucketCORS", "PutBucketCORS", "PutBucketCORS"),
    ("encryption", "GetEncryptionConfiguration", "PutEncryptionConfiguration", "PutEncryptionConfiguration"),
    ("lifecycle", "GetLifecycleConfiguration", "PutLifecycleConfiguration", "PutLifecycleConfiguration"),
    ("location", "GetBucketLocation", "", ""),
    ("logging", "GetBucketLogging", "PutBucketLogging", ""),
    ("notification", "GetBucketNotification", "PutBucketNotification", ""),
    ("object-lock", "GetBucketObjectLockConfiguration", "PutBucketObjectLockConfiguration", ""),
    ("ownershipControls", *("GetBucketOwnershipControls", "PutBucketOwnershipControls", "PutBucketOwnershipControls")),
    ("policy", "GetBucketPolicy", "PutBucketPolicy", "DeleteBucketPolicy"),
    ("policyStatus", "GetBucketPolicyStatus", "", ""),
    ("publicAccessBlock", *("GetBucketPublicAccessBlock", "PutBucketPublicAccessBlock", "PutBucketPublicAccessBlock")),
    ("replication", "GetReplicationConfiguration", "PutReplicationConfiguration", "PutReplicationConfiguration"),
    ("requestPayment", "GetBucketRequestPayment", "PutBucketRequestPayment", ""),
    ("tagging", "GetBucketTagging", "PutBucketTagging", "PutBucketTagging"),
    ("versioning", "GetBucketVersioning", "PutBucketVersioning", ""),
    ("website", "GetBucketWebsite", "PutBucketWebsite", "DeleteBucketWebsite"),
)


def _settings() -> Iterator[tuple[RowKey, Row]]:
    for parameter, *actions in _SETTINGS:
        for method, action in zip(("GET", "PUT", "DELETE"), actions, strict=True):
            if action:
                yield (method, Level.BUCKET, parameter), _row(action)


ROWS: Mapping[RowKey, Row] = {
    ("GET", Level.SERVICE, ""): _row(
        "ListAllMyBuckets", parameters=("prefix", "max-buckets", "continuation-token", "bucket-region")
    ),
    **dict(_settings()),
    ("GET", Level.BUCKET, ""): _row("ListBucket", parameters=(*_LIST, *_PAGE)),
    ("HEAD", Level.BUCKET, ""): _row("ListBucket"),
    ("GET", Level.BUCKET, "versions"): _row(
        "ListBucketVersions", parameters=(*_LIST, "key-marker", "version-id-marker")
    ),
    ("GET", Level.BUCKET, "uploads"): _row(
        "ListBucketMultipartUploads",
        parameters=("prefix", "delimiter", "encoding-type", "max-uploads", "key-marker", "upload-id-marker"),
    ),
    ("PUT", Level.BUCKET, ""): _row("CreateBucket", written=WRITTEN_OF_BUCKET),
    ("DELETE", Level.BUCKET, ""): _row("DeleteBucket"),
    ("POST", Level.BUCKET, "delete"): _row(
        "DeleteObject", of_version=("DeleteObjectVersion",), written=BYPASS, keys=True
    ),
    ("GET", Level.OBJECT, ""): _row("GetObject", parameters=(*_RESPONSE, _PART), of_version=("GetObjectVersion",)),
    ("HEAD", Level.OBJECT, ""): _row("GetObject", parameters=(*_RESPONSE, _PART), of_version=("GetObjectVersion",)),
    ("PUT", Level.OBJECT, ""): _row("PutObject", written=WRITTEN, copies=True),
    ("DELETE", Level.OBJECT, ""): _row("DeleteObject", of_version=("DeleteObjectVersion",), written=BYPASS),
    ("POST", Level.OBJECT, "uploads"): _row("PutObject", written=WRITTEN),
    ("PUT", Level.OBJECT, "uploadId"): _row("PutObject", parameters=(_PART,), written=WRITTEN, copies=True),
    ("POST", Level.OBJECT, "uploadId"): _row("PutObject"),
    ("GET", Level.OBJECT, "uploadId"): _row("ListMultipartUploadParts", parameters=("max-parts", "part-number-marker")),
    ("DELETE", Level.OBJECT, "uploadId"): _row("AbortMultipartUpload"),
    ("GET", Level.OBJECT, "acl"): _row("GetObjectAcl", of_version=("GetObjectVersionAcl",)),
    ("PUT", Level.OBJECT, "acl"): _row("PutObjectAcl", of_version=("PutObjectVersionAcl",)),
    ("GET", Level.OBJECT, "tagging"): _row("GetObjectTagging", of_version=("GetObjectVersionTagging",)),
    ("PUT", Level.OBJECT, "tagging"): _row("PutObjectTagging", of_version=("PutObjectVersionTagging",)),
    ("DELETE", Level.OBJECT, "tagging"): _row("DeleteObjectTagging", of_version=("DeleteObjectVersionTagging",)),
    ("GET", Level.OBJECT, "attributes"): _row(
        *("GetObject", "GetObjectAttributes"), of_version=("GetObjectVersion", "GetObjectVersionAttributes")
    ),
    ("GET", Level.OBJECT, "retention"): _row("GetObjectRetention", of_version=("GetObjectRetention",)),
    ("PUT", Level.OBJECT, "retention"): _row("PutObjectRetention", of_version=("PutObjectRetention",), written=BYPASS),
    ("GET", Level.OBJECT, "legal-hold"): _row("GetObjectLegalHold", of_version=("GetObjectLegalHold",)),
    ("PUT", Level.OBJECT, "legal-hold"): _row("PutObjectLegalHold", of_version=("PutObjectLegalHold",)),
    ("POST", Level.OBJECT, "restore"): _row("RestoreObject", of_version=("RestoreObject",)),
}
PARTS = frozenset(part for _, _, part in ROWS if part)
