"""SAM templates as the CloudFormation templates that they stand for, by AWS's own translator; it comes with `vpcsim[sam]`.

A resource keeps its place in the file; what SAM makes for one (its role, its permissions) has the place of that one. Nothing is
looked up: an application of the Serverless Application Repository stays a type that is not modelled.

Source: https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification.html
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from vpcsim.errors import InputError, Origin, Problem
from vpcsim.readers.document import List, Map, origin_of, value_origin_of
from vpcsim.readers.plain_words import one_line

TRANSFORM = "AWS::Serverless-2016-10-31"
APPLICATION = "AWS::Serverless::Application"
_ID = re.compile(r"id \[([A-Za-z0-9]+)\]")


class _Session(NamedTuple):
    """All that the translator asks of a session of boto3."""

    region_name: str


def is_sam(template: Map) -> bool:
    """Whether a template asks for the SAM transform."""
    named = template.get("Transform")
    return TRANSFORM in (named if isinstance(named, list) else [named])


def translated(template: Map, region: str, parameters: Mapping[str, Any]) -> Map:
    """The template after the transform. Raises InputError for what SAM does not accept, or if the translator is missing."""
    resources = template.get("Resources")
    if not isinstance(resources, Map):
        return template
    kept = {id: body for id, body in resources.items() if _from_repository(body)}
    given = {name: value for name, value in parameters.items() if isinstance(value, str)}
    plain = json.loads(json.dumps({**template, "Resources": {id: b for id, b in resources.items() if id not in kept}}))
    for translation in ("Transform", "Globals"):
        plain.setdefault(translation, {})
    made = _translate(plain, region, given, template)
    made["Transform"] = [t for t in _listed(template["Transform"]) if t != TRANSFORM]
    made.pop("Globals", None)
    made["Resources"] = {**made.get("Resources", {}), **kept}
    result = _placed(made, template, template.origin)
    assert isinstance(result, Map)
    return result


def _translate(plain: dict[str, Any], region: str, parameters: dict[str, str], template: Map) -> dict[str, Any]:
    try:
        from samtranslator.model.exceptions import InvalidDocumentException
        from samtranslator.parser.parser import Parser
        from samtranslator.translator.translator import Translator
    except ImportError:
        message = "this is a SAM template, for which AWS's translator is needed: pip install 'vpcsim[sam]'"
        raise InputError(Problem(message, origin_of(template, "Transform"))) from None
    logging.getLogger("samtranslator").addHandler(logging.NullHandler())
    try:
        made: dict[str, Any] = Translator({}, Parser(), boto_session=_Session(region)).translate(plain, parameters)
    except InvalidDocumentException as error:
        raise InputError([_problem(str(getattr(cause, "message", cause)), template) for cause in error.causes]) from None
    except Exception as error:
        message = f"AWS's translator of SAM fails: {type(error).__name__}: {one_line(str(error), 300)}"
        raise InputError(Problem(message, origin_of(template, "Transform"))) from None
    return made


def _problem(message: str, template: Map) -> Problem:
    found = _ID.search(message)
    resources = template["Resources"]
    origin = origin_of(resources, found[1]) if found and found[1] in resources else origin_of(template, "Transform")
    return Problem(one_line(message[:1].lower() + message[1:], 300), origin)


def _from_repository(body: Any) -> bool:
    properties = body.get("Properties") if isinstance(body, Map) and body.get("Type") == APPLICATION else None
    return isinstance(properties, Map) and isinstance(properties.get("Location"), Map)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


# places


def _placed(value: Any, source: Any, origin: Origin) -> Any:
    """The value with the places that the same part of the source has, or else those of what is around it."""
    if isinstance(value, dict):
        source = source if isinstance(source, Map) else Map(origin.file, origin.line, origin.column)
        result = Map(origin.file, origin.line, origin.column)
        for key, item in value.items():
            known = _known(key, source)
            place = origin_of(source, known) if known else origin
            behind = value_origin_of(source, known) if known else origin
            result[key] = _placed(item, source.get(known) if known == key else None, behind)
            result.places[key] = (place.line, place.column, behind.line, behind.column)
        return result
    if isinstance(value, list):
        items = List(origin.file, origin.line, origin.column)
        sources: Any = source if isinstance(source, List) and len(source) == len(value) else None
        for position, item in enumerate(value):
            place = origin_of(sources, position) if sources is not None else origin
            items.append(_placed(item, sources[position] if sources is not None else None, place))
            items.places.append((place.line, place.column))
        return items
    return value


def _known(key: str, source: Map) -> str:
    """The entry that this one is, or was made for: that with the longest name which it starts with."""
    if key in source.places:
        return key
    return max((name for name in source.places if key.startswith(name)), key=len, default="")
