"""Routing policies of core networks: what they drop at attachments, between segments and Regions, and what they change."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import test_core_network as of_templates
import test_core_network_hybrid as hybrid
import test_core_network_insertion as insertion
import yaml
from networks import Refusal, Row, ask, changed, check, names, refused
from test_core_network import (
    ASK,
    ASK_FAR,
    ASK_HUB,
    BACK,
    BASE,
    DOCUMENT,
    FROM_FAR,
    FROM_HUB,
    IN_HUB,
    IN_ONE,
    NO_ROUTE,
    NOT_SAID,
    OUT,
    POLICY,
    TO_FAR,
    TO_HUB,
    WAN,
    policy,
)

import vpcsim

ROUTING = f"{WAN}cloudwan-routing-policies.html"
EXAMPLE, CREATE = f"{WAN}cloudwan-policy-examples-routing-policies.html", f"{WAN}cloudwan-route-policy.html"
ACTIONS = f"{WAN}cloudwan-policy-network-actions-routes.html"
LABELS = "https://docs.aws.amazon.com/networkmanager/latest/APIReference/API_ListAttachmentRoutingPolicyAssociations.html"

Rule = dict[str, Any]


def rule(number: int, action: Any, *conditions: tuple[str, Any], logic: str = "or") -> Rule:
    made = action if isinstance(action, dict) else {"type": action}
    matches = [{"type": type, "value": value} for type, value in conditions]
    return {"rule-number": number, "rule-definition": {"match-conditions": matches, "condition-logic": logic, "action": made}}


def routing(*rules: Rule, name: str = "mine", direction: str = "inbound", number: int = 100) -> dict[str, Any]:
    return {"routing-policy-name": name, "routing-policy-direction": direction, "routing-policy-number": number,
            "routing-policy-rules": [*rules]}  # fmt: skip


def labelled(*policies: dict[str, Any], label: str = "x", on: str = "att-two", **more: Any) -> str:
    """The policies, at the attachments with a label."""
    found = {"rule-number": 10, "conditions": [{"type": "routing-policy-label", "value": "x"}],
             "action": {"associate-routing-policies": [p["routing-policy-name"] for p in policies]}, **more}  # fmt: skip
    document = policy(version="2025.11", routing_policies=[*policies], attachment_routing_policy_rules=[found])
    return document + f"core_network_attachments: {{{on}: {{routing_policy_label: {json.dumps(label)}}}}}\n"


def shared(*policies: dict[str, Any], segment: str = "shared", others: Any = ("prod", "dev")) -> str:
    share = {"action": "share", "mode": "attachment-route", "segment": segment, "share-with": [*others],
             "routing-policy-names": [p["routing-policy-name"] for p in policies]}  # fmt: skip
    return policy(version="2025.11", routing_policies=[*policies], segment_actions=[share])


def paired(
    *policies: dict[str, Any],
    first: str = "us-east-1",
    second: str = "eu-west-1",
    also: Sequence[dict[str, Any]] = (),
    **more: Any,
) -> str:
    pair = {"edge-location": first, "peer-edge-location": second,
            "routing-policy-names": [p["routing-policy-name"] for p in policies]}  # fmt: skip
    action = {"action": "associate-routing-policy", "segment": "prod", "edge-location-association": pair}
    actions = [*DOCUMENT["segment-actions"], action, *also]
    return policy(version="2025.11", routing_policies=[*policies], segment_actions=actions, **more)


STATIC, TO_STATIC = "10.77.0.0/16", "app -> 10.77.0.1 443/tcp"


def to_static(attachment: str) -> list[dict[str, Any]]:
    return [{"action": "create-route", "segment": "prod", "destination-cidr-blocks": [STATIC], "destinations": [attachment]}]


TWO, FAR, HUB, ONE = "10.2.0.0/16", "10.3.0.0/16", "10.9.0.0/16", "10.1.0.0/16"
EVERY = (("prefix-in-cidr", "0.0.0.0/0"), ("prefix-equals", "0.0.0.0/0"))
DROPPED = IN_ONE, "", NO_ROUTE
UNKNOWN = IN_ONE, "", NOT_SAID


def drops(*conditions: tuple[str, Any], **more: Any) -> dict[str, Any]:
    return routing(rule(10, "drop", *conditions), **more)


EQUAL = drops(("prefix-equals", TWO))
THIRD = {"configuration": {"edge-locations": ["us-east-1", "eu-west-1", "sa-east-1"]}}
LISTED = """
prefix_lists: {blocks: [%s]}
"""
LIST = drops(("prefix-in-prefix-list", "mine"))


def listed(*entries: str) -> str:
    """The list of the policy, with these entries."""
    return labelled(LIST).replace("{wan: {", "{wan: {prefix_lists: mine -> blocks, ") + LISTED % ", ".join(entries)


CONDITIONS = [
    Row("a policy that nothing names", ROUTING, policy(version="2025.11", routing_policies=[EQUAL]), ASK, OUT, BACK),
    Row("a prefix", EXAMPLE, labelled(EQUAL), ASK, *DROPPED),
    Row("another prefix", EXAMPLE, labelled(drops(("prefix-equals", "10.2.0.0/17"))), ASK, OUT, BACK),
    Row("inside of a block", EXAMPLE, labelled(drops(("prefix-in-cidr", "10.2.0.0/15"))), ASK, *DROPPED),
    Row("outside of a block", EXAMPLE, labelled(drops(("prefix-in-cidr", "10.2.0.0/17"))), ASK, OUT, BACK),
    Row("a block itself is not told", ROUTING, labelled(drops(("prefix-in-cidr", TWO))), ASK, *UNKNOWN),
    Row("a block and what is inside", EXAMPLE, labelled(drops(("prefix-in-cidr", TWO), ("prefix-equals", TWO))), ASK, *DROPPED),
    Row("all of several conditions", POLICY,
        labelled(routing(rule(10, "drop", ("prefix-in-cidr", "10.0.0.0/8"), ("prefix-equals", TWO), logic="and"))), ASK,
        *DROPPED),
    Row("not all of several conditions", POLICY,
        labelled(routing(rule(10, "drop", ("prefix-in-cidr", "10.0.0.0/8"), ("prefix-equals", ONE), logic="and"))), ASK, OUT,
        BACK),
    Row("what BGP tells is not known", POLICY, labelled(drops(("community-in-list", "65001:100"))), ASK, *UNKNOWN),
    Row("what BGP tells does not matter", POLICY,
        labelled(routing(rule(10, "drop", ("asn-in-as-path", 65001), ("prefix-equals", ONE), logic="and"))), ASK, OUT, BACK),
    Row("an entry of a prefix list", EXAMPLE, listed(TWO), ASK, *DROPPED),
    Row("no entry of a prefix list", EXAMPLE, listed(FAR), ASK, OUT, BACK),
    Row("inside of an entry is not told", ROUTING, listed("10.2.0.0/15"), ASK, *UNKNOWN),
    Row("a prefix list that is not in the model", EXAMPLE, labelled(LIST), ASK, *UNKNOWN),
]  # fmt: skip
RULES = [
    Row("what no rule drops passes", ROUTING, labelled(routing(rule(10, "allow", ("prefix-equals", ONE)))), ASK, OUT, BACK),
    Row("allowed before it is dropped", EXAMPLE,
        labelled(routing(rule(20, "drop", *EVERY), rule(10, "allow", ("prefix-equals", TWO)))), ASK, OUT, BACK),
    Row("dropped before it is allowed", EXAMPLE,
        labelled(routing(rule(10, "drop", *EVERY), rule(20, "allow", ("prefix-equals", TWO)))), ASK, *DROPPED),
    Row("the policy of the lower number first", POLICY,
        labelled(drops(*EVERY, number=200), routing(rule(10, "allow", ("prefix-equals", TWO)), name="other", number=100)), ASK,
        OUT, BACK),
    Row("the policy of the lower number drops", POLICY,
        labelled(drops(*EVERY, number=100), routing(rule(10, "allow", ("prefix-equals", TWO)), name="other", number=200)), ASK,
        *DROPPED),
    Row("what may be allowed is not dropped if nothing else drops", ROUTING,
        labelled(routing(rule(10, "allow", ("med-equals", 5)))), ASK, OUT, BACK),
    Row("what may be allowed before it is dropped", ROUTING,
        labelled(routing(rule(10, "allow", ("med-equals", 5)), rule(20, "drop", *EVERY))), ASK, *UNKNOWN),
    Row("changes end nothing", ROUTING,
        labelled(routing(rule(10, {"type": "add-community", "value": "65001:1"}, *EVERY), rule(20, "drop", *EVERY))), ASK,
        *DROPPED),
    Row("a change of the only way does not matter", ROUTING,
        labelled(routing(rule(10, {"type": "set-local-preference", "value": 300}, *EVERY))), ASK, OUT, BACK),
    Row("another family", EXAMPLE, labelled(drops(("prefix-in-cidr", "::/0"), ("prefix-equals", "::/0"))), ASK, OUT, BACK),
]  # fmt: skip


def two_rules(routing_policy: dict[str, Any]) -> str:
    """A rule for the label in another Region, and one for it in all."""
    first = labelled(routing_policy, **{"edge-locations": ["eu-west-1"]})
    later = {"rule-number": 20, "conditions": [{"type": "routing-policy-label", "value": "x"}],
             "action": {"associate-routing-policies": ["mine"]}}  # fmt: skip
    return first.replace('"attachment-routing-policy-rules": [', f'"attachment-routing-policy-rules": [{json.dumps(later)}, ')


BORDERS = [
    Row("another label", POLICY, labelled(EQUAL, label="y"), ASK, OUT, BACK),
    Row("no label", POLICY, labelled(EQUAL, label=""), ASK, OUT, BACK),
    Row("a rule for another Region", POLICY, labelled(EQUAL, **{"edge-locations": ["eu-west-1"]}), ASK, OUT, BACK),
    Row("a rule for the Region", POLICY, labelled(EQUAL, **{"edge-locations": ["us-east-1"]}), ASK, *DROPPED),
    Row("whether a rule beside one for another Region counts is not told", POLICY, two_rules(EQUAL), ASK, *UNKNOWN),
    Row("outbound is not what an attachment brings", ROUTING, labelled(drops(*EVERY, direction="outbound")), ASK, OUT, BACK),
    Row("dropped for every Region", ROUTING, labelled(EQUAL), "eu -> db 443/tcp", "eu eu/far-net far-net wan", "",
        "no_route NO_ROUTE_TO_DESTINATION wan/prod/eu-west-1"),
    Row("the answer is dropped", ROUTING, labelled(drops(("prefix-equals", ONE)), on="att-one"), ASK, OUT,
        "db db/two-net two-net wan", NO_ROUTE),
    Row("into the segment of a share", EXAMPLE, shared(drops(("prefix-equals", ONE))), ASK_HUB, TO_HUB, IN_HUB,
        "no_route NO_ROUTE_TO_DESTINATION wan/shared/us-east-1"),
    Row("into the segment, and not out of it", EXAMPLE, shared(drops(("prefix-equals", HUB))), ASK_HUB, TO_HUB, FROM_HUB),
    Row("out of the segment of a share", ROUTING, shared(drops(("prefix-equals", HUB), direction="outbound")), ASK_HUB, *DROPPED),
    Row("into the segment, told from the other side", EXAMPLE,
        shared(drops(("prefix-equals", HUB)), segment="prod", others=["shared"]), ASK_HUB, *DROPPED),
    Row("a share is not about one segment", EXAMPLE, shared(EQUAL), ASK, OUT, BACK),
    Row("into the first of two Regions", EXAMPLE, paired(drops(("prefix-equals", FAR))), ASK_FAR, *DROPPED),
    Row("into the first, and not out of it", EXAMPLE, paired(drops(("prefix-equals", ONE))), ASK_FAR, TO_FAR, FROM_FAR),
    Row("out of the first of two Regions", ACTIONS, paired(drops(("prefix-equals", ONE), direction="outbound")), ASK_FAR, TO_FAR,
        "eu eu/far-net far-net wan", "no_route NO_ROUTE_TO_DESTINATION wan/prod/eu-west-1"),
    Row("into the first, told from the other side", EXAMPLE,
        paired(drops(("prefix-equals", ONE)), first="eu-west-1", second="us-east-1"), ASK_FAR, TO_FAR,
        "eu eu/far-net far-net wan", "no_route NO_ROUTE_TO_DESTINATION wan/prod/eu-west-1"),
    Row("two Regions, and what is inside of one", EXAMPLE, paired(EQUAL), ASK, OUT, BACK),
    Row("a static route that another Region is not told of", EXAMPLE,
        paired(drops(("prefix-equals", STATIC)), also=to_static("att-far")), TO_STATIC, *DROPPED),
    Row("a static route of the Region itself", EXAMPLE, paired(drops(("prefix-equals", STATIC)), also=to_static("att-two")),
        TO_STATIC, f"{IN_ONE} two-out", "", "no_route NO_ROUTE_TO_DESTINATION two/main-route-table"),
    Row("whether a third Region tells it is not said", ACTIONS, paired(drops(("prefix-equals", FAR)), **THIRD), ASK_FAR,
        *UNKNOWN),
]  # fmt: skip
ALL = [*CONDITIONS, *RULES, *BORDERS]


@pytest.mark.parametrize("row", ALL, ids=names(ALL))
def test_what_a_policy_drops(row: Row) -> None:
    check(BASE, row)


def test_what_is_dropped_is_not_redirected() -> None:
    """A route goes by way of a network function group only if it came into the core network."""
    document = insertion.document(insertion.send_via()) | {"version": "2025.11"}
    document["routing-policies"] = [drops(("prefix-equals", "10.5.0.0/16"))]
    document["attachment-routing-policy-rules"] = [
        {"rule-number": 1, "conditions": [{"type": "routing-policy-label", "value": "x"}],
         "action": {"associate-routing-policies": ["mine"]}}
    ]  # fmt: skip
    routed = f"core_networks: {{wan: {{policy: {json.dumps(document)}}}}}\n"
    quiet = f"{routed}core_network_attachments: {{att-dev: {{routing_policy_label: x}}}}"
    assert ask(changed(insertion.BASE, routed), insertion.ASK).verdict == "reachable"
    answer = ask(changed(insertion.BASE, quiet), insertion.ASK)
    assert (answer.verdict, answer.at) == ("blocked", insertion.PROD)


def test_it_names_the_policy_that_drops() -> None:
    answer = ask(changed(BASE, labelled(EQUAL)), ASK)
    assert answer.because.endswith("no route for 10.2.1.10, which att-two leads to: the routing policy mine drops its route")
    assert answer.fixes == ("wan: a rule of mine that allows its route",)
    open_ = ask(changed(BASE, labelled(drops(("community-in-list", "65001:100")))), ASK)
    assert open_.because == "wan/prod/us-east-1: whether the routing policy mine drops it is not known"


EXCEPTION = "CoreNetworkPolicyException"
REFUSALS = [
    Refusal("an earlier version", POLICY, labelled(EQUAL).replace("2025.11", "2021.12"), EXCEPTION, "wan"),
    Refusal("a policy that is not there", POLICY,
            labelled(EQUAL).replace('"associate-routing-policies": ["mine"]', '"associate-routing-policies": ["mined"]'),
            EXCEPTION, "wan"),
    Refusal("two policies of a number", POLICY, labelled(EQUAL, drops(*EVERY, name="other")), EXCEPTION, "wan"),
    Refusal("two policies of a name", POLICY, labelled(EQUAL, drops(*EVERY, number=7)), EXCEPTION, "wan"),
    Refusal("two rules of a number", POLICY, labelled(routing(rule(10, "drop", *EVERY), rule(10, "allow", *EVERY))), EXCEPTION,
            "wan"),
    Refusal("no condition", POLICY, labelled(drops(("prefix-equal", TWO))), EXCEPTION, "wan"),
    Refusal("no action", POLICY, labelled(routing(rule(10, "deny", *EVERY))), EXCEPTION, "wan"),
    Refusal("no block", POLICY, labelled(drops(("prefix-equals", "10.2.0.0/40"))), EXCEPTION, "wan"),
    Refusal("conditions without their logic", POLICY, labelled(routing(rule(10, "drop", *EVERY, logic=""))), EXCEPTION, "wan"),
    Refusal("a summary of what arrives", ROUTING,
            labelled(routing(rule(10, {"type": "summarize", "value": "10.0.0.0/8"}, *EVERY))), EXCEPTION, "wan"),
    Refusal("a Region that the segment is not in", POLICY, paired(EQUAL, second="sa-east-1"), EXCEPTION, "wan"),
]  # fmt: skip


@pytest.mark.parametrize("row", REFUSALS, ids=names(REFUSALS))
def test_what_aws_refuses(row: Refusal) -> None:
    refused(BASE, row)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        (labelled(EQUAL).replace('"rule-definition"', '"rule-defintion"', 1), "did you mean `rule-definition`"),
        (labelled(EQUAL).replace('"match-conditions"', '"match-condition"'), "did you mean `match-conditions`"),
        (labelled(EQUAL).replace('"drop"', '"dorp"'), "`dorp` is no action of a routing policy; did you mean `drop`"),
        (
            labelled(EQUAL).replace("core_networks: {wan: {", "core_networks: {wan: {prefix_lists: mine, "),
            "`mine` is not an alias",
        ),
    ],
)
def test_what_people_write_wrong(changes: str, told: str) -> None:
    with pytest.raises((vpcsim.InputError, vpcsim.RefusedError)) as caught:
        changed(BASE, changes)
    assert told in str(caught.value)


def at(on: str, *policies: dict[str, Any], label: str = "x", **attachment: Any) -> str:
    """The policies at an attachment of a hybrid network."""
    document = json.loads(json.dumps(hybrid.DOCUMENT)) | {"version": "2025.11", "routing-policies": [*policies]}
    document["attachment-routing-policy-rules"] = [
        {"rule-number": 10, "conditions": [{"type": "routing-policy-label", "value": label}],
         "action": {"associate-routing-policies": [p["routing-policy-name"] for p in policies]}}
    ]  # fmt: skip
    more = json.dumps({on: {"routing_policy_label": label, **attachment}})
    return f"core_networks: {{wan: {{policy: {json.dumps(document)}}}}}\ncore_network_attachments: {more}\n"


OFFICE = "192.168.0.0/16"
WAY_OUT = {"direction": "outbound"}
SUMMARY = {"type": "summarize", "value": "10.0.0.0/8"}
SUMMARIZES = routing(rule(10, SUMMARY, ("prefix-equals", ONE)), **WAY_OUT)
UNTOLD = "office vpn att-vpn wan", "undecided VPCSIM_NOT_MODELLED att-vpn"


def told(policy: dict[str, Any]) -> str:
    return at("att-vpn", policy)


BEHIND = [
    Row("what a VPN announces is dropped", EXAMPLE, at("att-vpn", drops(("prefix-equals", OFFICE))), hybrid.ASK, hybrid.APP, "",
        f"no_route NO_ROUTE_TO_DESTINATION {hybrid.PROD}"),
    Row("only what is allowed", EXAMPLE,
        at("att-vpn", routing(rule(10, "allow", ("prefix-equals", OFFICE)), rule(20, "drop", *EVERY))), hybrid.ASK, hybrid.OUT,
        hybrid.IN),
    Row("what the VPN is not told of", ROUTING, told(drops(("prefix-equals", ONE), **WAY_OUT)), hybrid.ASK, hybrid.OUT, *UNTOLD),
    Row("what the VPN is told of", ROUTING, told(drops(("prefix-equals", FAR), **WAY_OUT)), hybrid.ASK, hybrid.OUT, hybrid.IN),
    Row("whether the VPN is told is not known", POLICY, told(drops(("med-equals", 7), **WAY_OUT)), hybrid.ASK, hybrid.OUT,
        *UNTOLD),
    Row("a summary leads to what it contains", ROUTING, told(SUMMARIZES), hybrid.ASK, hybrid.OUT, hybrid.IN),
    Row("a summary leads to what nobody has", ROUTING, told(SUMMARIZES), "office -> 10.200.0.1 443/tcp", "office vpn att-vpn wan",
        "", f"no_route NO_ROUTE_TO_DESTINATION {hybrid.HYBRID}"),
    Row("a summary that is dropped after", ROUTING,
        told(routing(rule(10, SUMMARY, ("prefix-equals", ONE)), rule(20, "drop", *EVERY), **WAY_OUT)), hybrid.ASK, hybrid.OUT,
        *UNTOLD),
    Row("a summary that is allowed before the rest is dropped", ROUTING,
        told(routing(rule(10, SUMMARY, ("prefix-equals", ONE)), rule(20, "allow", ("prefix-equals", "10.0.0.0/8")),
                     rule(30, "drop", *EVERY), **WAY_OUT)), hybrid.ASK, hybrid.OUT, hybrid.IN),
]  # fmt: skip
DIRECTS = [
    Row("what a Direct Connect gateway is told is dropped", ROUTING, at("att-dx", drops(("prefix-equals", ONE), **WAY_OUT)),
        hybrid.ASK, hybrid.DX_OUT, "office", "no_route NO_ROUTE_TO_DESTINATION office"),
    Row("what the other Region tells it is not", ROUTING, at("att-dx", drops(("prefix-equals", ONE), **WAY_OUT)),
        "eu -> office 443/tcp", hybrid.EU_DX_OUT, hybrid.EU_DX_IN),
]  # fmt: skip
LONGER = {"type": "prepend-asn-list", "value": [65500, 65501]}
TWICE = "vpn_connections: {more: {customer_gateway: router}}\n"


def tied(*rules: Rule) -> str:
    """Two VPN connections with equal paths, one of them with the rules."""
    more = {"core_network": "wan", "vpn": "more", "tags": {"segment": "hybrid"}}
    changes = at("att-more", routing(*rules), as_path=1, **more)
    return TWICE + changes.replace('{"att-more"', '{"att-vpn": {"as_path": 1}, "att-more"')


CHOSEN = [
    Row("a longer AS path is passed over", ROUTING, tied(rule(10, LONGER, *EVERY)), hybrid.ASK, hybrid.OUT, hybrid.IN),
    Row("two that are alike without", ROUTING, tied(rule(10, LONGER, ("prefix-equals", ONE))), hybrid.ASK,
        f"{hybrid.APP} att-more more office", hybrid.IN),
    Row("other changes decide, and are not known", ROUTING, tied(rule(10, {"type": "set-med", "value": 5}, *EVERY)), hybrid.ASK,
        hybrid.APP, "", f"undecided VPCSIM_NOT_MODELLED {hybrid.PROD}"),
]  # fmt: skip


@pytest.mark.parametrize("row", [*BEHIND, *CHOSEN], ids=names([*BEHIND, *CHOSEN]))
def test_a_vpn_connection(row: Row) -> None:
    check(hybrid.WITH_VPN, row)


@pytest.mark.parametrize("row", DIRECTS, ids=names(DIRECTS))
def test_a_direct_connect_gateway(row: Row) -> None:
    check(hybrid.WITH_DX, row)


def test_a_transit_gateway() -> None:
    """Source: https://docs.aws.amazon.com/network-manager/latest/cloudwan/cloudwan-routing-policies.html"""
    question = "legacy -> app 443/tcp"
    assert ask(changed(hybrid.WITH_TGW, ""), question).verdict == "reachable"
    assert ask(changed(hybrid.WITH_TGW, at("att-rtb", drops(("prefix-equals", ONE), **WAY_OUT))), question).at == "rtb"


