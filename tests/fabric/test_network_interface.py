"""Network interfaces: the source/destination check, addresses, and services that answer on the host."""

from __future__ import annotations

import pytest
from networks import EC2, ERRORS, VPC, Refusal, Row, ask, changed, check, names, refused

from vpcsim import RefusedError

ENI = f"{EC2}using-eni.html"
NAT_INSTANCE = f"{VPC}work-with-nat-instances.html"
ACL = f"{VPC}vpc-network-acls.html"
GROUPS = f"{VPC}vpc-security-groups.html"
DNS = f"{VPC}AmazonDNS-concepts.html"
IMDS = f"{EC2}instancedata-data-retrieval.html"
OPTIONS = f"{EC2}configuring-instance-metadata-options.html"
POD_IDENTITY = "https://docs.aws.amazon.com/eks/latest/userguide/pod-identities.html"
WINDOWS = f"{EC2}ec2config-service.html"
TIME = f"{EC2}set-time.html"
SIZING = f"{VPC}subnet-sizing.html"

BASE = """
vpcs:
  vpc: {cidr: 10.0.0.0/16, more_cidrs: 10.1.0.0/16, Ipv6CidrBlockAssociationSet: [{Ipv6CidrBlock: "2001:db8:1:a00::/56"}]}
subnets:
  app-net: {cidr: 10.0.1.0/24, ipv6_cidr: "2001:db8:1:a01::/64"}
  edge-net: {cidr: 10.0.3.0/24}
route_tables: {app-table: {subnets: app-net, routes: {192.0.2.0/24: router}}}
security_groups:
  open: {ingress: [all from 0.0.0.0/0, "all from ::/0"], egress: [all to 0.0.0.0/0, "all to ::/0"]}
  shut: {ingress: [], egress: []}
network_interfaces:
  app-eni:
    {subnet: app-net, ip: 10.0.1.10, Ipv6Addresses: [{Ipv6Address: "2001:db8:1:a01::10"}], security_groups: open, instance: app}
  spare-eni: {subnet: edge-net, ip: 10.0.3.30, security_groups: open}
instances: {app: {}, router: {subnet: edge-net, ip: 10.0.3.20, security_groups: open}}
"""
THROUGH = "app -> 192.0.2.9 443/tcp"
AT_ENI, AT_ROUTER = "app app-eni app-net router/edge-net", "app app-eni app-net router/edge-net router"
CHECK, MAYBE = "denied ENI_SOURCE_DEST_CHECK_RESTRICTION router", "undecided VPCSIM_NOT_MODELLED router"
OFF = "instances: {router: {source_dest_check: false, security_groups: open}}"
SPARE = "\nroute_tables: {app-table: {routes: {192.0.2.0/24: spare-eni}}}"
SHUT = "\nnetwork_acls: {edge-acl: {subnets: edge-net, ingress: [], egress: []}}"
LOCKED = (
    "network_interfaces: {app-eni: {security_groups: shut}}\nnetwork_acls: {app-acl: {subnets: app-net, ingress: [], egress: []}}"
)
METADATA6 = LOCKED + "\ninstances: {app: {metadata: {HttpProtocolIpv6: enabled}}}"
ON_HOST, FROM_HOST = "app app-eni", "app-eni app"
DNS_SERVER = "\nnetwork_acls: {edge-acl: {subnets: edge-net, ingress: 100 allow tcp 53 from 0.0.0.0/0, egress: []}}"
NOBODY = "no_route NO_POSSIBLE_DESTINATION app-table"
STOP = "app app-eni app-net"
TWO = "\nnetwork_interfaces: {second-eni: {subnet: edge-net, ip: 10.0.3.40, security_groups: open, instance: app}}"
MORE = (
    "\nnetwork_interfaces: {spare-eni: {PrivateIpAddresses: [{PrivateIpAddress: 10.0.3.31}], instance: spare}}\n"
    "instances: {spare: {}}"
)

