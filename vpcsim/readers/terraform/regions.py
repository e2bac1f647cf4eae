"""The Region and the account of every resource: from its ARN, or from the configuration of its provider."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from vpcsim import services
from vpcsim.readers.document import Map
from vpcsim.readers.terraform.instances import Instance
from vpcsim.readers.terraform.plan import Configuration, texts

REGION = "us-east-1"
ACCOUNT = "123456789012"


class Place(NamedTuple):
    """Where a resource is."""

    region: str
    account: str


def places_of(
    document: Map, instances: Sequence[Instance], configuration: Configuration | None, regions: Mapping[str, str]
) -> Mapping[str, Place]:
    """The place of each instance whose Region something says, by address. `regions` are those of the providers, if known."""
    configured = regions or _of_providers(document)
    account = next((a for i in instances if (a := _account(i))), ACCOUNT)
    places: dict[str, Place] = {}
    for instance in instances:
        key = instance.provider or (str(configuration.block(instance).get("provider_config_key", "")) if configuration else "")
        region = (
            _of_arn(instance, 3)
            or _of_zone(instance)
            or configured.get(key.rpartition(":")[2] or "aws", "")
            or _of_data(instance)
        )
        if region in services.regions():
            places[instance.address] = Place(region, _account(instance) or account)
    return places


def _of_providers(document: Map) -> dict[str, str]:
    configuration = document.get("configuration")
    providers = configuration.get("provider_config") if isinstance(configuration, Map) else None
    variables = document.get("variables")
    found: dict[str, str] = {}
    for key, provider in providers.items() if isinstance(providers, Map) else ():
        expressions = provider.get("expressions") if isinstance(provider, Map) else None
        region = expressions.get("region") if isinstance(expressions, Map) else None
        if isinstance(region, Map):
            found[key.rpartition(":")[2]] = str(region.get("constant_value") or _variable(region, variables))
    return found


def _variable(expression: Map, variables: Any) -> str:
    names = [text.removeprefix("var.") for text in texts(expression) if text.startswith("var.")]
    held = variables.get(names[0]) if names and isinstance(variables, Map) else None
    return str(held.get("value", "")) if isinstance(held, Map) else ""


def _of_arn(instance: Instance, part: int) -> str:
    arn = instance.values.get("arn")
    parts = arn.split(":") if isinstance(arn, str) else []
    return parts[part] if len(parts) > part else ""


def _of_zone(instance: Instance) -> str:
    zone = instance.values.get("availability_zone")
    return zone[:-1] if isinstance(zone, str) else ""


def _of_data(instance: Instance) -> str:
    named = instance.type == "data.aws_region"
    return str(instance.values.get("id") or instance.values.get("name") or "") if named else ""


def _account(instance: Instance) -> str:
    found = _of_arn(instance, 4) or instance.values.get("owner_id") or instance.values.get("account_id")
    return found if isinstance(found, str) and len(found) == 12 and found.isdigit() else ""