CORE, FIRST = "core-network-0123456789abcdef0", "attachment-0aaaaaaaaaaaaaaa2"
PEER_BLOCK = drops(("prefix-in-prefix-list", "blocks"))
RULES_BY_LABEL = {
    "routing-policies": [PEER_BLOCK],
    "attachment-routing-policy-rules": [
        {"rule-number": 1, "conditions": [{"type": "routing-policy-label", "value": "x"}],
         "action": {"associate-routing-policies": ["mine"]}}
    ],
}  # fmt: skip
LABEL = {"AttachmentRoutingPolicyAssociations": [{"AttachmentId": FIRST, "RoutingPolicyLabel": "x"}]}
OTHER_LABEL = {"AttachmentRoutingPolicyAssociations": [{"AttachmentId": FIRST, "RoutingPolicyLabel": "y"}]}
LIST_ARN = f"{of_templates.ARN}:prefix-list/pl-0123456789abcdef0"
LISTS = [
    {"PrefixLists": [{"PrefixListId": "pl-0123456789abcdef0", "PrefixListName": "blocks"}]},
    {"PrefixListId": "pl-0123456789abcdef0", "Entries": [{"Cidr": "10.9.0.0/16"}]},
    {"PrefixListAssociations": [{"CoreNetworkId": CORE, "PrefixListArn": LIST_ARN, "PrefixListAlias": "blocks"}]},
]
NO_WAY = f"{CORE}/all/us-east-1"


