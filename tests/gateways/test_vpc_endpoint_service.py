"""Endpoint services: a provider's load balancers behind the endpoints of its consumers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from networks import ANALYZER, API, PRIVATELINK, Refusal, Row, ask, changed, check, end_of, names, refused

import vpcsim
from vpcsim.prefixes import address_text

CREATE = f"{PRIVATELINK}create-endpoint-service.html"
SHARE = f"{PRIVATELINK}privatelink-share-your-services.html"
DNS = f"{PRIVATELINK}manage-dns-names.html"
CONCEPTS = f"{PRIVATELINK}concepts.html"
GATEWAY = f"{PRIVATELINK}create-gateway-load-balancer-endpoint-service.html"
NLB_GROUPS = "https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-security-groups.html"
PRESERVE = "https://docs.aws.amazon.com/elasticloadbalancing/latest/network/edit-target-group-attributes.html"
REGISTER = "https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_RegisterTargets.html"

BASE = """
vpcs: {consumer: {cidr: 10.0.0.0/16, dns_hostnames: true}, provider: {cidr: 10.0.0.0/16, dns_hostnames: true}}
subnets:
  use-a: {vpc: consumer, cidr: 10.0.0.0/24, az: us-east-1a}
  use-b: {vpc: consumer, cidr: 10.0.1.0/24, az: us-east-1b}
  give-a: {vpc: provider, cidr: 10.0.0.0/24, az: us-east-1a}
  give-b: {vpc: provider, cidr: 10.0.1.0/24, az: us-east-1b}
security_groups:
  use-sg: {vpc: consumer, ingress: tcp 443 from 10.0.0.0/16}
  nlb-sg: {vpc: provider, ingress: tcp 443 from 10.0.0.0/16}
  api-sg: {vpc: provider, ingress: tcp 8443 from nlb-sg}
instances:
  client: {subnet: use-a, ip: 10.0.0.10, security_groups: use-sg}
  api: {subnet: give-b, ip: 10.0.1.10, security_groups: api-sg}
  twin: {subnet: give-a, ip: 10.0.0.10, security_groups: api-sg}
load_balancers:
  nlb:
    {type: network, scheme: internal, cross_zone: true, subnets: [give-a, give-b], security_groups: nlb-sg,
     listeners: {443: apis}}
  fw: {type: gateway, subnets: give-a, listeners: walls}