ROWS = [
    Row("the check drops what is not for the interface", NAT_INSTANCE, "", THROUGH, AT_ENI, "", CHECK),
    Row("the check is off", NAT_INSTANCE, OFF, THROUGH, AT_ROUTER, "", MAYBE),
    Row(
        "the check does not mind what is for the interface", ENI, "", "app -> router 22/tcp", AT_ROUTER,
        "router router/edge-net edge-net app-eni app",
    ),
    Row(
        "the check at an interface that is a target", ENI,
        "instances: {spare: {}}\nnetwork_interfaces: {spare-eni: {instance: spare}}" + SPARE, THROUGH,
        "app app-eni app-net spare-eni", "", "denied ENI_SOURCE_DEST_CHECK_RESTRICTION spare-eni",
    ),
    Row(
        "groups apply where the check is off", NAT_INSTANCE, OFF.replace("open", "shut"), THROUGH, AT_ENI, "",
        "denied SG_HAS_NO_RULES shut",
    ),
    Row("the ACL comes before the check", ACL, SHUT, THROUGH, AT_ENI, "", "denied SUBNET_ACL_RESTRICTION edge-acl"),
    Row(
        "an interface without an instance", ENI, "network_interfaces: {spare-eni: {source_dest_check: false}}" + SPARE, THROUGH,
        "app app-eni app-net spare-eni", "", "null_routed BAD_STATE spare-eni",
    ),
    Row(
        "an interface without an instance takes nothing for itself", ENI, "", "app -> 10.0.3.30 22/tcp",
        "app app-eni app-net spare-eni", "", "null_routed BAD_STATE spare-eni",
    ),
    Row(
        "a second address", ENI, MORE, "app -> 10.0.3.31 22/tcp", "app app-eni app-net spare-eni spare",
        "spare spare-eni edge-net app-eni app",
    ),
    Row(
        "a second interface", ENI, TWO, "router -> 10.0.3.40 22/tcp", "router router/edge-net edge-net second-eni app",
        "app second-eni edge-net router/edge-net router",
    ),
    Row("the resolver: VPC plus two", DNS, LOCKED, "app -> 10.0.0.2 53/udp", ON_HOST, FROM_HOST),
    Row("the resolver over tcp", DNS, LOCKED, "app -> 10.0.0.2 53/tcp", ON_HOST, FROM_HOST),
    Row("the resolver: link-local", DNS, LOCKED, "app -> 169.254.169.253 53/udp", ON_HOST, FROM_HOST),
    Row("the resolver: IPv6", DNS, LOCKED, "app -> fd00:ec2::253 53/udp", ON_HOST, FROM_HOST),
    Row("the resolver is not at the second block", DNS, "", "app -> 10.1.0.2 53/udp", STOP, "", NOBODY),
    Row("the resolver is not at the subnet's plus two", DNS, "", "app -> 10.0.1.2 53/udp", STOP, "", NOBODY),
    Row("instance metadata", IMDS, LOCKED, "app -> 169.254.169.254 80/tcp", ON_HOST, FROM_HOST),
    Row("instance metadata over IPv6", OPTIONS, METADATA6, "app -> fd00:ec2::254 80/tcp", ON_HOST, FROM_HOST),
    Row("which is off unless enabled", OPTIONS, "", "app -> fd00:ec2::254 80/tcp", "app", "", "denied VPCSIM_NO_SERVICE app"),
    Row(
        "instance metadata that is disabled", OPTIONS, "instances: {app: {metadata: {HttpEndpoint: disabled}}}",
        "app -> 169.254.169.254 80/tcp", "app", "", "denied VPCSIM_NO_SERVICE app",
    ),
    Row("time", TIME, LOCKED, "app -> 169.254.169.123 123/udp", ON_HOST, FROM_HOST),
    Row("time over IPv6", TIME, LOCKED, "app -> fd00:ec2::123 123/udp", ON_HOST, FROM_HOST),
    Row("task metadata", GROUPS, LOCKED, "app -> 169.254.170.2 80/tcp", ON_HOST, FROM_HOST),
    Row("DHCP: to everybody", GROUPS, LOCKED, "app -> 255.255.255.255 67/udp", ON_HOST, FROM_HOST),
    Row("DHCP: at the router of the subnet", GROUPS, LOCKED, "app -> 10.0.1.1 67/udp", ON_HOST, FROM_HOST),
    Row(
        "and nothing else there", GROUPS, LOCKED, "app -> 10.0.1.1 443/tcp", ON_HOST, "",
        "denied SG_HAS_NO_RULES shut",
    ),
    Row("Windows activation", GROUPS, LOCKED, "app -> 169.254.169.250 1688/tcp", ON_HOST, FROM_HOST),
    Row("Windows activation, its other address", WINDOWS, LOCKED, "app -> 169.254.169.251 1688/tcp", ON_HOST, FROM_HOST),
    Row("Windows activation over IPv6", WINDOWS, LOCKED, "app -> fd00:ec2::250 1688/tcp", ON_HOST, FROM_HOST),
    Row(
        "the EKS Pod Identity Agent is software", POD_IDENTITY, LOCKED, "app -> 169.254.170.23 80/tcp", ON_HOST, "",
        "undecided VPCSIM_NOT_MODELLED app-eni",
    ),
    Row(
        "the EKS Pod Identity Agent over IPv6", POD_IDENTITY, LOCKED, "app -> fd00:ec2::23 80/tcp", ON_HOST, "",
        "undecided VPCSIM_NOT_MODELLED app-eni",
    ),
    Row(
        "without a host service the locks hold", GROUPS, LOCKED, "app -> router 53/udp", ON_HOST, "",
        "denied SG_HAS_NO_RULES shut",
    ),
    Row(
        "one's own DNS server is filtered", GROUPS, DNS_SERVER, "app -> router 53/udp", AT_ENI, "",
        "denied SUBNET_ACL_RESTRICTION edge-acl",
    ),
]  # fmt: skip

