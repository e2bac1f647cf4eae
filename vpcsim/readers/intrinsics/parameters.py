"""The Parameters section: types, defaults, given values and their constraints.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-supplied-parameter-types.html
"""

from __future__ import annotations

import math
import re
import warnings
from collections.abc import Iterator
from typing import Any

from vpcsim.readers.document import List, Map
from vpcsim.readers.intrinsics.references import assumed_image, stored_value
from vpcsim.readers.intrinsics.values import Invalid, Report, StackContext, Unknown, kind, place, text
from vpcsim.readers.plain_words import did_you_mean

_IDS = (
    "AWS::EC2::AvailabilityZone::Name",
    "AWS::EC2::Image::Id",
    "AWS::EC2::Instance::Id",
    "AWS::EC2::KeyPair::KeyName",
    "AWS::EC2::SecurityGroup::GroupName",
    "AWS::EC2::SecurityGroup::Id",
    "AWS::EC2::Subnet::Id",
    "AWS::EC2::VPC::Id",
    "AWS::EC2::Volume::Id",
    "AWS::Route53::HostedZone::Id",
)
_LISTS = ("CommaDelimitedList", "List<Number>", "List<String>", *(f"List<{name}>" for name in _IDS))
_STORED = tuple(f"AWS::SSM::Parameter::Value<{name}>" for name in ("String", *_IDS, *_LISTS))
TYPES = ("String", "Number", "AWS::SSM::Parameter::Name", *_IDS, *_LISTS, *_STORED)
ATTRIBUTES = (
    "AllowedPattern", "AllowedValues", "ConstraintDescription", "Default", "Description", "MaxLength", "MaxValue", "MinLength",
    "MinValue", "NoEcho", "Type",
)  # fmt: skip
_MOST_WAYS = math.log(10_000_000)
_NUMBER = re.compile(r"\s*[-+]?[0-9]{1,300}(?:\.[0-9]{1,300})?(?:[eE][-+]?[0-9]{1,2})?\s*").fullmatch


def evaluate_parameters(section: Map, context: StackContext, report: Report) -> dict[str, Any]:
    """The value of every parameter: text, a List of texts, or an Unknown. Whatever is wrong goes to the report."""
    for name in context.parameters:
        if name not in section:
            report.problem(f"no parameter `{name}`", section.origin, name, section)
    return {name: _parameter(section, name, context, report) for name in section}


def _parameter(section: Map, name: str, context: StackContext, report: Report) -> Any:
    try:
        definition = _definition(section, name)
        given = context.parameters.get(name, definition.get("Default"))
        if given is None:
            return _without_value(section, name)
        if isinstance(given, Unknown):
            return given
        value = _typed(definition["Type"], text(given, f"the value of `{name}`"), context, report, name)
        for message in _violations(definition, name, value, report):
            report.problem(message, place(section, name))
    except Invalid as error:
        return report.invalid(error, place(section, name))
    return value


def _without_value(section: Map, name: str) -> Unknown:
    reason = f"parameter `{name}` has no value and no default; give one with `--param {name}=VALUE`"
    return Unknown(reason, place(section, name))


def _definition(section: Map, name: str) -> Map:
    definition = section[name]
    if not isinstance(definition, Map):
        raise Invalid(f"parameter `{name}` must be a mapping, not {kind(definition)}")
    for attribute in definition:
        if attribute not in ATTRIBUTES:
            raise Invalid(f"parameter `{name}` has no attribute `{attribute}`", attribute, ATTRIBUTES)
    of_type = definition.get("Type")
    if of_type not in TYPES:
        shown = f"`{of_type}`" if isinstance(of_type, str) else kind(of_type)
        raise Invalid(f"parameter `{name}` has no known type: {shown}", of_type if isinstance(of_type, str) else "", TYPES)
    return definition


def _typed(of_type: str, given: str, context: StackContext, report: Report, name: str) -> Any:
    if of_type in _STORED:
        return _stored(of_type.partition("<")[2][:-1], given, context, report, name)
    if of_type in _LISTS:
        return _listed(given)
    return given


def _listed(given: str) -> List:
    result = List()
    result.extend(item.strip() for item in given.split(","))
    return result


