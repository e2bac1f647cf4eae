"""What evaluation works with: the context of a stack, values that cannot be known, and the report of what went wrong."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from vpcsim.errors import Origin, Problem
from vpcsim.readers.document import List, Map, origin_of
from vpcsim.readers.plain_words import did_you_mean, one_line

if TYPE_CHECKING:
    from vpcsim.readers.intrinsics.stack import ResourceDeclaration

MAX_TEXT = 1_000_000
MAX_VALUES = 1_000_000
MAX_HINTS = 50


@dataclass(frozen=True, slots=True)
class Unknown:
    """A value that the input does not hold: `reason` says why, `origin` where it is asked for, `choices` what it may be."""

    reason: str
    origin: Origin | None = None
    choices: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"unknown: {self.reason}"


class Invalid(Exception):
    """A function that AWS would not accept as it is written; the message becomes a Problem at the function's place.

    If it is about a `name` that is not among the `known` ones, the nearest of them is added.
    """

    def __init__(self, message: str, name: str = "", known: Collection[str] = ()) -> None:
        super().__init__(message)
        self.name, self.known = name, known


class _NoValue:
    def __repr__(self) -> str:
        return "AWS::NoValue"


NO_VALUE = _NoValue()


def _zones(region: str) -> Sequence[str]:
    return [region + letter for letter in "abc"]


def _no_stack(stack: str, output: str, region: str, account: str) -> Any:
    return Unknown(f"no stack `{stack}` is here")


def _logical_id(logical_id: str, resource: ResourceDeclaration) -> Any:
    return logical_id


def _attribute_name(logical_id: str, resource: ResourceDeclaration, attribute: str) -> Any:
    return f"${{{logical_id}.{attribute}}}"


@dataclass(frozen=True)
class StackContext:
    """All that a stack takes from outside its template.

    parameters           values for the template's parameters, by name; they go before the defaults
    exports              what Fn::ImportValue finds, by export name
    dynamic_references   what `{{resolve:ssm:/path}}` and the like give, by the text behind `resolve:`, here `ssm:/path`
    stack_output         what Fn::GetStackOutput gives for (stack, output, Region, account); the last two may be empty
    incomplete           whether something of the template is not here that may declare more names
    availability_zones   the zones of a region, for Fn::GetAZs
    ref, attribute       what Ref and Fn::GetAtt give for a resource; they may return an Unknown or raise UnknownName
    partition            taken from the region if empty
    """

    region: str = "us-east-1"
    account: str = "123456789012"
    partition: str = ""
    stack_name: str = "stack"
    parameters: Mapping[str, Any] = field(default_factory=dict)
    exports: Mapping[str, Any] = field(default_factory=dict)
    dynamic_references: Mapping[str, str] = field(default_factory=dict)
    stack_output: Callable[[str, str, str, str], Any] = _no_stack
    incomplete: bool = False
    availability_zones: Callable[[str], Sequence[str]] = _zones
    ref: Callable[[str, ResourceDeclaration], Any] = _logical_id
    attribute: Callable[[str, ResourceDeclaration, str], Any] = _attribute_name


def pseudo_parameters(context: StackContext) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/pseudo-parameter-reference.html"""
    partition = context.partition or _partition(context.region)
    where = f"arn:{partition}:cloudformation:{context.region}:{context.account}"
    return {
        "AWS::AccountId": context.account,
        "AWS::NoValue": NO_VALUE,
        "AWS::NotificationARNs": List(),
        "AWS::Partition": partition,
        "AWS::Region": context.region,
        "AWS::StackId": f"{where}:stack/{context.stack_name}/00000000-0000-0000-0000-000000000000",
        "AWS::StackName": context.stack_name,
        "AWS::URLSuffix": "amazonaws.com.cn" if partition == "aws-cn" else "amazonaws.com",
    }


def _partition(region: str) -> str:
    return {"cn": "aws-cn", "us-gov": "aws-us-gov"}.get(region.rsplit("-", 2)[0], "aws")


class Report:
    """The problems and the assumptions of one stack, each once."""

    def __init__(self) -> None:
        self.problems: dict[Problem, None] = {}
        self.assumptions: dict[str, None] = {}
        self.notices: dict[Problem, None] = {}

    def problem(self, message: str, origin: Origin | None, name: str = "", known: Collection[str] = ()) -> Unknown:
        """Records a problem; about a `name` that is not among the `known` ones it says which of them is nearest."""
        if name and len(self.problems) < MAX_HINTS:
            message += did_you_mean(name, known)
        message = one_line(message, 400)
        self.problems[Problem(message, origin)] = None
        return Unknown(message, origin)

    def invalid(self, error: Exception, origin: Origin | None) -> Unknown:
        if isinstance(error, Invalid):
            return self.problem(str(error), origin, error.name, error.known)
        return self.problem(str(error), origin)

    def notice(self, message: str, origin: Origin | None) -> None:
        self.notices[Problem(message, origin)] = None

    def assume(self, message: str) -> None:
        self.assumptions[message] = None


def place(container: Any, key: str | int) -> Origin | None:
    """Where an entry is written, if the container knows."""
    return origin_of(container, key) if isinstance(container, (Map, List)) else None


def text(value: Any, where: str) -> str:
    """A scalar as CloudFormation writes it into a string. Raises Invalid for anything else."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(value)
    raise Invalid(f"{where} must be text, not {kind(value)}")


def kind(value: Any) -> str:
    """What a value is, for a message."""
    names: tuple[tuple[Any, str], ...] = ((dict, "a mapping"), (list, "a list"), (bool, "a boolean"), (str, "text"))
    if value is None or value is NO_VALUE:
        return "nothing"
    return next((name for of, name in names if isinstance(value, of)), "a number")


def first_unknown(*values: Any) -> Unknown | None:
    """The first Unknown at any depth. Raises Invalid if there is too much to look at."""
    waiting = list(reversed(values))
    for _ in range(MAX_VALUES):
        if not waiting:
            return None
        value = waiting.pop()
        if isinstance(value, Unknown):
            return value
        if isinstance(value, dict):
            waiting.extend(reversed(value.values()))
        elif isinstance(value, list):
            waiting.extend(reversed(value))
    raise Invalid(f"more than {MAX_VALUES:,} values in one place")


class Evaluator(Protocol):
    """What a function may ask the stack that it is evaluated for."""

    context: StackContext
    mappings: Map

    def value(self, node: Any) -> Any: ...
    def condition(self, node: Any) -> bool | Unknown: ...
    def named_condition(self, name: Any) -> bool | Unknown: ...
    def ref(self, name: str) -> Any: ...
    def attribute(self, logical_id: str, name: str) -> Any: ...
    def needs_language_extensions(self, what: str) -> None: ...


def arguments(stack: Evaluator, argument: Any, shape: str, *counts: int) -> list[Any]:
    """The evaluated arguments of a function that takes a list."""
    values = stack.value(argument)
    if not isinstance(values, list) or len(values) not in counts:
        raise Invalid(shape)
    return values
