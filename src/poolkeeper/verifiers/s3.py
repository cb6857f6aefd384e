"""What does a request of S3 ask for? Its row of the table, on the bucket, the object or the objects that it names."""

import re
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import unquote_to_bytes

from poolkeeper import xml_reader
from poolkeeper.rights.judging import Context
from poolkeeper.verifier_settings import VerifierSetting
from poolkeeper.verifiers import paths, signatures
from poolkeeper.verifiers.asked import Asked, NotNamed
from poolkeeper.verifiers.originals import Original, Unclear
from poolkeeper.verifiers.s3_table import ALWAYS, HEADER_KEYS, PARAMETER_KEYS, PARTS, ROWS, Level, Row
from poolkeeper.verifiers.signatures import Signed

MOST_KEYS = 1_000

_ALL = "*"
_ARN = "arn:aws:s3:::"
_BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9]")
_SOURCE, _TAGGING = "x-amz-copy-source", "x-amz-tagging"
_VERSION = "versionId"


def asked(setting: VerifierSetting, original: Original, signed: Signed) -> Sequence[Asked]:
    """Return everything that a request asks for; raises Unclear, NotNamed for what no row of the table names."""
    bucket, key = _named(setting, original)
    level = Level.OBJECT if key else Level.BUCKET if bucket else Level.SERVICE
    given = signatures.parameters(original.request)
    headers = _once(original)
    row = _row(original.request.method, level, given)
    condition_keys = _known(signed, given, headers)
    resource = f"{_ARN}{bucket}/{key}" if key else f"{_ARN}{bucket}" if bucket else _ALL
    if row.keys:
        return list(_of_keys(row, original, bucket, condition_keys, headers))
    actions = row.of_version if given.get(_VERSION) and row.of_version else row.actions
    questions = [Asked(action, resource, condition_keys) for action in actions]
    questions += [Asked(action, resource, condition_keys) for action in _more(row, headers) if action not in actions]
    if _SOURCE in headers:
        questions.append(_of_source(row, headers[_SOURCE], condition_keys))
    return questions


def _once(original: Original) -> Mapping[str, str]:
    """Return the headers that say what is asked for; raises Unclear for one that comes twice: stores read either of them."""
    given = [header for header in original.request.headers if header[0].startswith("x-amz-")]
    by_name = dict(given)
    if len(by_name) != len(given):
        raise Unclear("A header was sent more than once.")
    return by_name


def _named(setting: VerifierSetting, original: Original) -> tuple[str, str]:
    """Return the bucket and the key that a request names, either of them empty."""
    if "+" in original.request.path:
        raise Unclear("A '+' in the path can be a space as well: it is sent as %2B or as %20.")
    path = paths.plain(original.request.path, encoded_again=True)
    below = next((f".{host}" for host in setting.hosts if original.host.endswith(f".{host}")), "")
    if original.host not in setting.hosts and setting.virtual_hosts and below:
        bucket, key = original.host.removesuffix(below), path
    else:
        bucket, _, key = path.partition("/")
    if bucket and not _BUCKET.fullmatch(bucket):
        raise NotNamed("The specified bucket is not valid.")
    return bucket, key


def _row(method: str, level: Level, given: Mapping[str, str]) -> Row:
    """Return the row of a request, which knows all its parameters; raises NotNamed."""
    parts = [name for name in given if name in PARTS]
    row = ROWS.get((method, level, parts[0] if parts else "")) if len(parts) <= 1 else None
    if row is None:
        raise NotNamed(f"{method} of {level.value} with ?{'&'.join(sorted(given))[:200]} is not known here.")
    unknown = sorted(given.keys() - row.parameters - ALWAYS - PARTS)
    if unknown:
        raise NotNamed(f"The parameter {unknown[0][:64]} is not known here.")
    return row


def _more(row: Row, headers: Mapping[str, str]) -> Sequence[str]:
    """Return the actions that the headers of a request ask for beside its own."""
    return list(dict.fromkeys(action for name, action in row.written.items() if name in headers))


