"""The scenario files of this repository hold, and the runner fails when it must."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from vpcsim.errors import InputError
from vpcsim.expectations import Status
from vpcsim.scenarios import Scenario, load, load_all, run

ROOT = Path(__file__).parent.parent
SCENARIOS = sorted((ROOT / "scenarios").rglob("*.yaml"))


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_every_scenario_passes(path: Path) -> None:
    failed = [f"{result.check.origin}: {result.failure}" for result in run(load(str(path))) if not result.passed]
    assert failed == []


def test_the_story_is_told_word_for_word() -> None:
    results = list(run(load(str(ROOT / "scenarios/sqs-interface-endpoint.yaml"))))
    table = [(r.step.name.split()[0], r.check.title.split()[0], r.predicted, r.observed) for r in results]
    before, after = (r.predicted for r in results if r.check.kind == "dns")
    assert table == [
        ("before", "Session", "yes", ""),
        ("before", "curl", "times out", ""),
        ("before", "aws", "times out", "times out"),
        ("before", "dig", before, ""),
        ("before", "polling", "", "empty"),
        ("after", "Session", "yes", ""),
        ("after", "curl", "times out", ""),
        ("after", "aws", "succeeds", "succeeds"),
        ("after", "dig", after, ""),
        ("after", "polling", "", '1 message: "Olá mundo!"'),
    ]
    assert not before.startswith("10.")
    assert after.startswith("10.0.")


def scenario(tmp_path: Path, checks: str, model: str = "sqs-private/network.yaml") -> list[str]:
    """The failures of a scenario with these checks."""
    file = tmp_path / "scenario.yaml"
    file.write_text(f"model: {ROOT}/models/{model}\nfrom: AppServer\nsteps:\n  - checks:\n{checks}")
    return [result.failure for result in run(load(str(file)))]


WRONG = [
    ("- {flow: https://example.com, verdict: reachable}", "expected reachable, predicted blocked"),
    (
        "- {flow: https://example.com, code: SUBNET_ACL_RESTRICTION}",
        "expected code SUBNET_ACL_RESTRICTION, got NO_ROUTE_TO_DESTINATION",
    ),
    ("- {flow: https://example.com, at: mySubnet}", "expected at mySubnet, decided at myRouteTable"),
    ("- {flow: https://ssm.us-east-1.amazonaws.com, via: myNatGateway}", "expected via myNatGateway"),
    ("- {flow: https://ssm.us-east-1.amazonaws.com, not_via: SSMVPCEndpoint}", "expected not via SSMVPCEndpoint"),
    ("- {flow: https://example.com, because: snow}", "expected the reason to say `snow`"),
    ("- {session: blocked}", "expected blocked, predicted reachable"),
    ("- {dns: ssm.us-east-1.amazonaws.com, answers: public}", "expected answers public"),
    ("- {dns: no.such.internal, rcode: NOERROR}", "expected NOERROR, got NXDOMAIN"),
    ("- {dns: no.such.internal, because: snow}", "expected a reason to say `snow`"),
    ("- {send: {queue: FilaTeste, body: x}, verdict: reachable}", "expected reachable, predicted blocked"),
    ("- {poll: FilaTeste, messages: [x]}", "expected ['x'], found []"),
    ("- {flow: https://example.com, fix: snow}", "expected a fix to say `snow`, got `myRouteTable: a route that covers"),
    ("- {flow: https://example.com, note: snow}", "expected a note to say `snow`, got none"),
    ("- {dns: ssm.us-east-1.amazonaws.com, at: myVPC}", "expected at myVPC, answered at SSMVPCEndpoint"),
    ("- {call: sqs:SendMessage FilaTeste, verdict: reachable}", "expected reachable, predicted blocked"),
    ("- {call: sqs:SendMessage, layer: policy}", "expected the policy to decide, it was the path"),
    ("- {call: sqs:SendMessage, at: mySubnet}", "expected at mySubnet, decided at myRouteTable"),
    ("- {call: sqs:SendMessage, code: SUBNET_ACL_RESTRICTION}", "expected code SUBNET_ACL_RESTRICTION, got NO_ROUTE"),
    ("- {call: ssm:GetParameter, via: internet}", "expected via internet"),
    ("- {session: reachable, via: internet}", "expected via internet"),
    ("- {task: session-manager, verdict: blocked}", "expected blocked, predicted reachable"),
    ("- {task: ecr-pull, layer: policy, verdict: blocked}", "expected the policy to decide, it was the path"),
    ("- {task: {name: ecr-pull, about: shop}, via: internet}", "expected via internet"),
    ("- {session: reachable, layer: path}", "expected the path to decide, it was the policy"),
]


@pytest.mark.parametrize(("check", "failure"), WRONG, ids=[check for check, _ in WRONG])
def test_a_wrong_expectation_fails(tmp_path: Path, check: str, failure: str) -> None:
    assert scenario(tmp_path, f"      {check}")[0].startswith(failure)


def test_a_role_without_permission_is_denied_in_the_prediction_and_by_the_client(tmp_path: Path) -> None:
    model = tmp_path / "network.yaml"
    model.write_text((ROOT / "models/sqs-nat/network.yaml").read_text().replace('allow: "sqs:*"', 'allow: "s3:*"'))
    file = tmp_path / "scenario.yaml"
    file.write_text(
        "model: network.yaml\nfrom: AppServer\nsteps:\n  - checks:\n"
        "      - {send: {queue: FilaTeste, body: x}, verdict: blocked}\n      - {poll: FilaTeste, messages: []}\n"
    )
    sent, polled = run(load(str(file)))
    assert (sent.predicted, sent.observed, sent.failure) == ("AccessDenied", "AccessDenied", "")
    assert polled.passed


def test_a_call_with_parameters_is_made_by_a_real_client(tmp_path: Path) -> None:
    checks = [
        "      - {call: {action: sqs:SendMessage, resource: FilaTeste, parameters: {MessageBody: x}}, verdict: reachable}",
        "      - {call: {action: sns:ListTopics, parameters: {}}, verdict: blocked, layer: policy, via: myNatGateway}",
        "      - {poll: FilaTeste, messages: [x]}",
    ]
    assert scenario(tmp_path, "\n".join(checks), "sqs-nat/network.yaml") == ["", "", ""]


def test_the_client_of_a_call_may_be_another_one_or_have_variables(tmp_path: Path) -> None:
    """The client that is observed goes where the one that is predicted does."""
    model, send = tmp_path / "network.yaml", "action: sqs:SendMessage, resource: FilaTeste, parameters: {MessageBody: x}"
    group, endpoint = "security_groups: all", "service: sqs, subnets: mySubnet, private_dns: true"
    model.write_text(
        "vpcs: {v: {cidr: 10.0.0.0/16, dns_hostnames: true}}\nsubnets: {mySubnet: 10.0.0.0/24}\nqueues: FilaTeste\n"
        "security_groups: {all: {ingress: all from 10.0.0.0/8}}\nroles: {r: {allow: 'sqs:*'}}\n"
        f"instances: {{AppServer: {{subnet: mySubnet, role: r, {group}}}}}\nendpoints: {{e: {{{endpoint}, {group}}}}}\n"
    )
    url = "https://sqs.us-east-1.amazonaws.com"
    calls = {
        send: "succeeds",
        f"{send}, client: cli-v1": "times out",
        f"{send}, client: cli-v1, env: {{AWS_ENDPOINT_URL_SQS: '{url}'}}": "succeeds",
        f"{send}, env: {{AWS_USE_FIPS_ENDPOINT: true}}": "times out",
    }
    file = tmp_path / "scenario.yaml"
    file.write_text("\n".join(["model: network.yaml\nfrom: AppServer\nchecks:", *(f"  - call: {{{call}}}" for call in calls)]))
    results = list(run(load(str(file))))
    assert [(r.predicted, r.observed, r.failure) for r in results] == [(end, end, "") for end in calls.values()]


CALLS_THAT_CANNOT_BE_OBSERVED = [
    ("{action: ssm:ListAssociations, parameters: {}}", "moto has no `ListAssociations` of `ssm`"),
    ("{action: sqs:SendMessage, env: {AWS_SNOW: x}}", "`AWS_SNOW` does not decide which host a client calls"),
    ("{action: sqs:SendMessage, env: [x]}", "`env` is a mapping of the client's variables"),
    ("{action: sqs:SendMessage, client: snow}", "`snow` is not a client: boto3, cli-v2, cli-v1"),
    ("{action: sqs:Snow, parameters: {}}", "a client of `sqs` has no operation `Snow`"),
    ("{action: sqs:SendMessage, resource: FilaTeste, parameters: {Snow: x}}", "`parameters`: Parameter validation failed"),
    ("{action: sqs:SendMessage, parameters: x}", "`parameters` is a mapping"),
    ("{resource: FilaTeste}", "`call` needs `action`"),
]


@pytest.mark.parametrize(("call", "told"), CALLS_THAT_CANNOT_BE_OBSERVED, ids=[told for _, told in CALLS_THAT_CANNOT_BE_OBSERVED])
def test_a_call_that_no_client_can_make(tmp_path: Path, call: str, told: str) -> None:
    with pytest.raises(InputError) as caught:
        scenario(tmp_path, f"      - {{call: {call}}}", "sqs-nat/network.yaml")
    assert told in str(caught.value)
    assert "scenario.yaml:5:" in str(caught.value)


def test_a_policy_of_the_model_that_denies_is_named_as_the_place(tmp_path: Path) -> None:
    model = tmp_path / "network.yaml"
    policy = "{policy: {Statement: [{Effect: Deny, Principal: '*', Action: 'sqs:*', Resource: '*'}]}}"
    model.write_text(
        (ROOT / "models/sqs-nat/network.yaml").read_text().replace("queues: FilaTeste", f"queues: {{FilaTeste: {policy}}}")
    )
    file = tmp_path / "scenario.yaml"
    file.write_text(
        "model: network.yaml\nfrom: AppServer\nchecks:\n"
        "  - {send: {queue: FilaTeste, body: x}, verdict: blocked, layer: policy, at: FilaTeste, because: explicit}\n"
    )
    (result,) = run(load(str(file)))
    assert (result.observed, result.failure) == ("AccessDenied", "")


UNDECIDED = {
    "": Status.UNDECIDED,
    "verdict: reachable": Status.UNDECIDED,
    "at: elsewhere": Status.UNDECIDED,
    "verdict: undecided": Status.PASSED,
    "verdict: undecided, at: t": Status.PASSED,
    "verdict: undecided, at: elsewhere": Status.FAILED,
}


@pytest.mark.parametrize(("expected", "status"), UNDECIDED.items(), ids=[expected or "nothing" for expected in UNDECIDED])
def test_what_the_network_cannot_decide_neither_passes_nor_fails(tmp_path: Path, expected: str, status: Status) -> None:
    (tmp_path / "network.yaml").write_text(
        "vpcs: {v: 10.0.0.0/16}\nsubnets: {s: 10.0.0.0/24}\ninstances: {app: {subnet: s}}\n"
        "route_tables: {t: {subnets: s, routes: {0.0.0.0/0: lgw-0123456789abcdef0}}}\n"
    )
    file = tmp_path / "scenario.yaml"
    file.write_text(f"model: network.yaml\nfrom: app\nchecks: [{{flow: '203.0.113.9:443', {expected}}}]")
    (result,) = run(load(str(file)))
    assert result.status is status
    assert status is not Status.UNDECIDED or "is not in the model" in result.failure


VARIABLES = """\
model: ${models}/sqs-private
variables: {models: MODELS, asker: AppServer, host: ssm.us-east-1.amazonaws.com, ways: [SSMVPCEndpoint]}
from: ${asker}
checks:
  - {flow: "https://${host}", via: "${ways}", title: "$${host} is ${host}"}
