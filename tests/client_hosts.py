"""The host that each client of botocore calls in each Region, by the rules that botocore ships."""

from __future__ import annotations

from collections.abc import Iterator

from botocore.endpoint_provider import EndpointProvider
from botocore.exceptions import BotoCoreError
from botocore.loaders import create_loader

from vpcsim.services import ServiceHost, service_of_host

LOADER = create_loader()
TABLE = LOADER.load_data("partitions")
REGIONS = [r for p in TABLE["partitions"] if p["id"] in ("aws", "aws-cn", "aws-us-gov") for r in p["regions"]]
NEEDS = {"acm": {"ServiceType": "ACM"}, "neptune-graph": {"ApiType": "ControlPlane"}}


# client, Region asked for, host name, what it is taken for
Row = tuple[str, str, str, ServiceHost | None]


def resolved(client: str, **variant: bool) -> Iterator[tuple[str, str]]:
    provider = EndpointProvider(LOADER.load_service_model(client, "endpoint-rule-set-1"), TABLE)
    for region in REGIONS:
        if not region.endswith("-global"):
            try:
                url = provider.resolve_endpoint(Region=region, **NEEDS.get(client, {}), **variant).url
            except BotoCoreError:
                continue
            yield region, url.partition("://")[2]


def every_client_host(**variant: bool) -> Iterator[Row]:
    """Every client's host in every Region: the ordinary one, or with UseFIPS or UseDualStack another."""
    for client in LOADER.list_available_services("endpoint-rule-set-1"):
        yield from ((client, region, host, service_of_host(host)) for region, host in resolved(client, **variant))


# Clients whose ordinary host no endpoint answers by private DNS, although PrivateLink has the service.
UNCOVERED = {
    "dynamodb": "no private DNS",
    "signin": "no private DNS: the console pages tell users to make their own records",
    "apigatewaymanagementapi": "callers put the API's id before the host",
    **dict.fromkeys(
        ["deadline", "iotsitewise", "iottwinmaker", "location", "mwaa", "omics", "workspaces-thin-client"],
        "every call puts a word before the host (`api.airflow...`), and the endpoint answers those names",
    ),
    **dict.fromkeys(["billing", "geo-maps", "geo-places", "geo-routes", "mediaconvert"], "another name in China or GovCloud"),
}
