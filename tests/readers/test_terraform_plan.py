"""What a plan leaves open: references followed through modules and keys, what had to be picked, and what stays undecided.

The form of a plan: https://developer.hashicorp.com/terraform/internals/json-format
"""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import vpcsim
from vpcsim.errors import InputError, VpcsimError
from vpcsim.readers import topology_of
from vpcsim.readers.document import Map, parse
from vpcsim.topology import Topology

MODELS = Path(__file__).parents[2] / "models"
PLAN = MODELS / "public-private/terraform/plan.json"


class Plan:
    """A plan in the making, of resources that are told as `(address, values, {attribute: references})`."""

    def __init__(self) -> None:
        self.resources: dict[str, list[dict[str, Any]]] = {}
        self.changes: list[dict[str, Any]] = []
        self.blocks: dict[str, dict[str, dict[str, Any]]] = {}
        self.calls: dict[str, dict[str, Any]] = {}
        self.outputs: dict[str, dict[str, Any]] = {}
        self.providers: dict[str, dict[str, Any]] = {}
        self.variables: dict[str, dict[str, Any]] = {}

    def add(self, address: str, values: dict[str, Any], unknown: dict[str, list[str]], for_each: list[str] | None = None) -> Plan:
        module, _, rest = address.rpartition(".aws_")
        rest = f"aws_{rest}" if module else address
        block, _, key = rest.partition("[")
        type, _, name = block.partition(".")
        entry: dict[str, Any] = {"address": address, "mode": "managed", "type": type, "name": name, "values": values}
        if key:
            entry["index"] = json.loads(key.rstrip("]"))
        self.resources.setdefault(module, []).append(entry)
        marks = {"id": True, **dict.fromkeys(unknown, True)}
        self.changes.append({"address": address, "change": {"after": values, "after_unknown": marks}})
        expressions: dict[str, Any] = {n: {"references": r} for n, r in unknown.items() if r}
        made = {"address": block, "type": type, "name": name, "expressions": expressions}
        if for_each:
            made["for_each_expression"] = {"references": for_each}
        self.blocks.setdefault(module.partition("[")[0], {})[block] = made
        return self

    def module(self, name: str, variables: dict[str, list[str]], outputs: dict[str, list[str]] | None = None) -> Plan:
        self.calls[name] = {"expressions": {n: {"references": r} for n, r in variables.items()}}
        self.outputs[name] = {n: {"expression": {"references": r}} for n, r in (outputs or {}).items()}
        return self

    def topology(self) -> Topology:
        return topology_of([self.document()])

    def document(self) -> Map:
        children = [{"address": m, "resources": r} for m, r in self.resources.items() if m]
        calls = {
            name: {
                **call,
                "module": {"resources": [*self.blocks.get(f"module.{name}", {}).values()], "outputs": self.outputs[name]},
            }
            for name, call in self.calls.items()
        }
        root = {"resources": [*self.blocks.get("", {}).values()], "module_calls": calls}
        text = {
            "format_version": "1.2",
            "terraform_version": "1.11.4",
            "planned_values": {"root_module": {"resources": self.resources.get("", []), "child_modules": children}},
            "resource_changes": self.changes,
            "configuration": {"root_module": root, "provider_config": self.providers},
            "variables": self.variables,
        }
        document = parse(json.dumps(text), "plan.json")
        assert isinstance(document, Map)
        return document


def refs(*heads: str) -> list[str]:
    """References as a plan lists them: each followed by its shorter forms."""
    found: list[str] = []
    for head in heads:
        found.append(head)
        while "." in head.partition(".")[2] or "[" in head:
            head = head[: max(head.rfind("."), head.rfind("["))]
            found.append(head)
    return found


def vpc() -> Plan:
    return Plan().add("aws_vpc.main", {"cidr_block": "10.0.0.0/16"}, {})


