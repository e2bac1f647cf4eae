"""Service insertion of core networks: by way of which attachment traffic goes, and what comes back from there."""

from __future__ import annotations

import json
from typing import Any

import pytest
from networks import Refusal, Row, check, names, refused

WAN = "https://docs.aws.amazon.com/network-manager/latest/cloudwan/"
INSERTION, POLICY = f"{WAN}cloudwan-policy-service-insertion.html", f"{WAN}cloudwan-policies-json.html"
ACTION = "https://docs.aws.amazon.com/networkmanager/latest/APIReference/API_ServiceInsertionAction.html"
EAST, WEST, SOUTH = "us-east-1", "eu-west-1", "sa-east-1"


def document(*actions: dict[str, Any], **segments: dict[str, Any]) -> dict[str, Any]:
    made = [{"name": name, "require-attachment-acceptance": False, **segments.get(name, {})} for name in ("prod", "dev")]
    rules = [
        {
            "rule-number": 10,
            "conditions": [{"type": "tag-exists", "key": "inspection"}],
            "action": {"add-to-network-function-group": "inspect"},
        },
        {
            "rule-number": 20,
            "conditions": [{"type": "tag-exists", "key": "segment"}],
            "action": {"association-method": "tag", "tag-value-of-key": "segment"},
        },
    ]
    return {
        "version": "2021.12",
        "core-network-configuration": {
            "asn-ranges": ["64520-64599"],
            "edge-locations": [{"location": e} for e in (EAST, WEST, SOUTH)],
        },
        "segments": made,
        "network-function-groups": [{"name": "inspect", "require-attachment-acceptance": False}],
        "segment-actions": [*actions],
        "attachment-policies": rules,
    }


def via(*overrides: dict[str, Any]) -> dict[str, Any]:
    return {"network-function-groups": ["inspect"], **({"with-edge-overrides": [*overrides]} if overrides else {})}


def send_via(mode: str = "single-hop", to: Any = ("dev",), **more: Any) -> dict[str, Any]:
    sent = {"when-sent-to": {"segments": to if to == "*" else [*to]}} if to else {}
    return {"action": "send-via", "segment": "prod", "mode": mode, "via": via(), **sent, **more}


def policy(*actions: dict[str, Any], **segments: dict[str, Any]) -> str:
    return f"core_networks: {{wan: {{policy: {json.dumps(document(*actions, **segments))}}}}}\n"


