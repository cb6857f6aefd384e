"""How does SAML name things? By the namespaces, elements and addresses of its standards, each written once here."""

PROTOCOL = "urn:oasis:names:tc:SAML:2.0:protocol"
ASSERTION = "urn:oasis:names:tc:SAML:2.0:assertion"
METADATA = "urn:oasis:names:tc:SAML:2.0:metadata"
SIGNATURE = "http://www.w3.org/2000/09/xmldsig#"
ENCRYPTION = "http://www.w3.org/2001/04/xmlenc#"
ENCRYPTION_11 = "http://www.w3.org/2009/xmlenc11#"
EXCLUSIVE_C14N = "http://www.w3.org/2001/10/xml-exc-c14n#"
ENVELOPED = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
SHA1 = "http://www.w3.org/2000/09/xmldsig#sha1"
SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"

HTTP_REDIRECT = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
HTTP_POST = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
BEARER = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
SUCCESS = "urn:oasis:names:tc:SAML:2.0:status:Success"
UNSPECIFIED = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"
ENTITY = "urn:oasis:names:tc:SAML:2.0:nameid-format:entity"


def samlp(name: str) -> str:
    """Return the name of an element of the protocol."""
    return f"{{{PROTOCOL}}}{name}"


def saml(name: str) -> str:
    """Return the name of an element of assertions."""
    return f"{{{ASSERTION}}}{name}"


def md(name: str) -> str:
    """Return the name of an element of metadata."""
    return f"{{{METADATA}}}{name}"


def ds(name: str) -> str:
    """Return the name of an element of XML signatures."""
    return f"{{{SIGNATURE}}}{name}"


def xenc(name: str) -> str:
    """Return the name of an element of XML encryption."""
    return f"{{{ENCRYPTION}}}{name}"


def xenc11(name: str) -> str:
    """Return the name of an element of XML encryption 1.1."""
    return f"{{{ENCRYPTION_11}}}{name}"
