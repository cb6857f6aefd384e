"""Which errors may a caller see? Those of the service models, and those that every AWS service may answer.

ServiceError
+-- the exceptions that the service models name (generated.py)
+-- what every AWS service may answer (protocol.py)
"""

from poolkeeper.errors.base import ServiceError as ServiceError
from poolkeeper.errors.generated import *  # noqa: F403 - the names are the models', listed there in __all__
from poolkeeper.errors.protocol import ExpiredSecurityTokenException as ExpiredSecurityTokenException
from poolkeeper.errors.protocol import IncompleteSignatureException as IncompleteSignatureException
from poolkeeper.errors.protocol import InvalidParameterValueException as InvalidParameterValueException
from poolkeeper.errors.protocol import InvalidSignatureException as InvalidSignatureException
from poolkeeper.errors.protocol import MissingAuthenticationTokenException as MissingAuthenticationTokenException
from poolkeeper.errors.protocol import NotImplementedException as NotImplementedException
from poolkeeper.errors.protocol import SerializationException as SerializationException
from poolkeeper.errors.protocol import UnknownOperationException as UnknownOperationException
from poolkeeper.errors.protocol import UnrecognizedClientException as UnrecognizedClientException
from poolkeeper.errors.protocol import ValidationException as ValidationException
