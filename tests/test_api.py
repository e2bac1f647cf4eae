"""The Python API: what the README promises, and values that print and convert."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import vpcsim

MODELS = Path(__file__).parent.parent / "models"
SQS = {
    "endpoints": {
        "SQSVPCEndpoint": {
            "service": "sqs",
            "subnets": "mySubnet",
            "security_groups": "VPCEndpointSecurityGroup",
            "private_dns": True,
        }
    }
}


@pytest.fixture(scope="module")
def net() -> vpcsim.Network:
    return vpcsim.load(MODELS / "sqs-private")


def test_a_change_leaves_the_network_as_it_was(net: vpcsim.Network) -> None:
    changed = net.with_changes(SQS)
    assert changed.trace("AppServer", "https://sqs.us-east-1.amazonaws.com").reachable
    assert not net.trace("AppServer", "https://sqs.us-east-1.amazonaws.com").reachable
    assert changed.with_changes(delete=["SQSVPCEndpoint"]).topology == net.topology


def test_a_change_keeps_the_fields_that_it_does_not_name(net: vpcsim.Network) -> None:
    changed = net.with_changes(SQS).with_changes({"endpoints": {"SQSVPCEndpoint": {"private_dns": False}}})
    endpoint = changed.topology.resources["SQSVPCEndpoint"]
    assert endpoint.dump()["Groups"] == [{"GroupId": "VPCEndpointSecurityGroup"}]
    assert changed.resolve("AppServer", "sqs.us-east-1.amazonaws.com").addresses[0].startswith("52.")


def test_addresses_do_not_move_when_something_is_added(net: vpcsim.Network) -> None:
    before = {id: r.dump() for id, r in net.topology.resources.items()}
    after = {id: r.dump() for id, r in net.with_changes(SQS).topology.resources.items()}
    assert before.items() <= after.items()


def test_deleting_takes_along_what_refers_to_it(net: vpcsim.Network) -> None:
    left = net.with_changes(delete=["mySubnet"]).topology.resources
    assert not {"mySubnet", "AppServer", "SSMVPCEndpoint", "myRouteTable"} & left.keys()
    with pytest.raises(vpcsim.UnknownName, match="did you mean `mySubnet`"):
        net.with_changes(delete=["mySubnt"])


def test_a_change_does_not_take_the_id_of_something_else(net: vpcsim.Network) -> None:
    with pytest.raises(vpcsim.InputError, match=r"`mySubnet` is the id of the subnet .*; give the instance another one, or"):
        net.with_changes({"instances": {"mySubnet": {"subnet": "mySubnet"}}})
    assert net.with_changes({"queues": ["AppServer"]}, delete=["AppServer"]).topology.resources["AppServer"].kind == "queue"


def test_a_wrong_change_says_so(net: vpcsim.Network) -> None:
    with pytest.raises(vpcsim.InputError, match="no field `servce`; did you mean `service`"):
        net.with_changes({"endpoints": {"E": {"servce": "sqs"}}})
    with pytest.raises(vpcsim.RefusedError, match="conflicting DNS domain"):
        net.with_changes(SQS).with_changes({"endpoints": {"Twin": SQS["endpoints"]["SQSVPCEndpoint"]}})


def test_answers_are_values_that_print_and_convert(net: vpcsim.Network) -> None:
    answer = net.trace("AppServer", "https://ssm.us-east-1.amazonaws.com")
    assert repr(answer) == "<Reachability AppServer -> https://ssm.us-east-1.amazonaws.com 443/tcp: reachable at SSMVPCEndpoint>"
    assert json.loads(json.dumps(answer.to_dict()))["verdict"] == "reachable"
    assert "SSMVPCEndpoint" in answer._repr_html_()
    assert answer.passes("SSMVPCEndpoint")
    assert answer.passes("VPCEndpointSecurityGroup")
    assert answer == net.trace("AppServer", "https://ssm.us-east-1.amazonaws.com")
    found = net.resolve("AppServer", "ssm.us-east-1.amazonaws.com")
    assert repr(found).startswith("<Resolution ssm.us-east-1.amazonaws.com A: 10.0.0.")
    assert json.loads(json.dumps(found.to_dict()))["owner"] == "SSMVPCEndpoint"
    assert "SSMVPCEndpoint" in found._repr_html_()
    assert repr(net).startswith("<Network 1 role")


def test_assert_reachable_fails_with_the_trace(net: vpcsim.Network) -> None:
    with pytest.raises(AssertionError, match="myRouteTable: no route for"):
        net.trace("AppServer", "https://example.com").assert_reachable()


def test_the_graph_has_typed_nodes_and_edges(net: vpcsim.Network) -> None:
    graph = net.graph()
    assert graph.nodes["AppServer"]["kind"] == "instance"
    relations = {data["relation"] for _, _, data in graph.edges("SSMVPCEndpoint", data=True)}
    assert "serves" in relations


def test_every_blocker_is_found_at_once(tmp_path: Path) -> None:
    model = tmp_path / "network.yaml"
    model.write_text(
        "vpcs: {v: 10.0.0.0/16}\nsubnets: {a: 10.0.0.0/24, b: 10.0.1.0/24}\n"
        "security_groups: {closed: {egress: []}, open: {ingress: all from 0.0.0.0/0}}\n"
        "network_acls: {acl: {subnets: b, ingress: 100 deny all from 0.0.0.0/0, egress: 100 allow all to 0.0.0.0/0}}\n"
        "instances: {i: {subnet: a, security_groups: closed}, j: {subnet: b, security_groups: open}}\n"
    )
    net = vpcsim.load(model)
    first, every = net.trace("i", "j"), net.trace("i", "j", every=True)
    assert first.codes == ("SG_HAS_NO_RULES",)
    assert every.codes == ("SG_HAS_NO_RULES", "SUBNET_ACL_RESTRICTION")
    assert [step.at for step in every.trip.blockers] == ["closed", "acl"]


def test_a_reply_elsewhere_is_no_answer(net: vpcsim.Network) -> None:
    assert vpcsim.Verdict.REACHABLE == "reachable"
    assert vpcsim.Disposition.ACCEPTED.success
    assert not vpcsim.Disposition.DENIED.success


@pytest.mark.parametrize("name", ["nothing", "Loader"])
def test_an_unknown_name_of_the_package_is_an_attribute_error(name: str) -> None:
    with pytest.raises(AttributeError, match=f"`{name}`"):
        getattr(vpcsim, name)


NAMED = """
vpcs: {net: {cidr: 10.0.0.0/16}}
subnets: {inside: 10.0.0.0/24}
instances:
  i-1: {subnet: inside, ip: 10.0.0.10, name: app}
  i-2: {subnet: inside, ip: 10.0.0.20, name: db}
  i-3: {subnet: inside, ip: 10.0.0.30, name: twin}
  i-4: {subnet: inside, ip: 10.0.0.40, name: twin}