def subnets(plan: Plan, keys: str = "0 1") -> Plan:
    for number, key in enumerate(keys.split()):
        values = {"cidr_block": f"10.0.{number}.0/24", "availability_zone": "us-east-1a"}
        plan.add(f"aws_subnet.a[{key}]", values, {"vpc_id": refs("aws_vpc.main.id")})
    return plan


def tables(plan: Plan, keys: str = "0 1") -> Plan:
    for key in keys.split():
        plan.add(f"aws_route_table.r[{key}]", {}, {"vpc_id": refs("aws_vpc.main.id")})
    return plan


def associated(topology: Topology) -> dict[str, list[str]]:
    tables = [table.dump() for table in topology.of_kind("route_table")]
    return {t["RouteTableId"]: [a["SubnetId"] for a in t["Associations"] if "SubnetId" in a] for t in tables}


COUNT, EACH = ["aws_subnet.a", "count.index"], ["aws_subnet.a", "each.key"]

MATCHED = [
    ("the same number", "0 1", "0 1", COUNT, ["aws_route_table.r", "count.index"], "r[0]: a[0], r[1]: a[1]"),
    ("one for all, by number", "0 1", "0", COUNT, refs("aws_route_table.r[0].id"), "r[0]: a[0] a[1]"),
    ("one for all", "0 1", "0", COUNT, ["aws_route_table.r", "count.index"], "r[0]: a[0] a[1]"),
    ("element wraps around", "0 1 2 3", "0 1", COUNT, ["aws_route_table.r", "count.index"], "r[0]: a[0] a[2], r[1]: a[1] a[3]"),
    ("the same key", '"x" "y"', '"x" "y"', EACH, ["aws_route_table.r", "each.key"], 'r["x"]: a["x"], r["y"]: a["y"]'),
]


@pytest.mark.parametrize(("told", "many", "few", "subnet", "table", "wanted"), MATCHED, ids=[row[0] for row in MATCHED])
def test_instances_are_matched_by_their_keys(
    told: str, many: str, few: str, subnet: list[str], table: list[str], wanted: str
) -> None:
    plan = tables(subnets(vpc(), many), few)
    for key in many.split():
        plan.add(f"aws_route_table_association.x[{key}]", {}, {"subnet_id": subnet, "route_table_id": table})
    topology = plan.topology()
    found = {table: subnets for table, subnets in associated(topology).items() if subnets}
    told = ", ".join(f"{table}: {' '.join(subnets)}" for table, subnets in found.items())
    assert told.replace("aws_route_table.", "").replace("aws_subnet.", "") == wanted
    assert topology.settings.skipped == ()
    assert any("of it the plan shows `aws_subnet.a`" in line for line in topology.settings.assumptions)


def test_a_plain_reference_is_no_assumption() -> None:
    assert subnets(vpc(), "0").topology().settings.assumptions == ()


def test_a_region_that_nothing_says_is_an_assumption() -> None:
    assert vpc().topology().settings.assumptions == ("the Region is taken to be us-east-1: the files do not say",)


def test_variables_and_outputs_lead_through_modules() -> None:
    plan = vpc().module("net", {"vpc": refs("aws_vpc.main.id")}, {"subnet": refs("aws_subnet.s.id")})
    plan.add("module.net.aws_subnet.s", {"cidr_block": "10.0.0.0/24"}, {"vpc_id": ["var.vpc"]})
    plan.add("aws_instance.app", {}, {"subnet_id": refs("module.net.subnet")})
    topology = plan.topology()
    assert topology.resources["module.net.aws_subnet.s"].dump()["VpcId"] == "aws_vpc.main"
    assert topology.resources["aws_instance.app"].dump()["SubnetId"] == "module.net.aws_subnet.s"


def test_a_module_with_keys_is_asked_by_key() -> None:
    plan = vpc().module("net", {"vpc": refs("aws_vpc.main.id")}, {"subnet": refs("aws_subnet.s.id")})
    for number, key in enumerate("ab"):
        values = {"cidr_block": f"10.0.{number}.0/24"}
        plan.add(f'module.net["{key}"].aws_subnet.s', values, {"vpc_id": ["var.vpc"]})
    plan.add("aws_instance.app", {}, {"subnet_id": refs('module.net["b"].subnet')})
    assert plan.topology().resources["aws_instance.app"].dump()["SubnetId"] == 'module.net["b"].aws_subnet.s'


