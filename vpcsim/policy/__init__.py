"""IAM policy documents: `PolicyDocument.parse` reads one, `evaluate` decides a Request by all those that apply to it."""

from vpcsim.policy.conditions import OPERATORS, Condition
from vpcsim.policy.document import PolicyDocument
from vpcsim.policy.evaluate import Decision, PolicySet, evaluate
from vpcsim.policy.layers import LayerName
from vpcsim.policy.request import UNKNOWN, ContextValue, Request, Unknown
from vpcsim.policy.statement import Statement

__all__ = [
    "OPERATORS",
    "UNKNOWN",
    "Condition",
    "ContextValue",
    "Decision",
    "LayerName",
    "PolicyDocument",
    "PolicySet",
    "Request",
    "Statement",
    "Unknown",
    "evaluate",
]