"""


@pytest.fixture(scope="module")
def named() -> vpcsim.Network:
    from networks import network

    return network(NAMED)


@pytest.mark.parametrize(("text", "id"), [("i-1", "i-1"), ("app", "i-1"), ("db", "i-2"), ("10.0.0.20", "i-2")])
def test_a_resource_is_found_by_its_id_its_name_and_its_address(named: vpcsim.Network, text: str, id: str) -> None:
    assert named.trace(text, "10.0.0.30:22").source == id
    assert named.trace("i-3", f"{text}:22").trips[0].flow.packet.dst == named.index.addresses_of[f"{id}/inside"][0]


@pytest.mark.parametrize(("text", "message"), [
    ("twin", "no single resource, for i-3, i-4 are called `twin`"),
    ("ap", "no resource `ap`, did you mean `app`?"),
    ("i-11", "no resource `i-11`, did you mean `i-1`?"),
], ids=str)  # fmt: skip
def test_a_name_that_is_not_one_resource(named: vpcsim.Network, text: str, message: str) -> None:
    for ask in (lambda: named.trace(text, "10.0.0.30"), lambda: named.topology.find(text)):
        with pytest.raises(vpcsim.UnknownName) as raised:
            ask()
        assert str(raised.value) == message


def test_names_and_addresses_are_those_of_the_changed_network(named: vpcsim.Network) -> None:
    assert (named.trace("db", "10.0.0.30").source, named.trace("10.0.0.20", "10.0.0.30").source) == ("i-2", "i-2")
    changed = named.with_changes({"instances": {"i-2": {"name": "store", "ip": "10.0.0.21"}}})
    assert (changed.trace("store", "10.0.0.30").source, changed.trace("10.0.0.21", "10.0.0.30").source) == ("i-2", "i-2")
    assert named.trace("db", "10.0.0.30").source == "i-2"
    with pytest.raises(vpcsim.UnknownName, match="no resource `db`"):
        changed.trace("db", "10.0.0.30")