def test_a_local_value_is_taken_to_be_the_only_one_that_fits() -> None:
    plan = vpc().add("aws_subnet.a", {"cidr_block": "10.0.0.0/24"}, {"vpc_id": ["local.vpc"]})
    topology = plan.topology()
    assert topology.resources["aws_subnet.a"].dump()["VpcId"] == "aws_vpc.main"
    assert "aws_subnet.a: vpc_id is taken to be aws_vpc.main; of it the plan shows `local.vpc`" in topology.settings.assumptions


def test_of_two_that_fit_none_is_invented() -> None:
    plan = vpc().add("aws_vpc.other", {"cidr_block": "10.1.0.0/16"}, {})
    plan.add("aws_subnet.a", {"cidr_block": "10.0.0.0/24"}, {"vpc_id": ["local.vpc"]})
    plan.add("aws_instance.app", {}, {"subnet_id": refs("aws_subnet.a.id")})
    skipped = {skip.id: skip.reason for skip in plan.topology().settings.skipped}
    assert skipped == {
        "aws_subnet.a": "needs a value that is not known: `vpc_id` is known after apply, from `local.vpc`",
        "aws_instance.app": "needs `aws_subnet.a`, which is left out",
    }


def app(plan: Plan) -> Plan:
    subnets(plan, "0")
    group = {"vpc_id": refs("aws_vpc.main.id")}
    rule = {"protocol": "-1", "from_port": 0, "to_port": 0, "cidr_blocks": ["0.0.0.0/0"]}
    plan.add("aws_security_group.app", {"egress": [rule]}, group)
    placed = {"subnet_id": refs("aws_subnet.a[0].id"), "vpc_security_group_ids": refs("aws_security_group.app.id")}
    plan.add("aws_instance.app", {"private_ip": "10.0.0.10"}, placed)
    return plan.add("aws_instance.db", {"private_ip": "10.0.0.20"}, placed)


def test_a_route_to_something_unknown_is_undecided() -> None:
    plan = app(vpc()).add("aws_route_table.r", {}, {"vpc_id": refs("aws_vpc.main.id")})
    ends = {"subnet_id": refs("aws_subnet.a[0].id"), "route_table_id": refs("aws_route_table.r.id")}
    plan.add("aws_route_table_association.r", {}, ends)
    target = {"route_table_id": refs("aws_route_table.r.id"), "transit_gateway_id": ["local.hub"]}
    plan.add("aws_route.out", {"destination_cidr_block": "0.0.0.0/0"}, target)
    answer = vpcsim.Network.of(plan.topology()).trace("aws_instance.app", "192.0.2.1")
    assert (answer.verdict, answer.at) == ("undecided", "aws_route_table.r")
    assert "aws_route.out needs a value that is not known: `transit_gateway_id`" in answer.because


def test_a_rule_that_belongs_to_an_unknown_group_puts_those_that_it_may_belong_to_in_doubt() -> None:
    plan = app(vpc()).add("aws_security_group.other", {}, {"vpc_id": refs("aws_vpc.main.id")})
    rule = {"type": "ingress", "protocol": "tcp", "from_port": 5432, "to_port": 5432, "cidr_blocks": ["10.0.0.0/16"]}
    either = refs("aws_security_group.app.id", "aws_security_group.other.id")
    plan.add("aws_security_group_rule.db", rule, {"security_group_id": either})
    answer = vpcsim.Network.of(plan.topology()).trace("aws_instance.app", "aws_instance.db:5432")
    assert (answer.verdict, answer.codes) == ("undecided", ("VPCSIM_UNKNOWN_VALUE",))
    assert "aws_security_group_rule.db needs a value that is not known" in answer.because
    assert answer.to_dict()["verdict"] == "undecided"


