"""The pytest plugin in real runs of pytest, in processes of their own."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from importlib.metadata import entry_points
from pathlib import Path
from xml.etree import ElementTree

import pytest

pytest_plugins = ["pytester"]

ROOT = Path(__file__).parent.parent
INSTALLED = bool(entry_points(group="pytest11", name="vpcsim"))
MARK = f'pytestmark = pytest.mark.vpcsim(model="{ROOT}/models/sqs-private", instance="AppServer")\n'
SQS, SSM = "https://sqs.us-east-1.amazonaws.com", "https://ssm.us-east-1.amazonaws.com"


def run(pytester: pytest.Pytester, *arguments: str, plugin: bool = not INSTALLED) -> pytest.RunResult:
    """A run of pytest that knows the plugin, whether or not the package is installed with its entry point."""
    loaded = ("-p", "vpcsim.pytest_plugin") if plugin else ()
    return pytester.runpytest_subprocess(*loaded, "-W", "error", *arguments)


def outcome(pytester: pytest.Pytester, body: str, mark: str = MARK) -> pytest.RunResult:
    pytester.makepyfile(f"import pytest\n{mark}{body}")
    return run(pytester)


@pytest.fixture(autouse=True)
def _path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))


PASSING = {
    "the network": f"def test_it(network):\n    assert network.trace('AppServer', '{SSM}').reachable",
    "reachable": f"def test_it(assert_reachable):\n    assert_reachable('{SSM}', via='SSMVPCEndpoint', not_via='internet')",
    "blocked": (
        f"def test_it(assert_blocked):\n    assert_blocked('{SQS}', code='NO_ROUTE_TO_DESTINATION', at='myRouteTable',"
        " because='no route', fix='an interface endpoint')"
    ),
    "from elsewhere": "def test_it(assert_blocked):\n    assert_blocked('AppServer', source='internet', port=22)",
    "on the answer": f"def test_it(network):\n    network.trace('AppServer', '{SQS}').assert_blocked(at='myRouteTable')",
    "a change": (
        '@pytest.mark.vpcsim(create={"endpoints": {"e": {"service": "sqs", "subnets": "mySubnet",'
        ' "security_groups": "VPCEndpointSecurityGroup", "private_dns": True}}})\n'
        f"def test_it(assert_reachable):\n    assert_reachable('{SQS}', at='e')"
    ),
    "a deletion": f'@pytest.mark.vpcsim(delete="SSMVPCEndpoint")\ndef test_it(assert_blocked):\n    assert_blocked("{SSM}")',
}


@pytest.mark.parametrize("body", PASSING.values(), ids=PASSING)
def test_a_test_that_holds(pytester: pytest.Pytester, body: str) -> None:
    outcome(pytester, body).assert_outcomes(passed=1)


FAILING = {
    "not reachable": (
        f"def test_it(assert_reachable):\n    assert_reachable('{SQS}')",
        ["*expected reachable, predicted blocked*", "*BLOCKED at myRouteTable*", "*myRouteTable: no route for*"],
    ),
    "not blocked": (
        f"def test_it(assert_blocked):\n    assert_blocked('{SSM}')",
        ["*expected blocked, predicted reachable*", "*REACHABLE via SSMVPCEndpoint*"],
    ),
    "another place": (
        f"def test_it(assert_blocked):\n    assert_blocked('{SQS}', at='mySubnet')",
        ["*expected at mySubnet, decided at myRouteTable*"],
    ),
    "another code": (
        f"def test_it(assert_blocked):\n    assert_blocked('{SQS}', code='SUBNET_ACL_RESTRICTION')",
        ["*expected code SUBNET_ACL_RESTRICTION, got NO_ROUTE_TO_DESTINATION*"],
    ),
    "another way": (
        f"def test_it(assert_reachable):\n    assert_reachable('{SSM}', not_via='SSMVPCEndpoint')",
        ["*expected not via SSMVPCEndpoint*"],
    ),
    "no code": (
        f"def test_it(assert_blocked):\n    assert_blocked('{SQS}', code='NO_ROUTE')",
        ["*`NO_ROUTE` is not a code*"],
    ),
    "no expectation": (
        f"def test_it(assert_blocked):\n    assert_blocked('{SQS}', vai='internet')",
        ["*`vai` is nothing that can be expected*"],
    ),
    "nobody of that name": (
        f"def test_it(assert_blocked):\n    assert_blocked('{SQS}', source='AppServr')",
        ["*no resource `AppServr`, did you mean `AppServer`?*"],
    ),
}


@pytest.mark.parametrize(("body", "told"), FAILING.values(), ids=FAILING)
def test_a_test_that_fails_tells_the_difference_and_the_trace(pytester: pytest.Pytester, body: str, told: list[str]) -> None:
    result = outcome(pytester, body)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(told)
    result.stdout.no_fnmatch_line("*expectations.py:*in require*")
    result.stdout.no_fnmatch_line("*asking.py:*")


MISTAKES = {
    "no model": ("", "def test_it(network): pass", "*which network?*"),
    "no instance": (
        f'pytestmark = pytest.mark.vpcsim(model="{ROOT}/models/sqs-private")\n',
        f"def test_it(assert_blocked): assert_blocked('{SQS}')",
        "*who asks?*",
    ),
    "no such word": ('pytestmark = pytest.mark.vpcsim(modle="x")\n', "def test_it(network): pass", "*takes no `modle`*"),
    "no such file": ('pytestmark = pytest.mark.vpcsim(model="x.yaml")\n', "def test_it(network): pass", "*x.yaml: no such file*"),
}


@pytest.mark.parametrize(("mark", "body", "told"), MISTAKES.values(), ids=MISTAKES)
def test_a_marker_that_cannot_be_used(pytester: pytest.Pytester, mark: str, body: str, told: str) -> None:
    result = outcome(pytester, body, mark)
    assert result.ret != 0
    result.stdout.fnmatch_lines([told])


def test_a_test_can_stand_inside_an_instance(pytester: pytest.Pytester) -> None:
    body = (
        "def test_it(inside):\n    import boto3\n    from botocore.exceptions import ConnectTimeoutError\n"
        "    with pytest.raises(ConnectTimeoutError):\n        boto3.client('sqs').list_queues()\n"
    )
    pytester.makepyfile(f"import pytest\n{MARK}{body}")
    run(pytester, "-W", "ignore::DeprecationWarning").assert_outcomes(passed=1)


def test_what_one_test_sends_no_other_receives(pytester: pytest.Pytester) -> None:
    mark = f"pytestmark = pytest.mark.vpcsim(model='{ROOT}/models/sqs-nat', instance='AppServer')\n"
    test = (
        "def test_{}(inside):\n    import boto3\n    sqs = boto3.client('sqs')\n"
        "    url = sqs.get_queue_url(QueueName='FilaTeste')['QueueUrl']\n"
        "    assert 'Messages' not in sqs.receive_message(QueueUrl=url)\n    sqs.send_message(QueueUrl=url, MessageBody='x')\n"
    )
    pytester.makepyfile("import pytest\n" + mark + test.format("one") + test.format("two"))
    run(pytester, "-W", "ignore::DeprecationWarning").assert_outcomes(passed=2)


def test_settings_stand_in_for_the_marker(pytester: pytest.Pytester) -> None:
    pytester.makeini(f"[pytest]\nvpcsim_model = {ROOT}/models/sqs-private\nvpcsim_instance = AppServer")
    outcome(pytester, f"def test_it(assert_blocked):\n    assert_blocked('{SQS}')", "").assert_outcomes(passed=1)


def test_a_model_is_found_beside_the_test_or_from_the_root(pytester: pytest.Pytester) -> None:
    text = (ROOT / "models/sqs-private/network.yaml").read_text()
    (pytester.path / "net.yaml").write_text(text)
    folder = pytester.mkdir("tests")
    (folder / "near.yaml").write_text(text)
    body = "import pytest\n" + "".join(
        f"@pytest.mark.vpcsim(model='{name}')\ndef test_{n}(network): pass\n" for n, name in enumerate(("near.yaml", "net.yaml"))
    )
    (folder / "test_it.py").write_text(body)
    pytester.makeini("[pytest]")
    run(pytester).assert_outcomes(passed=2)


def test_several_files_make_one_network(pytester: pytest.Pytester) -> None:
    (pytester.path / "more.yaml").write_text("endpoints: {e: {service: sqs, subnets: mySubnet, private_dns: true}}")
    mark = f'pytestmark = pytest.mark.vpcsim(["{ROOT}/models/sqs-private", "more.yaml"], "AppServer")\n'
    outcome(
        pytester, f"def test_it(network):\n    assert network.trace('AppServer', '{SQS}').resolution.owner == 'e'", mark
    ).assert_outcomes(passed=1)


EXPECTATIONS = f"""\
scenario: A message from a private instance
model: {ROOT}/models/sqs-private
from: AppServer
steps:
  - name: as it is
    checks:
      - {{title: no message, send: {{queue: FilaTeste, body: a}}, verdict: blocked}}
      - {{title: the way out, flow: "{SQS}", verdict: VERDICT, at: myRouteTable}}
  - name: with an endpoint
    create:
      endpoints:
        e: {{service: sqs, subnets: mySubnet, security_groups: VPCEndpointSecurityGroup, private_dns: true}}
    checks:
      - {{title: a message, send: {{queue: FilaTeste, body: b}}, verdict: reachable}}
      - {{title: the queue, poll: FilaTeste, messages: [b]}}