SEND_TO = {"action": "send-to", "segment": "prod", "via": via()}
BASE = f"""
region: us-east-1
vpcs:
  one: 10.1.0.0/16
  two: 10.2.0.0/16
  dev: 10.5.0.0/16
  far: {{cidr: 10.6.0.0/16, region: eu-west-1}}
  insp: 10.100.0.0/16
  far-insp: {{cidr: 10.101.0.0/16, region: eu-west-1}}
subnets:
  one-net: {{vpc: one, cidr: 10.1.1.0/24, az: us-east-1a}}
  two-net: {{vpc: two, cidr: 10.2.1.0/24, az: us-east-1a}}
  dev-net: {{vpc: dev, cidr: 10.5.1.0/24, az: us-east-1a}}
  far-net: {{vpc: far, cidr: 10.6.1.0/24, az: eu-west-1a}}
  insp-net: {{vpc: insp, cidr: 10.100.1.0/24, az: us-east-1a}}
  far-insp-net: {{vpc: far-insp, cidr: 10.101.1.0/24, az: eu-west-1a}}
core_networks: {{wan: {{policy: {json.dumps(document(send_via()))}}}}}
core_network_attachments:
  att-one: {{core_network: wan, vpc: one, subnets: one-net, tags: {{segment: prod}}}}
  att-two: {{core_network: wan, vpc: two, subnets: two-net, tags: {{segment: prod}}}}
  att-dev: {{core_network: wan, vpc: dev, subnets: dev-net, tags: {{segment: dev}}}}
  att-far: {{core_network: wan, vpc: far, subnets: far-net, tags: {{segment: dev}}}}
  att-insp: {{core_network: wan, vpc: insp, subnets: insp-net, appliance_mode: true, tags: {{inspection: east}}}}
route_tables:
  table-one: {{vpc: one, subnets: one-net, routes: {{0.0.0.0/0: wan}}}}
  table-two: {{vpc: two, subnets: two-net, routes: {{0.0.0.0/0: wan}}}}
  table-dev: {{vpc: dev, subnets: dev-net, routes: {{0.0.0.0/0: wan}}}}
  table-far: {{vpc: far, subnets: far-net, routes: {{0.0.0.0/0: wan}}}}
  table-insp: {{vpc: insp, subnets: insp-net, routes: {{10.0.0.0/8: wan}}}}
  table-far-insp: {{vpc: far-insp, subnets: far-insp-net, routes: {{10.0.0.0/8: wan}}}}
security_groups:
  one-sg: {{vpc: one, ingress: all from 0.0.0.0/0}}
  two-sg: {{vpc: two, ingress: all from 0.0.0.0/0}}
  dev-sg: {{vpc: dev, ingress: all from 0.0.0.0/0}}
  far-sg: {{vpc: far, ingress: all from 0.0.0.0/0}}
instances:
  app: {{subnet: one-net, ip: 10.1.1.10, security_groups: one-sg}}
  two-app: {{subnet: two-net, ip: 10.2.1.10, security_groups: two-sg}}
  dev-app: {{subnet: dev-net, ip: 10.5.1.10, security_groups: dev-sg}}
  far-app: {{subnet: far-net, ip: 10.6.1.10, security_groups: far-sg}}
"""
APP, DEV, FAR = "app app/one-net one-net wan", "dev-app dev-app/dev-net dev-net wan", "far-app far-app/far-net far-net wan"
INTO_APP, INTO_DEV, INTO_FAR = "one-net app/one-net app", "dev-net dev-app/dev-net dev-app", "far-net far-app/far-net far-app"
ASK, ASK_FAR, ASK_TWO = "app -> dev-app 443/tcp", "app -> far-app 443/tcp", "app -> two-app 443/tcp"
OUT, BACK = f"{APP} insp-net wan {INTO_DEV}", f"{DEV} insp-net wan {INTO_APP}"
TWO, TWO_BACK = f"{APP} two-net two-app/two-net two-app", f"two-app two-app/two-net two-net wan {INTO_APP}"
BY_TWO = f"{APP} insp-net wan two-net two-app/two-net two-app"
TWO_BY = f"two-app two-app/two-net two-net wan insp-net wan {INTO_APP}"
PROD = "wan/prod/us-east-1"
NOT_TOLD = f"undecided VPCSIM_NOT_MODELLED {PROD}"
BOTH = """
core_network_attachments: {att-far-insp: {core_network: wan, vpc: far-insp, subnets: far-insp-net, tags: {inspection: west}}}
"""
WESTWARD = via({"edge-sets": [[EAST, WEST]], "use-edge-location": WEST})
ONLY_WEST = BOTH.replace("{att-far", "{att-insp: null, att-far")
NOBODY = "core_network_attachments: {att-insp: null}\n"
ISOLATED = {"isolate-attachments": True}