def test_an_unknown_association_puts_the_subnet_in_doubt() -> None:
    plan = tables(app(vpc()))
    ends = {"subnet_id": refs("aws_subnet.a[0].id"), "route_table_id": ["local.table"]}
    plan.add("aws_route_table_association.r", {}, ends)
    net = vpcsim.Network.of(plan.topology())
    assert net.trace("aws_instance.app", "192.0.2.1").verdict == "undecided"


def test_sensitive_values_are_neither_used_nor_shown() -> None:
    plan = vpc().document()
    entry = plan["planned_values"]["root_module"]["resources"][0]
    entry["values"]["cidr_block"] = "10.99.0.0/16"
    entry["sensitive_values"] = {"cidr_block": True}
    topology = topology_of([plan])
    assert [skip.reason for skip in topology.settings.skipped] == ["needs a value that is not known: it is sensitive"]
    assert "10.99" not in str(topology.settings)


def test_what_is_there_already_tells_its_region_and_its_account() -> None:
    plan = vpc().add("aws_vpc.far", {"cidr_block": "10.1.0.0/16", "arn": "arn:aws:ec2:eu-west-1:111122223333:vpc/vpc-1"}, {})
    topology = plan.topology()
    assert {id: (topology.region_of(id), topology.account_of(id)) for id in ("aws_vpc.main", "aws_vpc.far")} == {
        "aws_vpc.main": ("eu-west-1", "111122223333"),
        "aws_vpc.far": ("eu-west-1", "111122223333"),
    }


ROLE = "arn:aws:iam::444455556666:role/deploy"
PROVIDERS = [
    ("a constant", {"region": {"constant_value": "eu-west-1"}}, ("eu-west-1", "123456789012")),
    ("a variable", {"region": {"references": ["var.region"]}}, ("sa-east-1", "123456789012")),
    ("a role", {"assume_role": [{"role_arn": {"constant_value": ROLE}}]}, ("us-east-1", "444455556666")),
    ("a role in a variable", {"assume_role": [{"role_arn": {"references": ["var.role"]}}]}, ("us-east-1", "444455556666")),
    ("an account", {"allowed_account_ids": {"constant_value": ["111122223333"]}}, ("us-east-1", "111122223333")),
    ("one of two accounts", {"allowed_account_ids": {"constant_value": ["1" * 12, "2" * 12]}}, ("us-east-1", "123456789012")),
    ("nothing", {}, ("us-east-1", "123456789012")),
    ("no Region", {"region": {"constant_value": "mars"}}, ("us-east-1", "123456789012")),
]


@pytest.mark.parametrize(("told", "expressions", "place"), PROVIDERS, ids=[row[0] for row in PROVIDERS])
def test_a_resource_is_where_its_provider_is(told: str, expressions: dict[str, Any], place: tuple[str, str]) -> None:
    """https://developer.hashicorp.com/terraform/internals/json-format#configuration-representation"""
    plan = subnets(vpc(), "0").add("aws_vpc.far", {"cidr_block": "10.1.0.0/16"}, {})
    far = {"name": "aws", "alias": "far", "expressions": expressions}
    plan.providers = {"aws": {"expressions": {"region": {"constant_value": "us-east-1"}}}, "module.m:aws.far": far}
    plan.blocks[""]["aws_vpc.far"]["provider_config_key"] = "module.m:aws.far"
    plan.variables = {"region": {"value": "sa-east-1"}, "role": {"value": ROLE}}
    topology = plan.topology()
    assert (topology.region_of("aws_vpc.far"), topology.account_of("aws_vpc.far")) == place
    assert (topology.region_of("aws_vpc.main"), topology.account_of("aws_vpc.main")) == ("us-east-1", "123456789012")


def test_a_plan_without_any_network_says_so() -> None:
    plan = Plan().add("aws_cloudwatch_log_group.app", {}, {})
    assert "no resource in it that a network is made of" in str(plan.topology().settings.notices)


