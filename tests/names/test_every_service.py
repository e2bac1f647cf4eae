"""Every host that botocore calls, in every Region: public outside, the endpoint's inside.

Sources: https://docs.aws.amazon.com/general/latest/gr/rande.html,
https://docs.aws.amazon.com/vpc/latest/privatelink/privatelink-access-aws-services.html.
"""

from __future__ import annotations

import pytest
from client_hosts import Row, every_client_host

from vpcsim import Network, services
from vpcsim.readers import topology_of
from vpcsim.readers.document import parse
from vpcsim.resolution import Query, Vantage
from vpcsim.resolving import resolve

PUBLIC = Vantage(None, "public")
INSIDE = Vantage("myVPC", "myVPC")


HIDDEN = {
    ("apigatewaymanagementapi", "execute-api"): "the endpoint answers what is below this name, and nothing at it",
    **dict.fromkeys(
        [
            ("iot-data", "data-ats.iot"),
            ("iot-data", "data.ats.iot"),
            ("iot-jobs-data", "data.jobs.iot"),
            ("mediaconvert", "subscribe.mediaconvert"),
            ("sms-voice", "sms-voice.pinpoint"),
        ],
        "it is below the name of another service, whose endpoint's zone lacks it",
    ),
}
"""Hosts that exist outside and not inside a VPC that has every endpoint, and why."""


@pytest.fixture(scope="module")
def hosts() -> dict[str, list[Row]]:
    """The hosts by the Region in which they are."""
    found: dict[str, list[Row]] = {}
    for row in every_client_host():
        if row[3] is not None:
            found.setdefault(row[3].region, []).append(row)
    return found


def region_with_endpoints(region: str) -> Network:
    """A VPC with one endpoint for each service of a Region that has private DNS; where several have a name, for the first."""
    taken: set[str] = set()
    lines = [f"region: {region}", "vpcs: {myVPC: {cidr: 10.0.0.0/16, dns_hostnames: true}}", "subnets: {mySubnet: 10.0.0.0/16}"]
    lines.append("endpoints:")
    for service in services.service_names(region):
        names = services.private_dns_names(service)
        if names and "Interface" in services.endpoint_types(service) and not taken & set(names):
            taken |= set(names)
            everywhere = "dns_options: {private_dns_only_for_inbound_resolver_endpoint: false}"
            lines.append(f"  e{len(lines)}: {{service: {service}, subnets: mySubnet, private_dns: true, {everywhere}}}")
    return Network.of(topology_of([parse("\n".join(lines), "network.yaml")]))


def test_every_service_in_every_region(hosts: dict[str, list[Row]]) -> None:
    assert len(hosts) > 30
    private = 0
    hidden: set[tuple[str, str]] = set()
    for region, rows in hosts.items():
        net = region_with_endpoints(region)
        for client, _, host, found in {row[2]: row for row in rows}.values():
            assert found is not None
            outside, inside = (resolve(net, vantage, Query(host)).addresses for vantage in (PUBLIC, INSIDE))
            assert [region_of(address) for address in outside] == [region], host
            if found.private_dns:
                assert [address.startswith("10.0.") for address in inside] == [True], host
                private += 1
            elif inside != outside:
                assert inside == (), host
                hidden.add((client, host.removesuffix(f".{region}.{services.dns_suffix(region)}")))
    assert private > 9_000
    assert hidden == set(HIDDEN)


def region_of(address: str) -> str:
    """The Region of an address that AWS publishes as its own."""
    found = services.aws_region_of(address)
    return found[0] if found else ""
