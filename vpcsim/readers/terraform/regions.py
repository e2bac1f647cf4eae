"""The Region and the account of every resource: its own attributes say, or the configuration of its provider.

Sources: https://developer.hashicorp.com/terraform/internals/json-format#configuration-representation (`provider_config_key`),
https://registry.terraform.io/providers/hashicorp/aws/latest/docs (`region`, `assume_role`, `allowed_account_ids`)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from vpcsim import services
from vpcsim.readers.document import Map
from vpcsim.readers.terraform.instances import Instance, Place
from vpcsim.readers.terraform.plan import Configuration, texts

REGION = "us-east-1"
ACCOUNT = "123456789012"
DEFAULT = "aws"
"""The key of the provider's configuration without an alias."""


def place_all(
    document: Map, instances: Sequence[Instance], configuration: Configuration | None, providers: Mapping[str, Place]
) -> Place | None:
    """Give every instance its place, and tell that of the model; None if no file says in which Region that is.

    `providers` has what is known of the configurations of the provider, by their keys, besides what the document says.
    """
    known = {**_of_configurations(document), **providers}
    for instance in instances:
        if not instance.provider and configuration:
            instance.provider = str(configuration.block(instance).get("provider_config_key") or "")
    own = {instance.address: Place(_region(instance), _account(instance)) for instance in instances}
    for instance in instances:
        said, learned = own[instance.address], known.get(instance.provider or DEFAULT, Place("", ""))
        account = said.account if _is_own(instance) else ""
        known[instance.provider or DEFAULT] = Place(learned.region or said.region, learned.account or account)
    main = known.get(DEFAULT, Place("", ""))
    region = main.region or next((p.region for p in known.values() if p.region), "")
    others = () if any((instance.provider or DEFAULT) == DEFAULT for instance in instances) else known.values()
    account = main.account or next((p.account for p in others if p.account), ACCOUNT)
    for instance in instances:
        said, learned = own[instance.address], known[instance.provider or DEFAULT]
        instance.place = Place(said.region or learned.region or region or REGION, said.account or learned.account or account)
    return Place(region, account) if region else None


def _of_configurations(document: Map) -> dict[str, Place]:
    """What a plan shows of the configurations of its providers."""
    configuration = document.get("configuration")
    shown = configuration.get("provider_config") if isinstance(configuration, Map) else None
    variables = document.get("variables")
    found: dict[str, Place] = {}
    for key, provider in shown.items() if isinstance(shown, Map) else ():
        expressions = provider.get("expressions") if isinstance(provider, Map) else None
        if isinstance(expressions, Map):
            roles = [role.get("role_arn") for role in _blocks(expressions.get("assume_role"))]
            accounts = [expressions.get("allowed_account_ids"), *roles]
            numbers = (account_in(_value(each, variables)) for each in accounts)
            region = _value(expressions.get("region"), variables)
            found[key] = Place(known_region(region), next(filter(None, numbers), ""))
    return found


def _blocks(value: Any) -> Iterable[Map]:
    return (block for block in value if isinstance(block, Map)) if isinstance(value, list) else ()


def _value(expression: Any, variables: Any) -> Any:
    """The value of an expression that is a constant or a variable of the root module."""
    if not isinstance(expression, Map):
        return None
    if "constant_value" in expression:
        return expression["constant_value"]
    names = [text.removeprefix("var.") for text in texts(expression) if text.startswith("var.")]
    held = variables.get(names[0]) if names and isinstance(variables, Map) else None
    return held.get("value") if isinstance(held, Map) else None


def account_in(value: Any) -> str:
    """The account that an ARN names, a number is, or a list has if it has one."""
    if isinstance(value, list):
        return account_in(value[0]) if len(value) == 1 else ""
    parts = value.split(":") if isinstance(value, str) else []
    text = parts[4] if len(parts) > 4 else parts[0] if parts else ""
    return text if len(text) == 12 and text.isdecimal() else ""


def known_region(text: Any) -> str:
    """The text if it is a Region."""
    return text if isinstance(text, str) and text in services.regions() else ""


def _region(instance: Instance) -> str:
    """What a resource says of its Region itself: its ARN, its zone, and since version 6 of the provider an attribute."""
    values = instance.values
    arn, zone = values.get("arn"), values.get("availability_zone")
    parts = arn.split(":") if isinstance(arn, str) else []
    named = (values.get("region"), values.get("name"), values.get("id")) if instance.type == "data.aws_region" else ()
    said = (parts[3] if len(parts) > 3 else "", zone[:-1] if isinstance(zone, str) else "", values.get("region"), *named)
    return next(filter(None, map(known_region, said)), "")


def _is_own(instance: Instance) -> bool:
    """Whether a resource is in the account of its provider: a data source may tell of what others share."""
    return not instance.type.startswith("data.") or instance.type == "data.aws_caller_identity"


def _account(instance: Instance) -> str:
    values = instance.values
    return account_in(values.get("arn")) or account_in(values.get("owner_id")) or account_in(values.get("account_id"))