"""


def expectations(pytester: pytest.Pytester, verdict: str = "blocked") -> Path:
    file = pytester.path / "sqs.vpcsim.yaml"
    file.write_text(EXPECTATIONS.replace("VERDICT", verdict))
    return file


def test_every_expectation_is_a_test(pytester: pytest.Pytester) -> None:
    expectations(pytester)
    result = run(pytester, "-v")
    result.assert_outcomes(passed=4)
    result.stdout.fnmatch_lines(["sqs.vpcsim.yaml::as it is: no message PASSED*", "*::with an endpoint: the queue PASSED*"])


def test_an_expectation_that_fails_tells_its_place_and_the_trace(pytester: pytest.Pytester) -> None:
    expectations(pytester, "reachable")
    result = run(pytester)
    result.assert_outcomes(passed=3, failed=1)
    result.stdout.fnmatch_lines(
        ["expected reachable, predicted blocked", "written in *sqs.vpcsim.yaml:8:9", "*BLOCKED at myRouteTable*"]
    )
    result.stdout.no_fnmatch_line("*Traceback*")
    result.stdout.no_fnmatch_line("*pytest_plugin.py*")


def test_one_expectation_can_be_selected(pytester: pytest.Pytester) -> None:
    expectations(pytester)
    run(pytester, "-k", "queue").assert_outcomes(passed=1, deselected=3)
    run(pytester, "sqs.vpcsim.yaml::with an endpoint: the queue").assert_outcomes(passed=1)


def test_several_processes_share_the_work(pytester: pytest.Pytester) -> None:
    expectations(pytester)
    pytester.makepyfile(f"import pytest\n{MARK}{PASSING['blocked']}")
    run(pytester, "-n", "2").assert_outcomes(passed=5)


@pytest.mark.parametrize("processes", [(), ("-n", "2")], ids=["one process", "several"])
def test_the_junit_file_has_names_for_people(pytester: pytest.Pytester, processes: tuple[str, ...]) -> None:
    expectations(pytester, "reachable")
    undecided(pytester.path)
    body = f'{PASSING["blocked"]}\ndef test_sqs(assert_reachable):\n    """SQS is reached."""\n    assert_reachable("{SQS}")'
    pytester.makepyfile(test_more=f"import pytest\n{MARK}{body}\ndef test_with_a_skip(network): pytest.skip('why')")
    run(pytester, "--vpcsim-junit", "out/reachability.xml", *processes).assert_outcomes(passed=4, failed=2, skipped=2)
    root = ElementTree.parse(pytester.path / "out/reachability.xml").getroot()
    assert root.attrib == {"name": "vpcsim", "tests": "8", "failures": "2", "errors": "0", "skipped": "2"}
    cases = {
        (suite.get("name"), case.get("classname"), case.get("name"), case.get("line")): "".join(
            f"{child.tag}: {child.get('message')}" for child in case
        )
        for suite in root
        for case in suite
    }
    told = "failure: expected reachable, predicted blocked"
    more, sqs = "test_more.py", ("sqs.vpcsim.yaml", "A message from a private instance")
    assert cases == {
        ("doubt.vpcsim.yaml", "doubt.vpcsim.yaml", "flow 203.0.113.9:443", "4"): (
            "skipped: undecided: t: 0.0.0.0/0 -> lgw-0123456789abcdef0, "
            "and what lgw-0123456789abcdef0 does with it is not in the model"
        ),
        (*sqs, "as it is: no message", "7"): "",
        (
            *sqs,
            "as it is: the way out",
            "8",
        ): told,
        (*sqs, "with an endpoint: a message", "14"): "",
        (*sqs, "with an endpoint: the queue", "15"): "",
        (more, more, "it", "3"): "",
        (more, more, "SQS is reached.", "5"): told,
        (more, more, "with a skip", "8"): "skipped: why",
    }


UNDECIDED = """\
model: network.yaml
from: app
checks:
  - {flow: "203.0.113.9:443", verdict: reachable}
