"""Carrier gateways: carrier IP addresses, what passes to and from a carrier's network and the internet, and what AWS refuses."""

from __future__ import annotations

import pytest
from networks import API, EC2, ERRORS, VPC, Refusal, Row, changed, check, names, network, refused

from vpcsim import load

PAGE = "https://docs.aws.amazon.com/wavelength/latest/developerguide/how-wavelengths-work.html"
PASSES = "https://docs.aws.amazon.com/wavelength/latest/developerguide/wavelength-quotas.html"
CARRIER = f"{VPC}Carrier_Gateway.html"
BPA = f"{VPC}security-vpc-bpa-basics.html"

BASE = """
vpcs: {vpc: 10.0.0.0/16, other: 10.1.0.0/16}
subnets:
  net: {vpc: vpc, cidr: 10.0.1.0/24, az: us-east-1-wl1-bos-wlz-1}
  far: {vpc: vpc, cidr: 10.0.2.0/24, az: us-east-1-wl1-nyc-wlz-1}
  home: {vpc: vpc, cidr: 10.0.3.0/24, az: us-east-1a}
carrier_networks: {phones: {prefixes: [100.64.0.0/16, 203.0.113.0/25], ip: 100.64.0.7}}
carrier_gateways: {gw: {vpc: vpc, network: phones}}
internet_gateways: {igw: vpc}
elastic_ips: {carrier: {instance: app, border_group: us-east-1-wl1-bos-wlz-1, carrier_ip: 198.51.100.10}}
route_tables:
  table: {vpc: vpc, subnets: [net, far], routes: {0.0.0.0/0: gw}}
  home-table: {vpc: vpc, subnets: home, routes: {192.0.2.0/24: gw, 0.0.0.0/0: igw}}
security_groups: {open: {vpc: vpc, ingress: all from 0.0.0.0/0}}
instances:
  app: {subnet: net, ip: 10.0.1.10, security_groups: open}
  plain: {subnet: net, ip: 10.0.1.20, security_groups: open}
  distant: {subnet: far, ip: 10.0.2.10, security_groups: open}
  server: {subnet: home, ip: 10.0.3.10, security_groups: open}
"""
APP = "app app/net net"
DEVICE, SITE = "app -> phones 443/tcp", "app -> 192.0.2.9 443/tcp"
AFRICA = "eu-west-3-wl1-cmn-wlz-1"
IN_AFRICA = f"""
region: eu-west-3
subnets: {{net: {{az: {AFRICA}}}, far: null, home: null}}
route_tables: {{table: {{subnets: net}}, home-table: null}}
instances: {{distant: null, server: null}}
elastic_ips: {{carrier: {{border_group: {AFRICA}}}}}
"""
EDGE, PROTOCOL = "denied VPCSIM_EDGE gw", "denied PROTOCOL_RESTRICTION gw"
UNKNOWN = "undecided VPCSIM_NOT_MODELLED gw"
NO_NETWORK = "carrier_networks: null\ncarrier_gateways: {gw: {network: null}}"
IN = "gw app/net app"