def _known(signed: Signed, given: Mapping[str, str], headers: Mapping[str, str]) -> Context:
    """Return the condition keys that tell of a request; what it does not say has no key."""
    condition_keys: dict[str, str | tuple[str, ...]] = {
        "s3:authType": "REST-QUERY-STRING" if signed.by_address else "REST-HEADER",
        "s3:signatureversion": "AWS4-HMAC-SHA256",
        "s3:x-amz-content-sha256": signed.payload,
    }
    condition_keys |= {key: given[name] for name, key in PARAMETER_KEYS.items() if name in given}
    condition_keys |= {key: headers[name] for name, key in HEADER_KEYS.items() if name in headers}
    if signed.by_address:
        condition_keys["s3:signatureAge"] = str(signed.age)
    if _TAGGING in headers:
        tags = _tags(headers[_TAGGING])
        condition_keys |= {f"s3:RequestObjectTag/{key}": value for key, value in tags.items()}
        condition_keys["s3:RequestObjectTagKeys"] = tuple(tags)
    return condition_keys


def _tags(text: str) -> dict[str, str]:
    """Return the tags of a header, `key=value&...`; raises Unclear for a key that comes twice."""
    pairs = [piece.partition("=") for piece in text.split("&") if piece]
    tags = {_decoded(key.replace("+", " ")): _decoded(value.replace("+", " ")) for key, _, value in pairs}
    if len(tags) != len(pairs):
        raise Unclear("A tag was given more than once.")
    return tags


def _of_source(row: Row, source: str, condition_keys: Context) -> Asked:
    """Return what a copy asks for at its source, `/bucket/key?versionId=...`; raises Unclear, NotNamed."""
    if not row.copies:
        raise NotNamed(f"{_SOURCE} is not known here.")
    if "+" in source or not source.isascii():
        raise Unclear("The copy source can be read in more than one way.")
    path, _, query = source.partition("?")
    bucket, _, key = paths.plain(path, encoded_again=True).partition("/")
    version = query.removeprefix(f"{_VERSION}=")
    if not (_BUCKET.fullmatch(bucket) and key) or (query and (version == query or "&" in query)):
        # Also the ARNs of access points, which stores behind a proxy do not have.
        raise NotNamed("The copy source is not known here.")
    action = "s3:GetObjectVersion" if query else "s3:GetObject"
    context = {**condition_keys, "s3:VersionId": _decoded(version)} if query else condition_keys
    return Asked(action, f"{_ARN}{bucket}/{key}", context)


def _of_keys(
    row: Row, original: Original, bucket: str, condition_keys: Context, headers: Mapping[str, str]
) -> Iterator[Asked]:
    """Yield what a deletion of many objects asks for: one action for each; raises Unclear where the body is not clear."""
    if not original.request.body:
        raise NotNamed("This request names objects in its body, which only poolkeeper.verify hands on.")
    try:
        root = xml_reader.read(original.request.body)
    except xml_reader.BadXml as fault:
        raise Unclear(
            "The XML you provided was not well-formed or did not validate against our published schema"
        ) from fault
    objects = [element for element in root if _name(element) == "Object"]
    unknown_names = {_name(element) for element in root} - {"Object", "Quiet"}
    if _name(root) != "Delete" or unknown_names or not 1 <= len(objects) <= MOST_KEYS:
        raise Unclear("The XML you provided was not well-formed or did not validate against our published schema")
    for element in objects:
        members = {_name(member): _text(member) for member in element}
        if (
            len(members) != len(element)
            or not members.get("Key")
            or any(text != text.strip() for text in members.values())
        ):
            raise Unclear("An object was named in more than one way.")
        key = paths.key(members["Key"])
        version = members.get("VersionId", "")
        for action in (*(row.of_version if version else row.actions), *_more(row, headers)):
            yield Asked(
                action,
                f"{_ARN}{bucket}/{key}",
                {**condition_keys, "s3:VersionId": version} if version else condition_keys,
            )


def _name(element: xml_reader.Element) -> str:
    """Return an element's name without its namespace; raises Unclear for a comment or an instruction."""
    tag = element.tag
    if not isinstance(tag, str):
        raise Unclear("The XML has a comment or an instruction in it.")
    return tag.rpartition("}")[2]


def _text(element: xml_reader.Element) -> str:
    if len(element):
        raise Unclear("An object was named in more than one way.")
    return element.text or ""


def _decoded(text: str) -> str:
    try:
        return unquote_to_bytes(text).decode("utf-8")
    except UnicodeDecodeError:
        raise Unclear("What is not UTF-8 can be read in more than one way.") from None
