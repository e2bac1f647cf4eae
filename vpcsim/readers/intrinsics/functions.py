"""Each intrinsic function: its argument as written goes in, its value comes out, Invalid is raised for a wrong argument.

Arguments are evaluated here and not before, because Fn::If and the default of Fn::FindInMap must not look at what they leave out.
A function over an Unknown is that Unknown, where its value matters.
Page of a function: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-NAME.html
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Callable, Iterable
from functools import lru_cache
from ipaddress import ip_network
from typing import Any

from vpcsim.readers.document import Map
from vpcsim.readers.intrinsics.conditions import if_
from vpcsim.readers.intrinsics.values import (
    MAX_TEXT,
    Evaluator,
    Invalid,
    Unknown,
    arguments,
    first_unknown,
    kind,
    text,
)
from vpcsim.readers.plain_words import did_you_mean


def _joined(parts: Iterable[str]) -> str:
    parts = list(parts)
    if sum(map(len, parts)) > MAX_TEXT:
        raise Invalid(f"the text grows beyond {MAX_TEXT:,} characters")
    return "".join(parts)


# values of other parts of the template


def ref(stack: Evaluator, argument: Any) -> Any:
    """Ref: a parameter, a pseudo parameter or a resource. Page: intrinsic-function-reference-ref."""
    name = stack.value(argument)
    if isinstance(name, Unknown):
        return name
    if not isinstance(name, str):
        raise Invalid(f"`Ref` takes the name of a parameter or a resource, not {kind(name)}")
    return stack.ref(name)


def get_att(stack: Evaluator, argument: Any) -> Any:
    """Fn::GetAtt: [resource, attribute], or both with a dot between. Page: intrinsic-function-reference-getatt."""
    given = stack.value(argument)
    if isinstance(given, str):
        given = given.split(".", 1)
    unknown = first_unknown(given)
    if unknown:
        return unknown
    if not isinstance(given, list) or len(given) != 2 or not all(isinstance(part, str) and part for part in given):
        raise Invalid("`Fn::GetAtt` takes a resource and an attribute, as in `Resource.Attribute`")
    return stack.attribute(given[0], given[1])


def find_in_map(stack: Evaluator, argument: Any) -> Any:
    """Fn::FindInMap, with the default value that AWS::LanguageExtensions adds.

    Pages: intrinsic-function-reference-findinmap, intrinsic-function-reference-findinmap-enhancements.
    """
    shape = "`Fn::FindInMap` takes [map, first key, second key] and perhaps {DefaultValue: value}"
    if not isinstance(argument, list) or len(argument) not in (3, 4):
        raise Invalid(shape)
    default = argument[3] if len(argument) == 4 else None
    if len(argument) == 4 and (not isinstance(default, dict) or list(default) != ["DefaultValue"]):
        raise Invalid(shape)
    names = [stack.value(part) for part in argument[:3]]
    unknown = first_unknown(*names)
    if unknown:
        return unknown
    if default is None:
        return stack.value(_found(stack.mappings, names))
    stack.needs_language_extensions("the default value of `Fn::FindInMap`")
    return _found_or_default(stack, names, default)


def _found_or_default(stack: Evaluator, names: list[Any], default: Any) -> Any:
    top = stack.mappings.get(text(names[0], "the name of a map"))
    try:
        return stack.value(_found(stack.mappings, names))
    except Invalid:
        if top is None:
            raise
        return stack.value(default["DefaultValue"])


def _found(mappings: Map, names: list[Any]) -> Any:
    here: Any = mappings
    path: list[str] = []
    for name in names:
        key = text(name, "each key of `Fn::FindInMap`")
        if not isinstance(here, dict) or key not in here:
            what = f"no key `{key}` in `{'.'.join(path)}`" if path else f"no map `{key}` in `Mappings`"
            raise Invalid(what, key, here if isinstance(here, dict) else ())
        here = here[key]
        path.append(key)
    return here


def import_value(stack: Evaluator, argument: Any) -> Any:
    """Fn::ImportValue, from the exports that the caller gives. Page: intrinsic-function-reference-importvalue."""
    name = stack.value(argument)
    if isinstance(name, Unknown):
        return name
    name = text(name, "the name of an export")
    exports = stack.context.exports
    if name in exports:
        return exports[name]
    return Unknown(f"the export `{name}` of another stack was not given{did_you_mean(name, exports)}")


def get_stack_output(stack: Evaluator, argument: Any) -> Any:
    """Fn::GetStackOutput: an output of another stack, perhaps of another Region or account. Page: ...-getstackoutput."""
    shape = "`Fn::GetStackOutput` takes {StackName, OutputName} and perhaps Region and RoleArn"
    given = stack.value(argument)
    if isinstance(given, Unknown) or (unknown := first_unknown(given)):
        return given if isinstance(given, Unknown) else unknown
    known = ("StackName", "OutputName", "Region", "RoleArn")
    if not isinstance(given, dict) or not {"StackName", "OutputName"} <= given.keys() <= {*known}:
        raise Invalid(shape)
    name, output, region, role = (text(given.get(key, ""), f"`{key}` of `Fn::GetStackOutput`") for key in known)
    account = role.split(":")[4] if role.count(":") >= 5 else ""
    return stack.context.stack_output(name.rpartition(":stack/")[2].partition("/")[0], output, region, account)


def get_azs(stack: Evaluator, argument: Any) -> Any:
    """Fn::GetAZs; an empty text is the region of the stack. Page: intrinsic-function-reference-getavailabilityzones."""
    region = stack.value(argument)
    if isinstance(region, Unknown):
        return region
    return list(stack.context.availability_zones(text(region, "the region of `Fn::GetAZs`") or stack.context.region))


# text and lists


_VARIABLE = re.compile(r"\$\{([^}]*)\}")
_VARIABLE_NAME = re.compile(r"[A-Za-z0-9_.:]+").fullmatch


def sub(stack: Evaluator, argument: Any) -> Any:
    """Fn::Sub: `${Name}`, `${Resource.Attribute}` and and `${!Text}` for `${Text}`. Page: intrinsic-function-reference-sub."""
    template, variables = argument, {}
    if isinstance(argument, list):
        if len(argument) != 2 or not isinstance(argument[1], dict):
            raise Invalid("`Fn::Sub` takes text or [text, {name: value}]")
        template, variables = argument
    if not isinstance(template, str):
        raise Invalid("`Fn::Sub` takes text or [text, {name: value}]")
    parts = _VARIABLE.split(template)
    for index in range(1, len(parts), 2):
        value = _variable(stack, parts[index], variables)
        if isinstance(value, Unknown):
            return value
        parts[index] = value
    return _joined(parts)


def _variable(stack: Evaluator, name: str, variables: dict[str, Any]) -> str | Unknown:
    if name.startswith("!"):
        return f"${{{name[1:]}}}"
    if name in variables:
        value = stack.value(variables[name])
    elif not _VARIABLE_NAME(name):
        raise Invalid(f"`${{{name}}}` in `Fn::Sub` is no name: to keep it as text, write `${{!{name}}}`")
    elif "." in name:
        value = stack.attribute(*name.split(".", 1))
    else:
        value = stack.ref(name)
    return value if isinstance(value, Unknown) else text(value, f"`${{{name}}}` in `Fn::Sub`")


def join(stack: Evaluator, argument: Any) -> Any:
    """Fn::Join. Page: intrinsic-function-reference-join."""
    delimiter, items = arguments(stack, argument, "`Fn::Join` takes [delimiter, [text, ...]]", 2)
    unknown = first_unknown(delimiter, items)
    if unknown:
        return unknown
    if not isinstance(items, list):
        raise Invalid(f"`Fn::Join` takes a list to join, not {kind(items)}")
    delimiter = text(delimiter, "the delimiter of `Fn::Join`")
    parts = [part for item in items for part in (delimiter, text(item, "each item of `Fn::Join`"))]
    return _joined(parts[1:])


def split(stack: Evaluator, argument: Any) -> Any:
    """Fn::Split. Page: intrinsic-function-reference-split."""
    delimiter, source = arguments(stack, argument, "`Fn::Split` takes [delimiter, text]", 2)
    unknown = first_unknown(delimiter, source)
    if unknown:
        return unknown
    delimiter = text(delimiter, "the delimiter of `Fn::Split`")
    if not delimiter:
        raise Invalid("the delimiter of `Fn::Split` is empty")
    return text(source, "what `Fn::Split` splits").split(delimiter)


def select(stack: Evaluator, argument: Any) -> Any:
    """Fn::Select, counting from zero. Page: intrinsic-function-reference-select."""
    index, items = arguments(stack, argument, "`Fn::Select` takes [index, list]", 2)
    for value in (index, items):
        if isinstance(value, Unknown):
            return value
    if not isinstance(items, list):
        raise Invalid(f"`Fn::Select` takes a list to select from, not {kind(items)}")
    number = _number(index, "the index of `Fn::Select`")
    if not 0 <= number < len(items):
        raise Invalid(f"`Fn::Select` asks for item {number}, counted from 0, of a list of {len(items)}")
    return items[number]


def _number(value: Any, where: str) -> int:
    written = text(value, where)
    if not re.fullmatch(r"-?[0-9]{1,9}", written):
        raise Invalid(f"{where} must be a whole number, not `{written}`")
    return int(written)


def base64(stack: Evaluator, argument: Any) -> Any:
    """Fn::Base64. Page: intrinsic-function-reference-base64."""
    value = stack.value(argument)
    if isinstance(value, Unknown):
        return value
    return b64encode(text(value, "what `Fn::Base64` encodes").encode()).decode()


def length(stack: Evaluator, argument: Any) -> Any:
    """Fn::Length of AWS::LanguageExtensions. Page: intrinsic-function-reference-length."""
    stack.needs_language_extensions("`Fn::Length`")
    value = stack.value(argument)
    if isinstance(value, Unknown):
        return value
    if not isinstance(value, list):
        raise Invalid(f"`Fn::Length` takes a list, not {kind(value)}")
    return len(value)


def to_json_string(stack: Evaluator, argument: Any) -> Any:
    """Fn::ToJsonString of AWS::LanguageExtensions. Page: intrinsic-function-reference-ToJsonString."""
    stack.needs_language_extensions("`Fn::ToJsonString`")
    value = stack.value(argument)
    if not isinstance(value, (dict, list, Unknown)):
        raise Invalid(f"`Fn::ToJsonString` takes a mapping or a list, not {kind(value)}")
    return first_unknown(value) or _joined([json.dumps(value, separators=(",", ":"), ensure_ascii=False, default=str)])


def cidr(stack: Evaluator, argument: Any) -> Any:
    """Fn::Cidr: the first `count` blocks with `cidrBits` host bits inside a block. Page: intrinsic-function-reference-cidr."""
    given = arguments(stack, argument, "`Fn::Cidr` takes [block, count, cidrBits]", 2, 3)
    unknown = first_unknown(given)
    if unknown:
        return unknown
    if len(given) == 2:
        return Unknown("`Fn::Cidr` without cidrBits: AWS does not say how large the blocks are")
    count, bits = _number(given[1], "the count of `Fn::Cidr`"), _number(given[2], "the cidrBits of `Fn::Cidr`")
    if not 1 <= count <= 256:
        raise Invalid(f"the count of `Fn::Cidr` is from 1 to 256, not {count}")
    return list(_blocks(text(given[0], "the block of `Fn::Cidr`"), count, bits))


@lru_cache(maxsize=256)
def _blocks(written: str, count: int, bits: int) -> tuple[str, ...]:
    block = _block(written)
    prefix = block.max_prefixlen - bits
    if not block.prefixlen <= prefix < block.max_prefixlen:
        raise Invalid(f"`Fn::Cidr` cannot make blocks with {bits} host bits in `{block}`")
    if count > 2 ** (prefix - block.prefixlen):
        raise Invalid(f"`{block}` holds only {2 ** (prefix - block.prefixlen)} blocks of /{prefix}, not {count}")
    first, address = int(block.network_address), type(block.network_address)
    return tuple(f"{address(first + (number << bits))}/{prefix}" for number in range(count))


def _block(written: str) -> Any:
    try:
        return ip_network(written, strict=False)
    except ValueError:
        raise Invalid(f"`Fn::Cidr` takes an address block such as `10.0.0.0/16`, not `{written}`") from None


def transform(stack: Evaluator, argument: Any) -> Unknown:
    """Fn::Transform: what a macro of the account makes. What AWS::Include inserts is there before. Page: ...-transform."""
    return macro(argument.get("Name") if isinstance(argument, dict) else argument)


def macro(name: Any) -> Unknown:
    """Why it is not known what a macro makes of a part of a template."""
    shown = f"the macro `{name}`" if isinstance(name, str) else "a macro"
    return Unknown(f"{shown} makes it, and is not run here: read the template that CloudFormation processed")


def _of_the_account(name: str) -> Callable[[Evaluator, Any], Unknown]:
    """What parameters of AWS's types stand for in the account, in rules. Page: intrinsic-function-reference-rules."""
    return lambda stack, argument: Unknown(f"`{name}` looks at what is in the account, and that is not in the template")


FUNCTIONS: dict[str, Callable[[Evaluator, Any], Any]] = {
    "Ref": ref,
    "Fn::Base64": base64,
    "Fn::Cidr": cidr,
    "Fn::FindInMap": find_in_map,
    "Fn::GetAZs": get_azs,
    "Fn::GetAtt": get_att,
    "Fn::GetStackOutput": get_stack_output,
    "Fn::If": if_,
    "Fn::ImportValue": import_value,
    "Fn::Join": join,
    "Fn::Length": length,
    "Fn::Select": select,
    "Fn::Split": split,
    "Fn::Sub": sub,
    "Fn::RefAll": _of_the_account("Fn::RefAll"),
    "Fn::ToJsonString": to_json_string,
    "Fn::Transform": transform,
    "Fn::ValueOf": _of_the_account("Fn::ValueOf"),
    "Fn::ValueOfAll": _of_the_account("Fn::ValueOfAll"),
}