ROWS = [
    Row("out to a device", PAGE, "", DEVICE, f"{APP} gw phones", f"phones {IN}"),
    Row("in from a device", PAGE, "", "phones -> app 443/tcp", f"phones {IN}", f"{APP} gw phones"),
    Row("in from the address of a device", PAGE, "", "100.64.9.9 -> 198.51.100.10 443/tcp", f"phones {IN}", f"{APP} gw phones"),
    Row("a device with a public address", PAGE, "", "app -> 203.0.113.9 5000/udp", f"{APP} gw phones", f"phones {IN}"),
    Row("UDP with a device", PASSES, "", "phones -> app 5000/udp", f"phones {IN}", f"{APP} gw phones"),
    Row("ICMP with a device", PASSES, "", "phones -> app icmp", f"phones {IN}", f"{APP} gw phones"),
    Row("another protocol with a device", PASSES, "", "app -> phones 47", f"{APP} gw", "", UNKNOWN),
    Row("TCP out to the internet, and the response", PASSES, "", SITE, f"{APP} gw internet", f"internet {IN}"),
    Row("no TCP in from the internet", PASSES, "", "internet -> app 443/tcp", "internet gw", "", EDGE),
    Row("no UDP out to the internet", PASSES, "", "app -> 192.0.2.9 5000/udp", f"{APP} gw", "", PROTOCOL),
    Row("no UDP in from the internet", PASSES, "", "internet -> app 5000/udp", "internet gw", "", PROTOCOL),
    Row("ICMP out to the internet", PASSES, "", "app -> 192.0.2.9 icmp", f"{APP} gw internet", f"internet {IN}"),
    Row("ICMP in from the internet", PASSES, "", "internet -> app icmp", f"internet {IN}", f"{APP} gw internet"),
    Row("in Africa, TCP in", PASSES, IN_AFRICA, "internet -> app 443/tcp", f"internet {IN}", f"{APP} gw internet"),
    Row("in Africa, UDP in", PASSES, IN_AFRICA, "internet -> app 5000/udp", f"internet {IN}", f"{APP} gw internet"),
    Row("in Africa, UDP out", PASSES, IN_AFRICA, "app -> 192.0.2.9 5000/udp", f"{APP} gw internet", f"internet {IN}"),
    Row("UDP, and no word about the network", PASSES, NO_NETWORK, "app -> 192.0.2.9 5000/udp", f"{APP} gw", "", UNKNOWN),
    Row("TCP, and no word about it", PASSES, NO_NETWORK, SITE, f"{APP} gw internet", f"internet {IN}"),
    Row("a private address in no known network", PAGE, NO_NETWORK, "app -> 100.64.0.7 443/tcp", f"{APP} gw", "", UNKNOWN),
    Row("no carrier IP address", CARRIER, "", "plain -> phones 443/tcp", "plain plain/net net gw", "",
        "denied VPCSIM_NO_EDGE_ADDRESS gw"),
    Row("not for an interface in the Region", CARRIER, "", "server -> 192.0.2.9 443/tcp", "server server/home home gw", "",
        "denied VPCSIM_NO_EDGE_ADDRESS gw"),
    Row("an address that is nobody's", CARRIER, "", "phones -> 198.51.100.11 443/tcp", "phones", "",
        "undecided VPCSIM_NOT_MODELLED phones"),
    Row("a private address from outside", CARRIER, "", "phones -> plain 443/tcp", "phones", "",
        "no_route VPCSIM_NO_EDGE_ADDRESS phones"),
    Row("assigned at launch", f"{API}API_InstanceNetworkInterfaceSpecification.html",
        "elastic_ips: null\ninstances: {app: {carrier_address: true}}", "phones -> app 443/tcp", f"phones {IN}",
        f"{APP} gw phones"),
    Row("the internet gateway does not know it", CARRIER, "route_tables: {table: {routes: {0.0.0.0/0: igw}}}", SITE, f"{APP} igw",
        "", "denied IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS igw"),
    Row("the groups apply", CARRIER, "security_groups: {open: {ingress: tcp 22 from 0.0.0.0/0}}", "phones -> app 443/tcp",
        "phones gw app/net", "", "denied ENI_SG_RULES_MISMATCH open"),
    Row("two zones in one VPC", PASSES, "", "app -> distant 443/tcp", APP, "", "denied VPCSIM_EDGE net"),
    Row("a zone and its Region", PAGE, "", "app -> server 443/tcp", f"{APP} server/home server",
        "server server/home home app/net app"),
    Row("to another carrier IP address", PAGE, "instances: {plain: {carrier_address: true}}\n"
        "elastic_ips: {carrier: null, one: {instance: app, border_group: us-east-1-wl1-bos-wlz-1},"
        " two: {instance: distant, border_group: us-east-1-wl1-nyc-wlz-1, carrier_ip: 198.51.100.20}}",
        "app -> 198.51.100.20 443/tcp", f"{APP} gw", "", UNKNOWN),
    Row("Block Public Access", BPA, "block_public_access: {x: block-bidirectional}", SITE, f"{APP} gw", "",
        "denied VPC_BLOCK_PUBLIC_ACCESS_ENABLED gw"),
    Row("Block Public Access, in", BPA, "block_public_access: {x: block-ingress}", "phones -> app 443/tcp", "phones gw", "",
        "denied VPC_BLOCK_PUBLIC_ACCESS_ENABLED gw"),
    Row("deleted", CARRIER, "carrier_gateways: {gw: {state: deleted}}", SITE, APP, "", "null_routed BAD_STATE_ROUTE table"),
    Row("of another VPC", CARRIER, "carrier_gateways: {gw: {vpc: other}}", SITE, APP, "", "null_routed BAD_STATE_ROUTE table"),
    Row("IPv6", PAGE, 'vpcs: {vpc: {cidr: 10.0.0.0/16, Ipv6CidrBlockAssociationSet: [{Ipv6CidrBlock: "2001:db8:1:a00::/56"}]}}\n'
        'subnets: {home: {ipv6_cidr: "2001:db8:1:a01::/64", assign_ipv6_address_on_creation: true}}\n'
        'route_tables: {home-table: {routes: {"::/0": gw}}}', "server -> 2001:db8:99::9 443/tcp", "server server/home home gw",
        "", PROTOCOL),
]  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=names(ROWS))
def test_what_passes(row: Row) -> None:
    check(BASE, row)