ROWS = [
    Row("send-via: by way of the group, both ways", INSERTION, "", ASK, OUT, BACK),
    Row("send-via: from the other end too", INSERTION, "", "dev-app -> app 443/tcp", BACK, OUT),
    Row("send-via: not inside the segment", POLICY, "", ASK_TWO, TWO, TWO_BACK),
    Row("send-via: another segment only", POLICY, policy(send_via(to=("prod",))), ASK, APP, "",
        f"no_route NO_ROUTE_TO_DESTINATION {PROD}"),
    Row("send-via: inside an isolated segment", INSERTION, policy(send_via(to="*"), prod=ISOLATED), ASK_TWO, BY_TWO, TWO_BY),
    Row("send-via: its own segment if it names none", POLICY, policy(send_via(to=()), prod=ISOLATED), ASK_TWO, BY_TWO, TWO_BY),
    Row("send-via: inside a segment that isolates nothing", INSERTION, policy(send_via(to="*")), ASK_TWO, TWO, TWO_BACK),
    Row("send-via: all segments", POLICY, policy(send_via(to="*")), ASK, OUT, BACK),
    Row("send-via: a group without attachments drops", INSERTION, NOBODY, ASK, APP, "", f"null_routed BAD_STATE_ROUTE {PROD}"),
    Row("single-hop: the only Region of the two", INSERTION, "", ASK_FAR, f"{APP} insp-net wan {INTO_FAR}",
        f"{FAR} insp-net wan {INTO_APP}"),
    Row("single-hop: one of both Regions", INSERTION, BOTH, ASK_FAR, APP, "", NOT_TOLD),
    Row("single-hop: the Region of an override", POLICY, BOTH + policy(send_via(via=WESTWARD)), ASK_FAR,
        f"{APP} far-insp-net wan {INTO_FAR}", f"{FAR} far-insp-net wan {INTO_APP}"),
    Row("single-hop: the own Region", INSERTION, BOTH, ASK, OUT, BACK),
    Row("single-hop: a Region that is neither", INSERTION, ONLY_WEST, ASK, APP,
        "", NOT_TOLD),
    Row("dual-hop: in one Region", INSERTION, policy(send_via("dual-hop")), ASK, OUT, BACK),
    Row("dual-hop: between Regions", INSERTION, BOTH + policy(send_via("dual-hop")), ASK_FAR, f"{APP} insp-net wan", "",
        "undecided VPCSIM_NOT_MODELLED wan/inspect/us-east-1"),
    Row("dual-hop: a Region without the group", ACTION, policy(send_via("dual-hop")), "far-app -> app 443/tcp", FAR, "",
        "null_routed BAD_STATE_ROUTE wan/dev/eu-west-1"),
    Row("send-to: everything else", INSERTION, policy(SEND_TO), "app -> 198.51.100.9 443/tcp", f"{APP} insp-net", "",
        "no_route NO_ROUTE_TO_DESTINATION table-insp"),
    Row("send-to: not what the segment reaches", INSERTION, policy(SEND_TO), ASK_TWO, TWO, TWO_BACK),
    Row("send-to: the group reaches the segment", INSERTION, policy(SEND_TO)
        + "instances: {nat: {subnet: insp-net, ip: 10.100.1.10}}", "nat -> app 443/tcp",
        f"nat nat/insp-net insp-net wan {INTO_APP}",
        f"{APP} insp-net nat/insp-net nat"),
    Row("shared and sent via", POLICY, policy(send_via(), {"action": "share", "segment": "prod", "share-with": ["dev"]}), ASK,
        APP, "",
        NOT_TOLD),
]  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=names(ROWS))
def test_a_rule(row: Row) -> None:
    check(BASE, row)


PUT = "https://docs.aws.amazon.com/networkmanager/latest/APIReference/API_PutCoreNetworkPolicy.html"
REFUSALS = [
    Refusal("no group", PUT, policy({"action": "send-to", "segment": "prod"}), "CoreNetworkPolicyException", "wan"),
    Refusal("a group that is not there", PUT, policy({**SEND_TO, "via": {"network-function-groups": ["inspects"]}}),
            "CoreNetworkPolicyException", "wan"),
    Refusal("a segment that is not there", PUT, policy(send_via(to=("test",))), "CoreNetworkPolicyException", "wan"),
]  # fmt: skip


@pytest.mark.parametrize("row", REFUSALS, ids=names(REFUSALS))
def test_a_refusal(row: Refusal) -> None:
    refused(BASE, row)