"""


def test_an_undecided_expectation_is_skipped_unless_it_is_to_be_strict(pytester: pytest.Pytester) -> None:
    undecided(pytester.path)
    run(pytester, "-rs").assert_outcomes(skipped=1)
    run(pytester, "--vpcsim-strict").assert_outcomes(failed=1)


def undecided(folder: Path) -> None:
    """A file with one expectation that the network cannot decide."""
    (folder / "network.yaml").write_text(
        "vpcs: {v: 10.0.0.0/16}\nsubnets: {s: 10.0.0.0/24}\ninstances: {app: {subnet: s}}\n"
        "route_tables: {t: {subnets: s, routes: {0.0.0.0/0: lgw-0123456789abcdef0}}}\n"
    )
    (folder / "doubt.vpcsim.yaml").write_text(UNDECIDED)


def test_an_unusable_file_is_an_error_of_collection(pytester: pytest.Pytester) -> None:
    (pytester.path / "x.vpcsim.yaml").write_text("modle: x\nchecks: []\n")
    result = run(pytester)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*x.vpcsim.yaml:1:1: `modle` is not known here; did you mean `model`?"])
    result.stdout.no_fnmatch_line("*Traceback*")


def test_a_model_that_is_missing_fails_each_expectation(pytester: pytest.Pytester) -> None:
    (pytester.path / "x.vpcsim.yaml").write_text("model: y.yaml\nfrom: a\nchecks: [{flow: b}]\n")
    result = run(pytester)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*y.yaml: no such file*"])


def test_the_entry_point_of_the_package_is_enough(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    declared = project["entry-points"]["pytest11"]
    package = pytester.mkdir("installed") / "vpcsim_entry-1.dist-info"
    package.mkdir()
    (package / "METADATA").write_text("Metadata-Version: 2.1\nName: vpcsim-entry\nVersion: 1\n")
    (package / "entry_points.txt").write_text("[pytest11]\n" + "".join(f"{k} = {v}\n" for k, v in declared.items()))
    monkeypatch.setenv("PYTHONPATH", f"{package.parent}:{ROOT}")
    expectations(pytester)
    run(pytester, plugin=False).assert_outcomes(passed=4)


def test_a_run_without_expectations_imports_nothing_of_the_simulator() -> None:
    code = "import sys, vpcsim.pytest_plugin; print(sorted(m for m in sys.modules if re.match(MODULES, m)))"
    modules = "vpcsim.(?!pytest_plugin)|moto|boto|pydantic|yaml|networkx|click|rich|dnslib"
    done = subprocess.run(
        [sys.executable, "-c", f"import re; MODULES = {modules!r}; {code}"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert re.sub(r"\s", "", done.stdout) == "[]"