@pytest.mark.parametrize(
    ("answers", "told"),
    [
        ([LABEL, *LISTS], ("blocked", NO_WAY)),
        ([OTHER_LABEL, *LISTS], ("blocked", "vpc-0bbbbbbbbbbbbbbb2/main-route-table")),
        (LISTS, ("undecided", NO_WAY)),
        ([LABEL], ("undecided", NO_WAY)),
    ],
    ids=["a label", "another label", "no label is told", "no list is told"],
)
def test_an_account_that_is_described(tmp_path: Path, answers: list[Any], told: tuple[str, str]) -> None:
    """Sources: https://docs.aws.amazon.com/networkmanager/latest/APIReference/API_AttachmentRoutingPolicyAssociationSummary.html,
    https://docs.aws.amazon.com/networkmanager/latest/APIReference/API_PrefixListAssociation.html
    """
    document = {**of_templates.ALL_POLICY, **RULES_BY_LABEL, "version": "2025.11"}
    got = {"CoreNetworkPolicy": {**of_templates.GOT["CoreNetworkPolicy"], "PolicyDocument": json.dumps(document)}}
    net = of_templates.described(tmp_path, *of_templates.DESCRIBED, got, *of_templates.GOT_ATTACHMENTS, *answers)
    answer = net.trace("eni-0aaaaaaaaaaaaaaa1", "10.9.1.10")
    assert (answer.verdict, answer.at) == told


