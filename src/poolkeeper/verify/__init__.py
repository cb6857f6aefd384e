"""For a Python application that Poolkeeper's credentials shall open, and nothing else: a middleware, or one question.

    from poolkeeper.verify import VerifiedWSGI, Verifier

    verifier = Verifier("http://127.0.0.1:7665/verify/files", secret="...")
    application = VerifiedWSGI(application, verifier)

Nothing of the server is loaded; no key of its own leaves it (docs/verify.md).
"""

from poolkeeper.verify.asgi import VerifiedASGI as VerifiedASGI
from poolkeeper.verify.asking import Principal as Principal
from poolkeeper.verify.asking import Refused as Refused
from poolkeeper.verify.asking import Verifier as Verifier
from poolkeeper.verify.wsgi import VerifiedWSGI as VerifiedWSGI