def test_a_model_of_one_line_about_it() -> None:
    """Without a carrier's network the gateway still decides what does not depend on one."""
    base = """
vpcs: {vpc: 10.0.0.0/16}
subnets: {net: {vpc: vpc, cidr: 10.0.1.0/24, az: us-east-1-wl1-bos-wlz-1}}
carrier_gateways: {gw: vpc}
route_tables: {table: {vpc: vpc, subnets: net, routes: {0.0.0.0/0: gw}}}
instances: {app: {subnet: net, carrier_address: true}}
"""
    assert network(base).trace("app", "192.0.2.9").reachable


WAVELENGTH = "subnets: {net: {az: us-east-1a}, far: {az: us-east-1b}}\nelastic_ips: null"
REFUSALS = [
    Refusal("a route without a subnet in a Wavelength Zone", f"{API}API_CreateRoute.html", WAVELENGTH,
            "InvalidParameterValue InvalidParameterValue", "table"),
    Refusal("IPv6 in a Wavelength Zone", PASSES, 'vpcs: {vpc: {cidr: 10.0.0.0/16, Ipv6CidrBlockAssociationSet: '
            '[{Ipv6CidrBlock: "2001:db8:1:a00::/56"}]}}\nsubnets: {net: {ipv6_cidr: "2001:db8:1:a01::/64"}}',
            "InvalidParameterValue", "net"),
    Refusal("an endpoint in a Wavelength Zone", PASSES, "endpoints: {sqs: {vpc: vpc, service: sqs, subnets: net}}",
            "InvalidParameter", "sqs"),
    Refusal("a carrier address in the Region", f"{EC2}elastic-ip-addresses-eip.html",
            "elastic_ips: {carrier: {instance: server}}", "InvalidParameterValue", "carrier"),
    Refusal("an address of the Region in a Wavelength Zone", f"{EC2}elastic-ip-addresses-eip.html",
            "elastic_ips: {carrier: {border_group: us-east-1, carrier_ip: null}}", "InvalidParameterValue", "carrier"),
    Refusal("two in a VPC", f"{VPC}amazon-vpc-limits.html", "carrier_gateways: {second: vpc}", "", "second"),
    Refusal("two addresses for one interface", ERRORS, "elastic_ips: {z: {instance: app, border_group: us-east-1-wl1-bos-wlz-1}}",
            "Resource.AlreadyAssociated", "z"),
]  # fmt: skip


@pytest.mark.parametrize("row", REFUSALS, ids=names(REFUSALS))
def test_what_aws_refuses(row: Refusal) -> None:
    refused(BASE, row)


