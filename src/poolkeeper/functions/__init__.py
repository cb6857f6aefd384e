"""What runs in an operator's own code? Functions: a trigger names one by its ARN, poolkeeper.toml says what that means."""

from poolkeeper.functions.call import CannotInvoke, FunctionFailed, NotJson
from poolkeeper.functions.runner import Functions, Limits

__all__ = ["CannotInvoke", "FunctionFailed", "Functions", "Limits", "NotJson"]