"""


def variables(tmp_path: Path, text: str = VARIABLES, **given: str) -> Scenario:
    file = tmp_path / "scenario.yaml"
    file.write_text(text.replace("MODELS", str(ROOT / "models")))
    return load(str(file), given)


def test_variables_stand_for_texts_and_for_whole_values(tmp_path: Path) -> None:
    (result,) = run(variables(tmp_path))
    assert result.passed
    assert result.check.title == "${host} is ssm.us-east-1.amazonaws.com"
    assert result.check.expected["via"] == ["SSMVPCEndpoint"]
    (other,) = run(variables(tmp_path, host="example.com"))
    assert other.failure == "expected via SSMVPCEndpoint"


def test_several_files_make_one_model(tmp_path: Path) -> None:
    (tmp_path / "more.yaml").write_text("endpoints: {e: {service: sqs, subnets: mySubnet, private_dns: true}}")
    text = VARIABLES.replace("${models}/sqs-private", '["${models}/sqs-private", more.yaml]').replace("SSMVPCEndpoint", "e")
    (result,) = run(variables(tmp_path, text, host="sqs.us-east-1.amazonaws.com"))
    assert result.failure == ""


def test_an_unknown_variable_is_named_with_its_place(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"scenario.yaml:5:12: no variable `hots`, did you mean `host`\?"):
        variables(tmp_path, VARIABLES.replace('"https://${host}"', '"https://${hots}"'))
    variables(tmp_path)
    with pytest.raises(InputError, match="--var: no scenario has a variable `hots`"):
        load_all([str(tmp_path / "scenario.yaml")], {"hots": "x"})


def test_variables_of_policies_are_left_alone(tmp_path: Path) -> None:
    assert variables(tmp_path, VARIABLES.replace("$${host}", "${aws:username}")).checks[0][1].title.startswith("${aws:username}")


SQS = "endpoints: {e: {service: sqs, subnets: mySubnet, private_dns: true}}"
TWICE = "endpoints: {e: {service: ssm, subnets: mySubnet, private_dns: true}}"
CHANGES = [
    (TWICE, "InvalidParameter", "refused", ""),
    (TWICE, "snow", "refused", "expected the refusal to say `snow`"),
    (SQS, "InvalidParameter", "accepted", "expected the changes to be refused"),
]


@pytest.mark.parametrize(("create", "refused", "predicted", "failure"), CHANGES, ids=["refused", "otherwise", "accepted"])
def test_changes_that_aws_refuses(tmp_path: Path, create: str, refused: str, predicted: str, failure: str) -> None:
    file = tmp_path / "scenario.yaml"
    checks = "[{dns: sqs.us-east-1.amazonaws.com, answers: public}]"
    file.write_text(
        f"model: {ROOT}/models/sqs-private/network.yaml\nfrom: AppServer\n"
        f"steps:\n  - create: {{{create}}}\n    refused: {refused}\n    checks: {checks}"
    )
    result, unchanged = run(load(str(file)))
    assert result.predicted == predicted
    assert result.failure.startswith(failure)
    assert bool(result.failure) is bool(failure)
    assert unchanged.passed


UNUSABLE = [
    ("model: x\nsteps:\n  - {refused: x, checks: []}", "`refused` needs a change"),
    ("model: x\nsteps:\n  - {create: {vpcs: {v: 10.0.0.0/16}}, refused: [], checks: []}", "`refused` is what the refusal says"),
    ("steps: []", "`model` is missing"),
    ("model: x\nsteps:\n  - checks:\n      - {flwo: x}", "a check is a mapping with one of"),
    ("model: x\nstep: []\nsteps: []", "`step` is not known here; did you mean `steps`?"),
    ("model: x\nsteps:\n  - checks:\n      - {flow: x, verdict: maybe, from: a}", "`maybe` is not one of"),
    ("model: x\nsteps:\n  - checks:\n      - {flow: x}", "`from` is missing"),
    ("[]", "a scenario is a mapping"),
    ("model: x\nchecks: []\nsteps: []", "a scenario has `steps`, or `checks`"),
    ("model: x\nvariables: []\nchecks: []", "`variables` is a mapping"),
    ("model: x\nsymptom: [x]\nchecks: []", "`symptom` is a text"),
    (
        "model: x\nfrom: a\nchecks: [{call: 'sqs:SendMessage', layer: snow}]",
        "`snow` is not one of name, path, TLS",
    ),
]


@pytest.mark.parametrize(("text", "message"), UNUSABLE, ids=[message for _, message in UNUSABLE])
def test_an_unusable_scenario_says_what_is_wrong(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "scenario.yaml"
    file.write_text(text)
    with pytest.raises(InputError) as error:
        load(str(file))
    assert any(message in problem.message for problem in error.value.problems)
    assert all(problem.origin and problem.origin.file == str(file) for problem in error.value.problems)


def test_a_service_for_which_moto_lacks_a_module(tmp_path: Path) -> None:
    file = tmp_path / "scenario.yaml"
    call = "{call: {action: 'cloudformation:ListStacks', parameters: {}}}"
    steps = f"steps: [{{create: {{roles: {{AppServerRole: {{allow: '*'}}}}}}, checks: [{call}]}}]"
    file.write_text(f"model: {ROOT}/models/sqs-nat/network.yaml\nfrom: AppServer\n{steps}\n")
    without = "import sys; sys.modules['openapi_spec_validator'] = None; from vpcsim.cli import main; main()"
    done = subprocess.run([sys.executable, "-c", without, "run", str(file)], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "moto cannot answer for `cloudformation.us-east-1.amazonaws.com`, since `openapi_spec_validator` is not" in done.stderr
    assert "install vpcsim[cloudformation]" in done.stderr
    assert "Traceback" not in done.stderr