def test_two_plans_with_the_same_addresses_stay_apart(tmp_path: Path) -> None:
    for name in ("network", "app"):
        (tmp_path / f"{name}.json").write_text(PLAN.read_text())
    ids = vpcsim.load(tmp_path / "network.json", tmp_path / "app.json").topology.resources
    assert {"aws_vpc.main", "app:aws_vpc.main"} <= ids.keys()
    assert getattr(ids["app:aws_subnet.public"], "vpc_id", "") == "app:aws_vpc.main"


def test_another_format_is_refused() -> None:
    document = vpc().document()
    document["format_version"] = "2.0"
    with pytest.raises(InputError, match=r"plan.json:1:2: `2.0` is not a format of plans and states that is read; 1 is"):
        topology_of([document])


TEXT = PLAN.read_text()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    cut=st.integers(0, len(TEXT)), size=st.integers(0, 4000), junk=st.sampled_from(["", "null", "[]", "{}", '"x"', "7", "true"])
)
def test_a_broken_plan_ends_with_clear_lines(cut: int, size: int, junk: str) -> None:
    with suppress(VpcsimError):
        document = parse(TEXT[:cut] + junk + TEXT[cut + size :], "plan.json")
        if isinstance(document, Map):
            topology_of([document])


VALUES = st.sampled_from([None, True, 0, -1, "", "x", "10.0.0.0/8", [], ["x"], [None], {}, {"x": 1}, [{"references": 3}]])


def nodes(value: Any) -> list[tuple[Any, Any]]:
    """Every place of a document, as a container and a key."""
    pairs = list(value.items()) if isinstance(value, dict) else list(enumerate(value)) if isinstance(value, list) else []
    return [(value, key) for key, _ in pairs] + [place for _, item in pairs for place in nodes(item)]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_a_plan_with_other_values_ends_with_clear_lines(data: st.DataObject) -> None:
    document = parse(TEXT, "plan.json")
    assert isinstance(document, Map)
    places = nodes(document)
    for _ in range(data.draw(st.integers(1, 4))):
        container, key = places[data.draw(st.integers(0, len(places) - 1))]
        container[key] = data.draw(VALUES)
    with suppress(VpcsimError):
        topology_of([document])


def test_what_a_group_of_instances_starts_leaves_its_target_group_open() -> None:
    """As in templates: what it starts, and where, is known after deployment only."""
    plan = subnets(vpc(), "0").add(
        "aws_lb_target_group.web", {"name": "web", "port": 80, "protocol": "HTTP"}, {"vpc_id": refs("aws_vpc.main.id")}
    )
    plan.add("aws_autoscaling_group.web", {"max_size": 2}, {"target_group_arns": refs("aws_lb_target_group.web.arn")})
    settings = plan.topology().settings
    assert [(s.id, s.reason) for s in settings.skipped] == [
        ("aws_autoscaling_group.web", "what it starts, and where, is known after deployment only")
    ]
    assert [doubt.about for doubt in settings.doubts] == ["aws_lb_target_group.web"]


STATUS = refs("aws_networkfirewall_firewall.f.firewall_status[0].sync_states")


def firewall(subnets_of: list[str]) -> Plan:
    plan = subnets(vpc(), "0 1").add(
        "aws_networkfirewall_firewall_policy.p",
        {"name": "p", "firewall_policy": [{"stateless_default_actions": ["aws:pass"]}]}, {},
    )  # fmt: skip
    values = {"name": "f", "subnet_mapping": [{} for _ in subnets_of]}
    plan.add("aws_networkfirewall_firewall.f", values, {"vpc_id": refs("aws_vpc.main.id")})
    expressions = plan.blocks[""]["aws_networkfirewall_firewall.f"]["expressions"]
    expressions["firewall_policy_arn"] = {"references": refs("aws_networkfirewall_firewall_policy.p.arn")}
    expressions["subnet_mapping"] = [{"subnet_id": {"references": refs(f"{subnet}.id")}} for subnet in subnets_of]
    marks = plan.changes[-1]["change"]["after_unknown"]
    marks |= {"firewall_policy_arn": True, "firewall_status": True, "subnet_mapping": [{"subnet_id": True} for _ in subnets_of]}
    plan.add("aws_route_table.out", {}, {"vpc_id": refs("aws_vpc.main.id")})
    route = {"destination_cidr_block": "0.0.0.0/0"}
    return plan.add("aws_route.out", route, {"route_table_id": refs("aws_route_table.out.id"), "vpc_endpoint_id": STATUS})