TEMPLATE = """
Resources:
  VPC: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
  Net:
    Type: AWS::EC2::Subnet
    Properties: {VpcId: !Ref VPC, CidrBlock: 10.0.1.0/24, AvailabilityZone: us-east-1-wl1-bos-wlz-1}
  Gateway: {Type: AWS::EC2::CarrierGateway, Properties: {VpcId: !Ref VPC}}
  Table: {Type: AWS::EC2::RouteTable, Properties: {VpcId: !Ref VPC}}
  ToCarrier:
    Type: AWS::EC2::Route
    Properties: {RouteTableId: !Ref Table, DestinationCidrBlock: 0.0.0.0/0, CarrierGatewayId: !Ref Gateway}
  Uses: {Type: AWS::EC2::SubnetRouteTableAssociation, Properties: {RouteTableId: !Ref Table, SubnetId: !Ref Net}}
  App:
    Type: AWS::EC2::Instance
    Properties:
      NetworkInterfaces: [{DeviceIndex: "0", SubnetId: !Ref Net, AssociateCarrierIpAddress: true}]
  Second: {Type: AWS::EC2::Instance, Properties: {SubnetId: !Ref Net}}
  Address: {Type: AWS::EC2::EIP, Properties: {NetworkBorderGroup: us-east-1-wl1-bos-wlz-1, InstanceId: !Ref Second}}
"""
DESCRIBED = """{
"Vpcs": [{"VpcId": "vpc-0aa", "CidrBlock": "10.0.0.0/16"}],
"Subnets": [{"SubnetId": "subnet-0aa", "VpcId": "vpc-0aa", "CidrBlock": "10.0.1.0/24",
             "AvailabilityZone": "us-east-1-wl1-bos-wlz-1"}],
"CarrierGateways": [{"CarrierGatewayId": "cagw-0aa", "VpcId": "vpc-0aa", "State": "available", "OwnerId": "111122223333"}],
"RouteTables": [{"RouteTableId": "rtb-0aa", "VpcId": "vpc-0aa", "Associations": [{"SubnetId": "subnet-0aa"}],
                 "Routes": [{"DestinationCidrBlock": "0.0.0.0/0", "CarrierGatewayId": "cagw-0aa", "State": "active"}]}],
"SecurityGroups": [{"GroupId": "sg-0aa", "GroupName": "default", "VpcId": "vpc-0aa", "IpPermissions": [],
                    "IpPermissionsEgress": [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]}],
"NetworkInterfaces": [
  {"NetworkInterfaceId": "eni-0aa", "SubnetId": "subnet-0aa", "VpcId": "vpc-0aa", "PrivateIpAddress": "10.0.1.10",
   "Groups": [{"GroupId": "sg-0aa"}], "Status": "in-use", "Attachment": {"InstanceId": "i-0aa", "DeviceIndex": 0},
   "Association": {"CarrierIp": "198.51.100.77", "IpOwnerId": "amazon"}},
  {"NetworkInterfaceId": "eni-0bb", "SubnetId": "subnet-0aa", "VpcId": "vpc-0aa", "PrivateIpAddress": "10.0.1.20",
   "Groups": [{"GroupId": "sg-0aa"}], "Status": "in-use", "Attachment": {"InstanceId": "i-0bb", "DeviceIndex": 0},
   "Association": {"CarrierIp": "198.51.100.78", "AllocationId": "eipalloc-0aa"}}],
"Addresses": [{"AllocationId": "eipalloc-0aa", "CarrierIp": "198.51.100.78", "NetworkInterfaceId": "eni-0bb", "Domain": "vpc",
               "PrivateIpAddress": "10.0.1.20", "NetworkBorderGroup": "us-east-1-wl1-bos-wlz-1"}],
"Reservations": [{"Instances": [{"InstanceId": "i-0aa"}, {"InstanceId": "i-0bb"}]}]
}"""


@pytest.mark.parametrize(
    ("text", "name", "senders"),
    [(TEMPLATE, "template.yaml", ("App", "Second")), (DESCRIBED, "account.json", ("i-0aa", "i-0bb"))],
)
def test_the_spellings(text: str, name: str, senders: tuple[str, ...], tmp_path: object) -> None:
    path = tmp_path / name  # type: ignore[operator]
    path.write_text(text)
    net = load(path)
    for sender in senders:
        answer = net.trace(sender, "192.0.2.9")
        assert answer.reachable, str(answer)
        source = answer.trip.there.arrived.source if answer.trip else ""
        assert source == {"i-0aa": "198.51.100.77", "i-0bb": "198.51.100.78"}.get(sender, source)
        assert source.startswith(("198.19.", "198.51."))


def test_a_carrier_address_stands_beside_no_public_one() -> None:
    net = changed(BASE, "")
    assert net.public_address("vpc", net.address_of("app/net")) is None
    assert net.topology.resources["carrier"].dump()["CarrierIp"] == "198.51.100.10"
