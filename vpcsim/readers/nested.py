"""The templates that a template names: of nested stacks, of stack sets, and what AWS::Include inserts.

They are files beside the template. Where they stand in a bucket, `https://bucket.s3.amazonaws.com/net/vpc.yaml`, the file is
looked for under its path and then under its name.

Sources: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudformation-stack.html,
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudformation-stackset.html,
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/transform-aws-include.html.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

from vpcsim.errors import InputError, Origin, Problem
from vpcsim.readers.document import List, Map, parse, read
from vpcsim.readers.intrinsics import ResourceDeclaration, Unknown

NESTED = "AWS::CloudFormation::Stack"
SET = "AWS::CloudFormation::StackSet"
INCLUDE = "AWS::Include"
TRANSFORM = "Fn::Transform"
MOST = 1000
"""Files that one template may include."""


class Child(NamedTuple):
    """A stack that a resource makes: its template, where it is deployed if that is said, and its parameters."""

    template: Map
    region: str = ""
    account: str = ""
    parameters: Mapping[str, Any] = {}
    told: str = ""
    """What was taken to be so."""


def children(resource: ResourceDeclaration, beside: str) -> list[Child] | Unknown:
    """The stacks of a nested stack or a stack set, or why they are not known. Raises InputError for a broken template."""
    found = _template(resource, beside)
    if isinstance(found, Unknown):
        return found
    template, told = found
    if resource.type == NESTED:
        return [Child(template, parameters=_given(resource.properties.get("Parameters")), told=told)]
    return _instances(resource, template, told)


def _template(resource: ResourceDeclaration, beside: str) -> tuple[Map, str] | Unknown:
    properties = resource.properties
    if isinstance(body := properties.get("TemplateBody"), str):
        return _mapping(parse(body, beside), beside), ""
    location = _asset(resource) or properties.get("TemplateURL")
    if isinstance(location, Unknown):
        return location
    path = file_beside(location, beside)
    if path is None:
        return Unknown(f"its template `{location}` is not a file beside this one", resource.origin)
    told = f"the template {location} is the file {path}" if "://" in str(location) else ""
    return _mapping(read(path), path), told


def _mapping(template: Any, path: str) -> Map:
    if not isinstance(template, Map):
        raise InputError(Problem("a template must be a mapping", Origin(path, 1, 1)))
    return template


def file_beside(location: Any, beside: str) -> str | None:
    """The local file of a path or of a URL of a bucket; None if there is none. A path need not exist."""
    if not isinstance(location, str):
        return None
    folder = os.path.dirname(beside)
    if "://" not in location:
        return os.path.normpath(os.path.join(folder, location))
    parts = [part for part in unquote(urlsplit(location).path).split("/") if part not in ("", ".", "..")]
    paths = (os.path.normpath(os.path.join(folder, *parts[number:])) for number in range(len(parts)))
    return next((path for path in paths if os.path.isfile(path)), None)


def _asset(resource: ResourceDeclaration) -> str | None:
    """The local file that CDK names beside the address to which it would upload it."""
    metadata = resource.body.get("Metadata")
    path = metadata.get("aws:asset:path") if isinstance(metadata, Map) else None
    return path if isinstance(path, str) else None


def _instances(resource: ResourceDeclaration, template: Map, told: str) -> list[Child] | Unknown:
    """A stack in every Region and account of each group."""
    groups = resource.properties.get("StackInstancesGroup")
    common = _listed_parameters(resource.properties.get("Parameters"))
    made: list[Child] = []
    for group in groups if isinstance(groups, List) else ():
        if isinstance(group, Unknown) or not isinstance(group, Map):
            return group if isinstance(group, Unknown) else Unknown("a group of stack instances is a mapping", resource.origin)
        targets = group.get("DeploymentTargets")
        accounts = targets.get("Accounts") if isinstance(targets, Map) else None
        if isinstance(targets, Map) and not accounts and "OrganizationalUnitIds" in targets:
            return Unknown("which accounts are in its organizational units is not in the template", resource.origin)
        more = _listed_parameters(group.get("ParameterOverrides"))
        for region in _texts(group.get("Regions")):
            made += [Child(template, region, account, {**common, **more}, told) for account in _texts(accounts) or [""]]
    return made or Unknown("it names no Region to deploy to", resource.origin)


def _texts(value: Any) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def _given(given: Any) -> dict[str, Any]:
    """What a nested stack gets; a list is joined with commas, as CloudFormation takes it."""
    if not isinstance(given, Map):
        return {}
    return {name: ",".join(map(str, value)) if isinstance(value, List) else value for name, value in given.items()}


def _listed_parameters(given: Any) -> dict[str, Any]:
    pairs = [item for item in given if isinstance(item, Map)] if isinstance(given, list) else []
    return {str(pair.get("ParameterKey")): pair.get("ParameterValue") for pair in pairs}


# AWS::Include


class Included(NamedTuple):
    """A template with the files that it includes, and what was not found of them."""

    template: Map
    missing: list[Problem]


def with_includes(template: Map, parameters: Mapping[str, Any]) -> Included:
    """The template with what AWS::Include inserts, at its top and anywhere inside. Raises InputError for a broken file."""
    if not _mentions(template):
        return Included(template, [])
    inserting = _Inserting(template, parameters)
    made = inserting.top(template)
    return Included(made, inserting.missing)


def _mentions(value: Any) -> bool:
    """Whether AWS::Include is named anywhere inside."""
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if item == INCLUDE:
            return True
        if isinstance(item, dict | list):
            waiting.extend(item.values() if isinstance(item, dict) else item)
    return False


class _Inserting:
    def __init__(self, template: Map, parameters: Mapping[str, Any]) -> None:
        self.file, self.parameters, self.missing, self.count = template.file, parameters, list[Problem](), 0
        section = template.get("Parameters")
        self.declared = section if isinstance(section, Map) else Map()

    def top(self, template: Map) -> Map:
        """The transforms of the whole template: the sections of the file are added to its own."""
        named = template.get("Transform", [])
        named = named if isinstance(named, list) else [named]
        result = _copy(template, {key: self.within(item) for key, item in template.items() if key != "Transform"})
        for transform in named:
            if _is_include(transform):
                self._merge(result, self._content(transform), deep=True)
        rest = [transform for transform in named if not _is_include(transform)]
        if rest:
            result["Transform"] = rest
        return result

    def within(self, value: Any) -> Any:
        if isinstance(value, List):
            result = List(value.file, value.line, value.column)
            result.places = value.places
            result.extend(map(self.within, value))
            return result
        if not isinstance(value, Map):
            return value
        transform = value.get(TRANSFORM)
        if not isinstance(transform, Map) or not _is_include(transform):
            return _copy(value, {key: self.within(item) for key, item in value.items()})
        content = self._content(transform)
        rest = _copy(value, {key: self.within(item) for key, item in value.items() if key != TRANSFORM})
        if content is None:
            return _copy(value, {**rest, TRANSFORM: transform})
        if not isinstance(content, Map):
            return content
        self._merge(rest, content, deep=False)
        return rest

    def _merge(self, into: Map, content: Any, deep: bool) -> None:
        for key, item in content.items() if isinstance(content, Map) else ():
            mine = into.get(key)
            if deep and isinstance(mine, Map) and isinstance(item, Map):
                self._merge(mine, item, deep=False)
            else:
                into.setdefault(key, item)

    def _content(self, transform: Map) -> Any:
        parameters = transform.get("Parameters")
        location = parameters.get("Location") if isinstance(parameters, Map) else None
        if isinstance(location, Map) and isinstance(name := location.get("Ref"), str):
            default = self.declared.get(name)
            location = self.parameters.get(name, default.get("Default") if isinstance(default, Map) else None)
        path = file_beside(location, self.file)
        self.count += 1
        if path is None or not os.path.isfile(path) or self.count > MOST:
            shown = location if isinstance(location, str) else "what it names"
            self.missing.append(
                Problem(f"`{shown}`, which {INCLUDE} inserts, is not a file beside the template", transform.origin)
            )
            return None
        return read(path)


def _is_include(transform: Any) -> bool:
    return isinstance(transform, Map) and transform.get("Name") == INCLUDE


def _copy(value: Map, items: Mapping[str, Any]) -> Map:
    copy = Map(value.file, value.line, value.column)
    copy.places = dict(value.places)
    copy.update(items)
    return copy


def labels(names: list[tuple[str, str, str]]) -> Iterator[str]:
    """How stacks of these names, Regions and accounts are told apart: by the name alone if that is enough."""
    for name, region, account in names:
        same = [other for other in names if other[0] == name]
        regions, accounts = len({r for _, r, _ in same}) > 1, len({a for _, _, a in same}) > 1
        yield "-".join([name, *([region] if regions else []), *([account] if accounts else [])])