ROUTED = json.dumps({**of_templates.ALL_POLICY, **RULES_BY_LABEL, "version": "2025.11"})
MORE = """
  Blocks:
    Type: AWS::EC2::PrefixList
    Properties: {PrefixListName: blocks, AddressFamily: IPv4, MaxEntries: 1, Entries: [{Cidr: 10.9.0.0/16}]}
  ListAssociation:
    Type: AWS::NetworkManager::CoreNetworkPrefixListAssociation
    Properties: {CoreNetworkId: !Ref Core, PrefixListArn: !GetAtt Blocks.Arn, PrefixListAlias: blocks}
"""


def test_a_template(tmp_path: Path) -> None:
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-networkmanager-vpcattachment.html"""
    document = yaml.safe_load(ROUTED) | {"attachment-policies": [
        {"rule-number": 1, "conditions": [{"type": "any"}], "action": {"association-method": "constant", "segment": "all"}}
    ], "segments": [{"name": "all", "require-attachment-acceptance": False}]}  # fmt: skip
    before, rest = of_templates.TEMPLATE.split("      PolicyDocument:\n")
    rest = rest[rest.index("  Attachment:\n") :].replace("Route:\n", "Route:\n", 1)
    labelled_ = rest.replace('subnet/${PeerNet}"]\n', 'subnet/${PeerNet}"]\n      RoutingPolicyLabel: x\n')
    path = tmp_path / "template.yaml"
    for text, at in ((rest, "Peer/main-route-table"), (labelled_, "Core/all/us-east-1")):
        path.write_text(f"{before}      PolicyDocument: {json.dumps(document)}\n{text}{MORE}")
        assert vpcsim.load(path).trace("App", "10.9.1.10").at == at


SOURCES = """
resource "aws_networkmanager_attachment_routing_policy_label" "data" {
  core_network_id      = aws_networkmanager_core_network.main.id
  attachment_id        = aws_networkmanager_vpc_attachment.data.id
  routing_policy_label = "x"
}
resource "aws_ec2_managed_prefix_list" "blocks" {
  name           = "blocks"
  address_family = "IPv4"
  max_entries    = 1
  entry { cidr = "10.9.0.0/16" }
}
resource "aws_networkmanager_prefix_list_association" "blocks" {
  core_network_id   = aws_networkmanager_core_network.main.id
  prefix_list_arn   = aws_ec2_managed_prefix_list.blocks.arn
  prefix_list_alias = "blocks"
}
"""


def test_terraform(tmp_path: Path) -> None:
    """https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/networkmanager_attachment_routing_policy_label"""
    pytest.importorskip("tfparse", reason="the extra `terraform` is not installed")
    (tmp_path / "main.tf").write_text(of_templates.SOURCES + SOURCES)
    resources: Any = vpcsim.load(tmp_path / "main.tf").topology.resources
    labels = [resources[f"aws_networkmanager_vpc_attachment.{name}"].routing_policy_label for name in ("app", "data")]
    (listed,) = resources["aws_networkmanager_core_network.main"].prefix_list_associations
    assert (labels, listed.line("")) == (["", "x"], "blocks -> aws_ec2_managed_prefix_list.blocks")
