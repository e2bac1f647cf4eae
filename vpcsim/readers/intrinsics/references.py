"""Values that live in Parameter Store and Secrets Manager.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html
"""

from __future__ import annotations

import re

from vpcsim.errors import Origin
from vpcsim.readers.intrinsics.values import Report, StackContext, Unknown
from vpcsim.services import assumed_image_id

MARK = "{{resolve:"
_REFERENCE = re.compile(r"\{\{resolve:((?:ssm|ssm-secure|secretsmanager):[^{}]+)\}\}")
_IMAGE_PATH = re.compile(r"/aws/service/(?:ami-[^/]*/.+|.+/(?:image_id|ami-id))").fullmatch


def resolve_references(value: str, context: StackContext, report: Report, origin: Origin | None) -> str | Unknown:
    """The text with each `{{resolve:...}}` replaced, or an Unknown if one of them is not given."""
    parts = _REFERENCE.split(value)
    for index in range(1, len(parts), 2):
        found = stored_value(parts[index], context, report, origin)
        if isinstance(found, Unknown):
            return found
        parts[index] = found
    return "".join(parts)


def stored_value(key: str, context: StackContext, report: Report, origin: Origin | None) -> str | Unknown:
    """What `service:name[:version...]` holds: given by the caller, assumed for public images, otherwise unknown."""
    given = context.dynamic_references
    for name in (key, _versionless(key), f"{{{{resolve:{key}}}}}"):
        if name in given:
            return given[name]
    service, _, path = _versionless(key).partition(":")
    if service == "ssm" and _IMAGE_PATH(path):
        return assumed_image(path, context, report)
    return Unknown(f"`{key}` is not part of the template and was not given", origin)


def _versionless(key: str) -> str:
    service, _, name = key.partition(":")
    return f"{service}:{name.rstrip(':')}" if service == "secretsmanager" else f"{service}:{name.partition(':')[0]}"


def assumed_image(path: str, context: StackContext, report: Report) -> str:
    """The id of the newest image changes all the time and does not matter here; the same path gives the same id."""
    image = assumed_image_id(context.region, path)
    report.assume(f"the image of `{path}` is taken to be `{image}`")
    return image