target_groups: {apis: {vpc: provider, protocol: TCP, port: 8443, targets: api}, walls: {vpc: provider, targets: twin:6081}}
endpoint_services: {service: {load_balancers: nlb, acceptance_required: false}}
endpoints: {door: {vpc: consumer, service: service, subnets: use-a, security_groups: use-sg}}
"""

HERE_ONLY = "load_balancers: {nlb: {subnets: give-b}}"
EXISTS = "endpoints: {door: {state: available}}"
NO_FILTER = "load_balancers: {nlb: {filter_privatelink: false}}"
CLOSED = "security_groups: {nlb-sg: {ingress: tcp 443 from 192.0.2.0/24}}"

ROWS = [
    Row(
        "through an endpoint to the provider", CREATE, "", "client -> door 443/tcp",
        "client client/use-a use-a door/use-a door service nlb nlb/give-a give-a api/give-b api",
        "api api/give-b give-b nlb/give-a nlb service door door/use-a use-a client/use-a client",
    ),
    Row(
        "pending, nothing passes", CONCEPTS, "endpoints: {door: {state: pendingAcceptance}}", "client -> door 443/tcp",
        "client client/use-a use-a door/use-a door", "", "denied BAD_STATE door",
    ),
    Row(
        "rejected, nothing passes", CONCEPTS, "endpoints: {door: {state: rejected}}", "client -> door 443/tcp",
        "client client/use-a use-a door/use-a door", "", "denied BAD_STATE door",
    ),
    Row(
        "a request that nobody accepted", CREATE, "endpoint_services: {service: {acceptance_required: true}}",
        "client -> door 443/tcp", "client client/use-a use-a door/use-a door", "", "denied BAD_STATE door",
    ),
    Row(
        "a request that was accepted", CREATE, "endpoint_services: {service: {acceptance_required: true, accepted: door}}",
        "client -> door 443/tcp", "client client/use-a use-a door/use-a door service nlb nlb/give-a give-a api/give-b api",
        "api api/give-b give-b nlb/give-a nlb service door door/use-a use-a client/use-a client",
    ),
    Row(
        "an endpoint that is known to be available", CREATE,
        f"endpoint_services: {{service: {{acceptance_required: true}}}}\n{EXISTS}", "client -> door 443/tcp",
        "client client/use-a use-a door/use-a door service nlb nlb/give-a give-a api/give-b api",
        "api api/give-b give-b nlb/give-a nlb service door door/use-a use-a client/use-a client",
    ),
    Row(
        "its zone has no node any more", ANALYZER, f"{HERE_ONLY}\n{EXISTS}", "client -> door 443/tcp",
        "client client/use-a use-a door/use-a door service", "", "denied VPCE_SERVICE_NOT_INSTALLED_IN_AZ service",
    ),
    Row(
        "the endpoint's group filters", CREATE, "security_groups: {use-sg: {ingress: tcp 80 from 10.0.0.0/16}}",
        "client -> door 443/tcp", "client client/use-a use-a door/use-a", "", "denied ENI_SG_RULES_MISMATCH use-sg",
    ),
    Row(
        "the load balancer's group sees the client's address", NLB_GROUPS,
        "security_groups: {nlb-sg: {ingress: tcp 443 from 10.0.0.10/32}}", "client -> door 443/tcp",
        "client client/use-a use-a door/use-a door service nlb nlb/give-a give-a api/give-b api",
        "api api/give-b give-b nlb/give-a nlb service door door/use-a use-a client/use-a client",
    ),
    Row(
        "the load balancer's group filters", NLB_GROUPS, CLOSED, "client -> door 443/tcp",
        "client client/use-a use-a door/use-a door service nlb", "", "denied ENI_SG_RULES_MISMATCH nlb-sg",
    ),
    Row(
        "the load balancer's group is told not to", NLB_GROUPS, f"{CLOSED}\n{NO_FILTER}", "client -> door 443/tcp",
        "client client/use-a use-a door/use-a door service nlb nlb/give-a give-a api/give-b api",
        "api api/give-b give-b nlb/give-a nlb service door door/use-a use-a client/use-a client",
    ),
    Row(
        "a client's address is not that of a provider's instance", NLB_GROUPS,
        "security_groups: {nlb-sg: {ingress: tcp 443 from api-sg}}", "client -> door 443/tcp",
        "client client/use-a use-a door/use-a door service nlb", "", "denied ENI_SG_RULES_MISMATCH nlb-sg",
    ),
    Row(
        "targets see the load balancer, not the client", PRESERVE,
        "security_groups: {api-sg: {ingress: tcp 8443 from 10.0.0.10/32}}", "client -> door 443/tcp",
        "client client/use-a use-a door/use-a door service nlb nlb/give-a give-a api/give-b", "",
        "denied ENI_SG_RULES_MISMATCH api-sg",
    ),
    Row(
        "targets see the load balancer, also with client IP preservation", PRESERVE,
        "target_groups: {apis: {preserve_client_ip: true}}", "client -> door 443/tcp",
        "client client/use-a use-a door/use-a door service nlb nlb/give-a give-a api/give-b api",
        "api api/give-b give-b nlb/give-a nlb service door door/use-a use-a client/use-a client",
    ),
    Row(
        "no listener", CREATE,
        "security_groups: {use-sg: {ingress: all from 0.0.0.0/0}, nlb-sg: {ingress: all from 0.0.0.0/0}}",
        "client -> door 80/tcp", "client client/use-a use-a door/use-a door service nlb", "",
        "denied ELBV2_LISTENER_PORT_RESTRICTION nlb",
    ),
    Row(
        "only its own zone is tried", CREATE, "load_balancers: {nlb: {cross_zone: false}}", "client -> door 443/tcp",
        "client client/use-a use-a door/use-a door service nlb", "", "denied ELBV2_NO_TARGETS_IN_AZ nlb",
    ),
    Row(
        "no ping", CONCEPTS, "security_groups: {use-sg: {ingress: all from 0.0.0.0/0}}", "client -> door icmp",
        "client client/use-a use-a door/use-a door", "", "denied PROTOCOL_RESTRICTION door",
    ),
]  # fmt: skip

NAME = "private_dns_name: api.partner.example"
REFUSALS = [
    Refusal(
        "a private name that is not verified", DNS,
        f"endpoint_services: {{service: {{{NAME}}}}}\nendpoints: {{door: {{private_dns: true}}}}", "InvalidParameter", "door",
    ),
    Refusal("no private name at all", DNS, "endpoints: {door: {private_dns: true}}", "InvalidParameter", "door"),
    Refusal("a zone without the service", CREATE, HERE_ONLY, "InvalidParameter", "door"),
    Refusal("no load balancer", f"{API}API_CreateVpcEndpointServiceConfiguration.html",
            "endpoint_services: {bare: {}}", "MissingParameter", "bare"),
    Refusal(
        "an Application Load Balancer", CREATE,
        "load_balancers: {alb: {scheme: internal, subnets: [give-a, give-b]}}\nendpoint_services: {bare: {load_balancers: alb}}",
        "InvalidParameter", "bare",
    ),
    Refusal(
        "load balancers of two types", CREATE, "endpoint_services: {bare: {load_balancers: [nlb, fw]}}", "InvalidParameter",
        "bare",
    ),
    Refusal(
        "a private name in front of appliances", DNS, f"endpoint_services: {{bare: {{load_balancers: fw, {NAME}}}}}",
        "InvalidParameter", "bare",
    ),
    Refusal(
        "an interface endpoint in front of appliances", GATEWAY, "endpoint_services: {service: {load_balancers: fw}}",
        "InvalidParameter", "door",
    ),
    Refusal(
        "an instance of another VPC in a target group", REGISTER, "target_groups: {apis: {targets: client}}", "InvalidTarget",
        "apis",
    ),
    Refusal(
        "a target group of another VPC", REGISTER, "target_groups: {apis: {vpc: consumer, targets: client}}",
        "InvalidConfigurationRequest", "nlb/listener-443",
    ),
]  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=names(ROWS))
def test_every_rule_there_and_back(row: Row) -> None:
    check(BASE, row)


@pytest.mark.parametrize("row", REFUSALS, ids=names(REFUSALS))
def test_what_aws_refuses(row: Refusal) -> None:
    refused(BASE, row)


def test_the_refusal_of_an_unverified_name_says_whose_it_is() -> None:
    changes = f"endpoint_services: {{service: {{{NAME}}}}}\nendpoints: {{door: {{private_dns: true}}}}"
    with pytest.raises(vpcsim.RefusedError, match=r"domain api.partner.example is not verified by the provider"):
        changed(BASE, changes)


def test_a_pending_request_is_told() -> None:
    answer = ask(changed(BASE, "endpoints: {door: {state: pendingAcceptance}}"), "client -> door 443/tcp")
    assert (
        answer.because == "door: the endpoint is in state pendingAcceptance and carries no traffic until the provider accepts it"
    )


def test_the_provider_sees_the_load_balancer() -> None:
    net = changed(BASE, "")
    seen = ask(net, "client -> door 443/tcp").trips[0].there.arrived
    assert seen.src == net.address_of("nlb/give-a")
    assert (seen.destination, seen.dst_port) == ("10.0.1.10", (8443, 8443))


def test_a_verified_name_answers_with_the_endpoint() -> None:
    changes = f"endpoint_services: {{service: {{{NAME}, verified: true}}}}\nendpoints: {{door: {{private_dns: true}}}}"
    net = changed(BASE, changes)
    assert net.trace("client", "https://api.partner.example").reachable
    assert net.resolve("client", "api.partner.example").owner == "door"
    assert net.resolve("api", "api.partner.example").owner != "door"


def test_the_endpoints_own_name_leads_to_it() -> None:
    net = changed(BASE, "")
    door = net.topology.resources["door"]
    assert ".vpce-svc-" in door.regional_name  # type: ignore[attr-defined]
    assert net.trace("client", f"https://{door.regional_name}").reachable  # type: ignore[attr-defined]


def test_every_target_behind_an_endpoint_is_tried() -> None:
    net = changed(BASE, "target_groups: {apis: {targets: [api, twin]}}")
    answer = ask(net, "client -> door 443/tcp")
    assert [trip.there.at for trip in answer.trips] == ["api", "twin"]


def test_a_template_names_the_service_by_its_ref(tmp_path: Path) -> None:
    service = {"Fn::Sub": "com.amazonaws.vpce.${AWS::Region}.${Service}"}
    net = _template(tmp_path, service, AcceptanceRequired=False)
    assert net.trace("Client", "Door:443").reachable
    assert [skipped.id for skipped in net.topology.settings.skipped] == ["Allowed"]


def test_in_a_template_nobody_accepts(tmp_path: Path) -> None:
    service = {"Fn::Sub": "com.amazonaws.vpce.${AWS::Region}.${Service}"}
    answer = _template(tmp_path, service).trace("Client", "Door:443")
    assert end_of(answer) == "denied BAD_STATE Door"


def _template(tmp_path: Path, service: object, **more: object) -> vpcsim.Network:
    def subnet(number: int) -> dict[str, object]:
        return {"Type": "AWS::EC2::Subnet", "Properties": {"VpcId": {"Ref": "Vpc"}, "CidrBlock": f"10.0.{number}.0/24"}}

    group = {"IpProtocol": "-1", "CidrIp": "0.0.0.0/0"}
    resources = {
        "Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}},
        "A": subnet(0),
        "Open": {
            "Type": "AWS::EC2::SecurityGroup",
            "Properties": {"VpcId": {"Ref": "Vpc"}, "GroupDescription": "open", "SecurityGroupIngress": [group]},
        },
        "Client": _instance(),
        "Api": _instance(),
        "Nlb": {
            "Type": "AWS::ElasticLoadBalancingV2::LoadBalancer",
            "Properties": {"Type": "network", "Scheme": "internal", "Subnets": [{"Ref": "A"}]},
        },
        "Listen": {
            "Type": "AWS::ElasticLoadBalancingV2::Listener",
            "Properties": {
                "LoadBalancerArn": {"Ref": "Nlb"},
                "Port": 443,
                "Protocol": "TCP",
                "DefaultActions": [{"Type": "forward", "TargetGroupArn": {"Ref": "Apis"}}],
            },
        },
        "Apis": {
            "Type": "AWS::ElasticLoadBalancingV2::TargetGroup",
            "Properties": {"VpcId": {"Ref": "Vpc"}, "Port": 443, "Protocol": "TCP", "Targets": [{"Id": {"Ref": "Api"}}]},
        },
        "Service": {
            "Type": "AWS::EC2::VPCEndpointService",
            "Properties": {"NetworkLoadBalancerArns": [{"Ref": "Nlb"}], **more},
        },
        "Allowed": {
            "Type": "AWS::EC2::VPCEndpointServicePermissions",
            "Properties": {"ServiceId": {"Ref": "Service"}, "AllowedPrincipals": ["arn:aws:iam::123456789012:root"]},
        },
        "Door": {
            "Type": "AWS::EC2::VPCEndpoint",
            "Properties": {
                "VpcEndpointType": "Interface",
                "VpcId": {"Ref": "Vpc"},
                "ServiceName": service,
                "SubnetIds": [{"Ref": "A"}],
                "SecurityGroupIds": [{"Ref": "Open"}],
            },
        },
    }
    (tmp_path / "t.json").write_text(json.dumps({"Resources": resources}))
    return vpcsim.load(tmp_path / "t.json")


def _instance() -> dict[str, object]:
    return {"Type": "AWS::EC2::Instance", "Properties": {"SubnetId": {"Ref": "A"}, "SecurityGroupIds": [{"Ref": "Open"}]}}


def test_of_several_load_balancers_each_is_tried() -> None:
    """https://docs.aws.amazon.com/vpc/latest/privatelink/create-endpoint-service.html"""
    more = "more: {type: network, scheme: internal, subnets: [give-a], security_groups: nlb-sg, listeners: {443: twins}}"
    net = changed(
        BASE,
        f"load_balancers: {{{more}}}\ntarget_groups: {{twins: {{vpc: provider, protocol: TCP, port: 9443, targets: twin}}}}\n"
        "endpoint_services: {service: {load_balancers: [nlb, more]}}",
    )
    answer = ask(net, "client -> door 443/tcp")
    assert answer.reachable
    assert [trip.there.at for trip in answer.trips] == ["api", "twin/give-a"]
    assert any("api-sg: no inbound rule admits 9443/tcp" in note for note in answer.notes)