def test_a_route_leads_to_the_only_endpoint_of_a_firewall() -> None:
    topology = firewall(["aws_subnet.a[0]"]).topology()
    routes = topology.resources["aws_route_table.out"].dump()["Routes"]
    assert [route["VpcEndpointId"] for route in routes] == ["aws_networkfirewall_firewall.f/aws_subnet.a[0]"]


def test_variables_of_a_firewall_policy_are_a_set_of_blocks() -> None:
    home = {"key": "HOME_NET", "ip_set": [{"definition": ["10.0.0.0/8"]}]}
    policy = {"stateless_default_actions": ["aws:pass"], "policy_variables": [{"rule_variables": [home]}]}
    topology = vpc().add("aws_networkfirewall_firewall_policy.p", {"name": "p", "firewall_policy": [policy]}, {}).topology()
    read = topology.resources["aws_networkfirewall_firewall_policy.p"].dump()["FirewallPolicy"]
    assert read["PolicyVariables"] == {"RuleVariables": {"HOME_NET": {"Definition": ["10.0.0.0/8"]}}}


def test_which_endpoint_of_a_firewall_a_route_leads_to_stays_open() -> None:
    plan = firewall(["aws_subnet.a[0]", "aws_subnet.a[1]"])
    next(r for r in plan.resources[""] if r["address"] == "aws_subnet.a[1]")["values"]["availability_zone"] = "us-east-1b"
    topology = plan.topology()
    assert any(doubt.about == "aws_route_table.out" for doubt in topology.settings.doubts)


def test_an_attachment_can_leave_the_default_table() -> None:
    """https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/ec2_transit_gateway_vpc_attachment"""
    plan = subnets(vpc(), "0").add("aws_ec2_transit_gateway.t", {}, {})
    switches = {f"transit_gateway_default_route_table_{word}": False for word in ("association", "propagation")}
    ends = {"transit_gateway_id": refs("aws_ec2_transit_gateway.t.id"), "vpc_id": refs("aws_vpc.main.id")}
    plan.add("aws_ec2_transit_gateway_vpc_attachment.a", switches, {**ends, "subnet_ids": refs("aws_subnet.a[0].id")})
    plan.add("aws_ec2_transit_gateway_route_table.r", {}, {"transit_gateway_id": refs("aws_ec2_transit_gateway.t.id")})
    table = {
        "transit_gateway_attachment_id": refs("aws_ec2_transit_gateway_vpc_attachment.a.id"),
        "transit_gateway_route_table_id": refs("aws_ec2_transit_gateway_route_table.r.id"),
    }
    plan.add("aws_ec2_transit_gateway_route_table_association.a", {}, table)
    topology = plan.topology()
    options = topology.resources["aws_ec2_transit_gateway_vpc_attachment.a"].dump()["Options"]
    assert (options["DefaultRouteTableAssociation"], options["DefaultRouteTablePropagation"]) == ("disable", "disable")


def test_a_vpc_that_does_not_ask_for_host_names_has_none() -> None:
    """https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/vpc"""
    made = Plan().add("aws_vpc.main", {"cidr_block": "10.0.0.0/16"}, {"enable_dns_hostnames": []}).topology()
    assert made.resources["aws_vpc.main"].dump()["EnableDnsHostnames"] is False