def _stored(of_type: str, path: str, context: StackContext, report: Report, name: str) -> Any:
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-supplied-parameter-types.html"""
    value = stored_value(f"ssm:{path}", context, report, None)
    if isinstance(value, Unknown) and of_type == "AWS::EC2::Image::Id":
        return assumed_image(path, context, report)
    if isinstance(value, Unknown):
        return Unknown(f"parameter `{name}` stands for what Parameter Store holds under `{path}`, which was not given")
    return _listed(value) if of_type in _LISTS else value


# constraints


def _violations(definition: Map, name: str, value: Any, report: Report) -> Iterator[str]:
    if isinstance(value, Unknown) or definition["Type"] in _STORED:
        return
    why = definition.get("ConstraintDescription")
    why = f": {' '.join(why.split())}" if isinstance(why, str) else ""
    for item in value if isinstance(value, List) else [value]:
        for check in (_number, _allowed_values, _length, _size, _pattern):
            message = check(definition, name, item, report)
            if message:
                yield message + why
                return


def _number(definition: Map, name: str, item: str, report: Report) -> str:
    wanted = "Number" in definition["Type"]
    return f"parameter `{name}` must be a number, not `{item}`" if wanted and not _NUMBER(item) else ""


def _allowed_values(definition: Map, name: str, item: str, report: Report) -> str:
    allowed = definition.get("AllowedValues")
    if not isinstance(allowed, List):
        return f"the allowed values of parameter `{name}` must be a list" if "AllowedValues" in definition else ""
    texts = [text(value, f"each allowed value of `{name}`") for value in allowed]
    if item in texts:
        return ""
    shown = ", ".join(f"`{value}`" for value in texts[:10]) + (", ..." if len(texts) > 10 else "")
    return f"parameter `{name}` cannot be `{item}`{did_you_mean(item, texts) or f', only {shown}'}"


def _length(definition: Map, name: str, item: str, report: Report) -> str:
    low, high = _bound(definition, "MinLength", name), _bound(definition, "MaxLength", name)
    if low is not None and len(item) < low:
        return f"parameter `{name}` is shorter than {low:g} characters: `{item}`"
    if high is not None and len(item) > high:
        return f"parameter `{name}` is longer than {high:g} characters: `{item}`"
    return ""


def _size(definition: Map, name: str, item: str, report: Report) -> str:
    low, high = _bound(definition, "MinValue", name), _bound(definition, "MaxValue", name)
    if low is not None and _NUMBER(item) and float(item) < low:
        return f"parameter `{name}` is less than {low:g}: `{item}`"
    if high is not None and _NUMBER(item) and float(item) > high:
        return f"parameter `{name}` is more than {high:g}: `{item}`"
    return ""


def _bound(definition: Map, attribute: str, name: str) -> float | None:
    if attribute not in definition:
        return None
    written = text(definition[attribute], f"`{attribute}` of parameter `{name}`")
    if not _NUMBER(written):
        raise Invalid(f"`{attribute}` of parameter `{name}` must be a number, not `{written}`")
    return float(written)


def _pattern(definition: Map, name: str, item: str, report: Report) -> str:
    """The pattern must match the entire value, in a list each value."""
    if "AllowedPattern" not in definition:
        return ""
    pattern = text(definition["AllowedPattern"], f"the pattern of parameter `{name}`")
    matches = _matches(pattern, item)
    if matches is None:
        report.assume(f"parameter `{name}` matches its pattern, which is not checked")
    return f"parameter `{name}` does not match `{pattern}`: `{item}`" if matches is False else ""


def _matches(pattern: str, item: str) -> bool | None:
    """Nothing if Python reads the pattern otherwise than Java, or if it could take forever on a value of this length."""
    if _slow(pattern, len(item)):
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            return re.fullmatch(pattern, item) is not None
    except (re.error, Warning, OverflowError, RecursionError):
        return None


def _slow(pattern: str, length: int) -> bool:
    """Whether a failing match could try more than about ten million ways: each repeat and each alternative multiplies them."""
    if len(pattern) > 4096 or length > 4096:
        return True
    rounds = [_most(counts) for counts in re.findall(r"\)([*+]|\{[0-9]{1,4}(?:,[0-9]{0,4})?\})", pattern)]
    looped = [most for most in rounds if most > 8]
    alternatives = pattern.count("|") + 1
    if looped:
        return length * len(looped) * math.log(alternatives + 1) > _MOST_WAYS
    repeats = len(re.findall(r"[*+]|\{[0-9]*,", pattern)) * max(rounds, default=1)
    options = pattern.count("?") - pattern.count("(?")
    ways = repeats * math.log(length + 1) + sum(rounds) * math.log(alternatives) + options * math.log(2)
    return ways > _MOST_WAYS


def _most(counts: str) -> int:
    return int(counts.strip("{}").rpartition(",")[2] or 9) if counts[0] == "{" else 9