PERMISSIONS = f"{PRIVATELINK}configure-endpoint-service.html"
STRANGER = "vpcs: {consumer: {account: '444455556666'}}"


def test_another_account_needs_permission() -> None:
    refused(BASE, Refusal("no permission", PERMISSIONS, STRANGER, "InvalidServiceName", "door"))
    wrong = f"{STRANGER}\nendpoint_services: {{service: {{allowed: 'arn:aws:iam::999988887777:root'}}}}"
    refused(BASE, Refusal("another's permission", PERMISSIONS, wrong, "InvalidServiceName", "door"))


@pytest.mark.parametrize("principal", ["'*'", "'444455556666'", "'arn:aws:iam::444455556666:root'"])
def test_an_account_with_permission_asks_for_the_service(principal: str) -> None:
    """https://docs.aws.amazon.com/vpc/latest/privatelink/configure-endpoint-service.html"""
    net = changed(BASE, f"{STRANGER}\nendpoint_services: {{service: {{allowed: {principal}}}}}")
    assert ask(net, "client -> door 443/tcp").reachable


def test_which_load_balancer_serves_another_region_is_undecided() -> None:
    """https://docs.aws.amazon.com/vpc/latest/privatelink/privatelink-share-your-services.html"""
    far = "{region: us-west-2}"
    zones = "use-a: {az: us-west-2a}, use-b: {az: us-west-2b}"
    door = "{service: com.amazonaws.vpce.us-east-1.vpce-svc-0123456789abcdef0, service_region: us-east-1}"
    named = "{service: {service: com.amazonaws.vpce.us-east-1.vpce-svc-0123456789abcdef0}}"
    changes = f"vpcs: {{consumer: {far}}}\nsubnets: {{{zones}}}\nendpoints: {{door: {door}}}\nendpoint_services: {named}"
    answer = ask(changed(BASE, changes), "client -> door 443/tcp")
    assert (answer.verdict, end_of(answer)) == ("undecided", "undecided VPCSIM_NOT_MODELLED service")