OTHER = (
    "vpcs: {vpc: {}, other: 10.9.0.0/16}\nsubnets: {app-net: {vpc: vpc}, edge-net: {vpc: vpc}}\n"
    "route_tables: {app-table: {vpc: vpc}}\nsecurity_groups: {open: {vpc: vpc}, shut: {vpc: vpc}, theirs: {vpc: other}}\n"
)
FULL = (
    "subnets: {app-net: {}, small-net: 10.0.9.0/28}\ninstances: {"
    + ", ".join(f"i{n}: {{subnet: small-net, security_groups: open}}" for n in range(12))
    + "}"
)

REFUSALS = [
    Refusal(
        "an address outside of the subnet", ERRORS, "network_interfaces: {spare-eni: {ip: 10.0.4.30}}", "InvalidParameterValue",
        "spare-eni",
    ),
    Refusal(
        "the network's address", SIZING, "network_interfaces: {spare-eni: {ip: 10.0.3.0}}", "InvalidParameterValue", "spare-eni",
    ),
    Refusal(
        "the router's address", SIZING, "network_interfaces: {spare-eni: {ip: 10.0.3.1}}", "InvalidParameterValue", "spare-eni",
    ),
    Refusal(
        "the last reserved address", SIZING, "network_interfaces: {spare-eni: {ip: 10.0.3.3}}", "InvalidParameterValue",
        "spare-eni",
    ),
    Refusal(
        "the broadcast address", SIZING, "network_interfaces: {spare-eni: {ip: 10.0.3.255}}", "InvalidParameterValue",
        "spare-eni",
    ),
    Refusal(
        "the broadcast address of an instance", SIZING, "instances: {router: {ip: 10.0.3.255}}", "InvalidParameterValue",
        "router",
    ),
    Refusal(
        "a second address that is reserved", SIZING,
        "network_interfaces: {spare-eni: {PrivateIpAddresses: [{PrivateIpAddress: 10.0.3.2}]}}", "InvalidParameterValue",
        "spare-eni",
    ),
    Refusal(
        "an address that another one has", ERRORS, "network_interfaces: {spare-eni: {ip: 10.0.3.20}}", "InvalidIPAddress.InUse",
        "",
    ),
    Refusal("a subnet without a free address", ERRORS, FULL, "InsufficientFreeAddressesInSubnet", ""),
    Refusal(
        "a group of another VPC", ERRORS, OTHER + "network_interfaces: {spare-eni: {security_groups: theirs}}",
        "InvalidParameter", "spare-eni",
    ),
]  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=names(ROWS))
def test_what_an_interface_takes_and_sends(row: Row) -> None:
    check(BASE, row)


@pytest.mark.parametrize("row", REFUSALS, ids=names(REFUSALS))
def test_what_aws_refuses(row: Refusal) -> None:
    refused(BASE, row)


@pytest.mark.parametrize("resolver", ["10.0.0.2", "169.254.169.253", "fd00:ec2::253"])
def test_the_resolver_is_off_without_dns_support(resolver: str) -> None:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyVpcAttribute.html"""
    assert not ask(changed(BASE, "vpcs: {vpc: {dns_support: false}}"), f"app -> {resolver} 53/udp").reachable


def test_the_first_and_the_last_free_address() -> None:
    """https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html: five addresses are reserved."""
    last = "network_interfaces: {spare-eni: {ip: 10.0.3.254, instance: spare}}"
    net = changed(BASE, f"instances: {{router: {{ip: 10.0.3.4}}, spare: {{}}}}\n{last}")
    assert ask(net, "app -> 10.0.3.4 22/tcp").reachable
    assert ask(net, "app -> 10.0.3.254 22/tcp").reachable


def test_the_smallest_subnet_holds_eleven_interfaces() -> None:
    """https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html"""
    changed(BASE, FULL.replace(", i11: {subnet: small-net, security_groups: open}", ""))
    with pytest.raises(RefusedError, match="no free address"):
        changed(BASE, FULL)


@pytest.mark.parametrize("field", ["Ipv6Addresses", "ipv6_addresses"])
def test_fields_as_the_api_and_as_boto3_spell_them(field: str) -> None:
    net = changed(
        BASE,
        "instances: {spare: {}}\nnetwork_interfaces: {spare-eni: {subnet: app-net, ip: 10.0.1.30, instance: spare, "
        f'{field}: [{{Ipv6Address: "2001:db8:1:a01::30"}}]}}}}',
    )
    assert ask(net, "app -> 2001:db8:1:a01::30 22/tcp").reachable


def test_addresses_that_are_chosen_are_said_to_be_assumed() -> None:
    answer = ask(changed(BASE, "instances: {router: {ip: null}}"), "app -> router 22/tcp")
    assert answer.reachable
    assert any("router" in text and "assumed" in text for text in answer.assumptions)
    assert not ask(changed(BASE, ""), "app -> router 22/tcp").assumptions