BOTH = """
vpcs: {consumer: {ipv6: "2001:db8::/56"}, provider: {ipv6: "2001:db8:1::/56"}}
subnets:
  use-a: {ipv6_cidr: "2001:db8::/64"}
  use-b: {ipv6_cidr: "2001:db8:0:1::/64"}
  give-a: {ipv6_cidr: "2001:db8:1::/64"}
  give-b: {ipv6_cidr: "2001:db8:1:1::/64"}
security_groups: {use-sg: {ingress: "tcp 443 from ::/0", egress: ["all to ::/0"]}, nlb-sg: {ingress: "tcp 443 from ::/0"}}
instances: {client: {ipv6: "2001:db8::10"}}
endpoints: {door: {ip_type: dualstack}}
"""
DUAL = BOTH + "load_balancers: {nlb: {ip_type: dualstack}}\n"
OFFERS = "endpoint_services: {service: {ip_types: [ipv4, ipv6]}}"


def test_ipv6_through_an_endpoint_to_targets_of_ipv4() -> None:
    """Source: https://docs.aws.amazon.com/vpc/latest/privatelink/privatelink-share-your-services.html"""
    net = changed(BASE, DUAL + OFFERS)
    answer = ask(net, f"client -> {address_text(net.address_of('door/use-a', 6))} 443/tcp")
    assert answer.reachable, answer.because
    assert answer.trips[0].there.arrived.destination == "10.0.1.10"


FAMILIES = [
    Refusal("a service over IPv6 behind an IPv4 load balancer", SHARE, BOTH + OFFERS, "InvalidParameter", "service"),
    Refusal("an endpoint with IPv6 of a service without", SHARE, DUAL, "InvalidParameter", "door"),
    Refusal(
        "an endpoint of IPv4 of a service over IPv6 only", SHARE,
        DUAL + "endpoint_services: {service: {ip_types: ipv6}}", "InvalidParameter", "door",
    ),
    Refusal("an unknown type", CREATE, "endpoint_services: {service: {ip_types: [ipv4, both]}}", "InvalidParameter", "service"),
    Refusal(
        "AWS offers its service in another zone only", f"{PRIVATELINK}create-interface-endpoint.html",
        "service_details: {sqs: us-east-1b}\n"
        "endpoints: {sqs: {vpc: consumer, service: sqs, subnets: [use-a, use-b], private_dns: false}}",
        "InvalidParameter", "sqs",
    ),
]  # fmt: skip


@pytest.mark.parametrize("row", FAMILIES, ids=names(FAMILIES))
def test_families_and_zones_that_aws_refuses(row: Refusal) -> None:
    refused(BASE, row)


def test_zones_of_a_service_in_describe_output(tmp_path: Path) -> None:
    """Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ServiceDetail.html"""
    details = {"ServiceName": "com.amazonaws.us-east-1.sqs", "AvailabilityZones": ["us-east-1b"], "Owner": "amazon"}
    (tmp_path / "details.json").write_text(json.dumps({"ServiceDetails": [details], "ServiceNames": [details["ServiceName"]]}))
    base = "vpcs: {v: 10.0.0.0/16}\nsubnets: {a: {vpc: v, cidr: 10.0.0.0/24, az: ZONE}}\n"
    base += "endpoints: {q: {vpc: v, service: sqs, subnets: a}}\n"
    (tmp_path / "network.yaml").write_text(base.replace("ZONE", "us-east-1b"))
    assert vpcsim.load(tmp_path / "details.json", tmp_path / "network.yaml")
    (tmp_path / "network.yaml").write_text(base.replace("ZONE", "us-east-1a"))
    with pytest.raises(vpcsim.RefusedError, match=r"com\.amazonaws\.us-east-1\.sqs does not support the Avail"):
        vpcsim.load(tmp_path / "details.json", tmp_path / "network.yaml")
