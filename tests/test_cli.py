"""The commands as processes: exit codes, streams, pipes, interrupts, colours, and what never leaves the machine."""

from __future__ import annotations

import json
import os
import pty
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from click import ClickException
from click.testing import CliRunner, Result

from vpcsim.cli import COMMANDS, vpcsim_command
from vpcsim.cli.mistakes import lines
from vpcsim.errors import VpcsimError

ROOT = Path(__file__).parent.parent
PROGRAM = [sys.executable, "-c", "from vpcsim.cli import main; main()"]
PRIVATE = "models/sqs-private"
SCENARIO = "scenarios/sqs-interface-endpoint.yaml"
SQS = "https://sqs.us-east-1.amazonaws.com"
SSM = "https://ssm.us-east-1.amazonaws.com"


def vpcsim(*words: str, env: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """The program as people start it."""
    plain = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "FORCE_COLOR", "NO_COLOR")}
    settings = plain | dict(env or {})
    return subprocess.run([*PROGRAM, *words], cwd=ROOT, env=settings, capture_output=True, encoding="utf-8", check=False)


def command(*words: str, **options: Any) -> Result:
    """The same in this process, without what the program does about errors."""
    return CliRunner().invoke(vpcsim_command, words, prog_name="vpcsim", standalone_mode=False, **options)


@pytest.fixture(autouse=True)
def _in_the_repository(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


# exit codes and streams


def no_resolver(folder: Path) -> str:
    """A model whose VPC answers no names."""
    path = folder / "network.yaml"
    vpc = "vpcs: {v: {cidr: 10.0.0.0/16, dns_support: false}}\n"
    path.write_text(vpc + "subnets: {a: 10.0.0.0/24}\ninstances: {i: {subnet: a}}\n")
    return str(path)


def scenario(folder: Path, check: str) -> str:
    path = folder / "scenario.yaml"
    checks = f"[{{{check}}}]" if check else "[]"
    path.write_text(f"model: {ROOT / PRIVATE}\nfrom: AppServer\nsteps: [{{checks: {checks}}}]\n")
    return str(path)


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("trace", PRIVATE, "AppServer", SSM), 0),
        (("trace", PRIVATE, "AppServer", SQS), 1),
        (("trace", PRIVATE, "internet", "AppServer:22"), 1),
        (("session", PRIVATE, "AppServer"), 0),
        (("session", "models/sqs-public", "PrivateServer"), 1),
        (("call", "models/sqs-nat", "AppServer", "sqs:SendMessage", "FilaTeste"), 0),
        (("call", PRIVATE, "AppServer", "sqs:SendMessage", "FilaTeste", "--client", "cli-v1"), 1),
        (("call", "models/sqs-nat", "AppServer", "sqs:SendMessage", "arn:aws:sqs:us-east-1:444455556666:q"), 3),
        (("task", "models/sqs-nat", "AppServer", "cfn-signal"), 0),
        (("task", "models/sqs-nat", "AppServer", "ecr-pull"), 1),
        (("task", "models/private-eks", "myNodes", "secrets-manager"), 1),
        (("dig", PRIVATE, "AppServer", "sqs.us-east-1.amazonaws.com"), 0),
        (("dig", PRIVATE, "AppServer", "nowhere.ec2.internal"), 0),
        (("show", PRIVATE), 0),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else str(value),
)
def test_exit_codes_do_not_depend_on_the_form(words: tuple[str, ...], code: int, form: str) -> None:
    done = command(*words, "--format", form)
    assert done.exception is None, repr(done.exception)
    assert (done.return_value, done.stderr) == (code, "")
    assert done.stdout.endswith("\n")


def test_dig_without_a_reply_is_9(tmp_path: Path) -> None:
    for form in ("text", "json"):
        assert command("dig", no_resolver(tmp_path), "i", "example.com", "--format", form).return_value == 9


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize(("check", "code"), [("session: reachable", 0), ("session: blocked", 1), ("", 3)])
def test_exit_codes_of_a_run(tmp_path: Path, check: str, code: int, form: str) -> None:
    done = command("run", scenario(tmp_path, check), "--format", form)
    assert done.exception is None, repr(done.exception)
    assert done.return_value == code


def test_what_is_not_modelled_is_undecided_and_3(tmp_path: Path) -> None:
    path = tmp_path / "network.yaml"
    path.write_text(
        "vpcs: {v: 10.0.0.0/16}\nsubnets: {a: 10.0.0.0/24, b: 10.0.1.0/24}\n"
        "instances: {i: {subnet: a}, router: {subnet: b, source_dest_check: false, security_groups: open}}\n"
        "security_groups: {open: {ingress: all from 0.0.0.0/0}}\n"
        "route_tables: {r: {subnets: a, routes: {0.0.0.0/0: router}}}\n"
    )
    for form in ("text", "json"):
        done = command("trace", str(path), "i", "192.0.2.7", "--format", form)
        assert done.return_value == 3, done.output
        assert "undecided" in done.output.lower()


def test_the_tasks_are_listed() -> None:
    from vpcsim.calling import TASKS

    assert command("task", PRIVATE, "AppServer").stdout.split() == list(TASKS)
    told = "".join(command("task", "--help").stdout.split())
    assert f"Tasks:{','.join(TASKS)}." in told


USAGE = {
    ("nonsense",): "nonsense",
    ("trcae",): "did you mean `trace`?",
    ("trace",): "MODEL",
    ("trace", PRIVATE): "FROM",
    ("trace", PRIVATE, "AppServer", SQS, "--fromat", "json"): "--format",
    ("trace", PRIVATE, "AppServer", SQS, "--format", "xml"): "xml",
    ("trace", PRIVATE, "AppServr", SQS): "did you mean `AppServer`?",
    ("trace", PRIVATE, "AppServer", "AppServr:22"): "did you mean `AppServer`?",
    ("trace", PRIVATE, "AppServer", SQS, "--port", "abc"): "`abc` is not a port",
    ("trace", PRIVATE, "AppServer", "10.0.0.99:443", "--port", "80"): "`10.0.0.99:443` names port 443, and `port` is 80",
    ("trace", PRIVATE, "AppServer", "https://10.0.0.99:8443/x", "--port", "80"): "names port 8443, and `port` is 80",
    ("trace", PRIVATE, "AppServer", "10.0.0.300"): "`10.0.0.300` is not an address",
    ("trace", PRIVATE, "AppServer", "http://10.0.0.300/"): "`10.0.0.300` is not an address",
    ("trace", PRIVATE, "AppServer", "10.0.0.0/24"): "ask for one address or one host, `10.0.0.0` for example",
    ("trace", PRIVATE, "AppServer", "https://"): "`https://` is not a URL with a host",
    ("trace", PRIVATE, "internett", "AppServer"): "did you mean `internet`?",
    ("trace", PRIVATE, "AppServer", "10.0.0.1", "--port", "70000"): "`70000` is not a port",
    ("trace", PRIVATE, "AppServer", SQS, "--protocol", "tpc"): "`tpc` is not a protocol",
    ("trace", PRIVATE, "AppServer", "10.0.0.1:" + "9" * 5000): "port",
    ("trace", PRIVATE, "", ""): "``",
    ("dig", PRIVATE, "AppServer", "a.example", "+shrt"): "+short",
    ("dig", PRIVATE, "AppServer", "a.example", "Q"): "`Q` is not a record type",
    ("dig", PRIVATE, "AppServer", "a.example", "TYPE99999"): "`TYPE99999` is not a record type",
    ("dig", PRIVATE, "AppServer", "a.example", "A", "MX"): "`MX`",
    ("session", PRIVATE, "FilaTeste"): "`FilaTeste` is a queue",
    ("call", PRIVATE, "AppServer", "SendMessage"): "`SendMessage` is not an action such as `sqs:SendMessage`",
    ("call", PRIVATE, "AppServer", "sqss:SendMessage"): "did you mean `sqs`?",
    ("call", PRIVATE, "AppServer", "sqs:SendMessage", "FilaTest"): "did you mean `FilaTeste`?",
    ("call", PRIVATE, "AppServer", "sqs:SendMessage", "arn:aws:sqs"): "`arn:aws:sqs` is not an ARN",
    ("call", PRIVATE, "AppServer", "sqs:SendMessage", "--client", "cli"): "`cli` is not a client: boto3, cli-v2, cli-v1",
    ("call", PRIVATE, "AppServer", "sqs:SendMessage", "--env", "AWS_ENDPOINT_URL"): "NAME=VALUE",
    ("call", PRIVATE, "AppServer", "sqs:SendMessage", "--env", "AWS_ENDPOINT=x"): "does not decide which host",
    ("call", PRIVATE, "AppServer", "sqs:SendMessage", "--context", "x"): "--context: `x` is not a pair such as NAME=VALUE",
    ("call", PRIVATE, "AppServer", "sqs:SendMessage", "--role", "nobody"): "no role `nobody`",
    ("call", PRIVATE, "AppServer", "sqs:SendMessage", "--endpoint-url", "elsewhere"): "`elsewhere` is not a URL",
    ("task", PRIVATE, "AppServer", "ecr-pul"): "did you mean `ecr-pull`?",
    ("task", PRIVATE, "AppServer", "lambda-to-rds"): "name the database",
    ("show", "models/sqs-privat"): "did you mean `models/sqs-private`?",
    ("show", "scenarios"): "network.yaml",
    ("show", PRIVATE, "--param", "x"): "NAME=VALUE",
    ("show", PRIVATE, "--param", "x=y"): "parameters belong to CloudFormation templates",
    ("show", f"{PRIVATE}/template.yaml", "--param", "InstanceTyp=y"): "did you mean `InstanceType`?",
    ("show", f"{PRIVATE}/template.yaml", "--param", "AWS::Region=eu-west-11"): "did you mean `eu-west-1`?",
    ("run",): "SCENARIO",
    ("run", "scenarios/nothing.yaml"): "no such file",
    ("ask", PRIVATE, "--input", "nothing.jsonl"): "nothing.jsonl",
    ("graph", PRIVATE, "--format", "png"): "png",
}


@pytest.mark.parametrize("words", USAGE, ids=lambda words: " ".join(words)[:60])
def test_a_wrong_command_line_is_told(words: tuple[str, ...]) -> None:
    """What `main` tells of these two kinds of exceptions is exit code 2 and a line; see the processes below."""
    done = command(*words)
    assert isinstance(done.exception, ClickException | VpcsimError), repr(done.exception)
    told = done.exception.format_message() if isinstance(done.exception, ClickException) else str(done.exception)
    assert USAGE[words] in told
    assert done.stdout == ""
    assert len(told) < 1000


COMMAND_LINES = {
    ("trace", PRIVATE, "a", "b", "--prot", "tcp"): "no option `--prot`; did you mean `--port`?",
    ("trace", PRIVATE, "a", "b", "--format", "jsn"): "`jsn` is not one of `text`, `json`, `jsonl`, `junit`, `sarif`, `github`,",
    ("trace", PRIVATE, "a"): "`TO[:PORT]` is missing",
    ("trace", PRIVATE, "a", "b", "c"): "got unexpected extra argument `c`",
}


@pytest.mark.parametrize("words", COMMAND_LINES, ids=lambda words: " ".join(words))
def test_a_wrong_command_line_is_told_as_every_other_mistake(words: tuple[str, ...]) -> None:
    error = command(*words).exception
    assert isinstance(error, ClickException)
    said, *usage = lines(error)
    assert COMMAND_LINES[words] in said
    assert "'" not in said
    assert usage == ["expected: vpcsim trace [OPTIONS] MODEL FROM TO[:PORT]; `vpcsim trace --help` tells more"]


MISTAKES = [("trcae",), ("trace",), ("trace", PRIVATE, "AppServr", SQS), ("show", "nothing")]


@pytest.mark.parametrize("words", MISTAKES, ids=" ".join)
def test_errors_are_on_standard_error_with_exit_code_2(words: tuple[str, ...]) -> None:
    done = vpcsim(*words)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr
    assert "Traceback" not in done.stderr


def test_a_refused_model_is_told_with_the_rule_and_the_code(tmp_path: Path) -> None:
    path = tmp_path / "network.yaml"
    path.write_text("vpcs: {v: 10.0.0.0/16}\nsubnets: {a: 10.9.0.0/24}\n")
    done = vpcsim("trace", str(path), "a", "b")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"vpcsim: {path}:2:11: refused: a: 10.9.0.0/24 is not inside a block of v (InvalidSubnet.Range)\n"


def test_many_problems_are_cut_and_counted(tmp_path: Path) -> None:
    path = tmp_path / "network.yaml"
    path.write_text("vpcs: {v: 10.0.0.0/16}\nsubnets: {" + ", ".join(f"s{n}: bad" for n in range(200)) + "}\n")
    lines = vpcsim("show", str(path)).stderr.splitlines()
    assert len(lines) == 51
    assert lines[-1] == "vpcsim: and 150 more problems"


def test_nothing_is_printed_before_all_scenarios_could_be_read() -> None:
    done = vpcsim("run", SCENARIO, "scenarios/nothing.yaml")
    assert (done.returncode, done.stdout) == (2, "")


@pytest.mark.parametrize("words", [("--debug", "show", "nothing"), ("show", "nothing", "--debug")], ids=" ".join)
def test_debug_shows_the_traceback_and_keeps_the_exit_code(words: tuple[str, ...]) -> None:
    done = vpcsim(*words)
    assert "Traceback" in done.stderr
    assert done.returncode == 2


def test_words_from_the_command_line_do_not_command_the_terminal() -> None:
    done = vpcsim("trace", PRIVATE, "a\nvpcsim: forged\x1b[2J", SQS)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert "\x1b" not in done.stderr


# pipes and interrupts


def asking() -> Any:
    """A process that waits for questions. What shells start in the background ignores interrupts, this does not."""
    pipe, words = subprocess.PIPE, [*PROGRAM, "ask", PRIVATE]
    return subprocess.Popen(words, stdin=pipe, stdout=pipe, stderr=pipe, preexec_fn=_with_interrupts)


def _with_interrupts() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_a_closed_pipe_is_silent() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run([*PROGRAM, "show", PRIVATE], stdout=writing, stderr=subprocess.PIPE, text=True, check=False)
    finally:
        os.close(writing)
    assert done.stderr == ""
    assert done.returncode in (0, 141), "1 would be a negative verdict"


def test_a_pipe_that_closes_early_is_silent() -> None:
    line = b'{"id": 1, "flow": {"from": "AppServer", "to": "10.0.0.99"}}\n'
    with asking() as process:
        process.stdin.write(line * 200)
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["verdict"] == "blocked"
        process.stdout.close()
        try:
            process.stdin.write(line * 200)
            process.stdin.close()
        except BrokenPipeError:
            pass
        assert process.stderr.read() == b""
        assert process.wait() in (0, 141)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_is_told_without_a_traceback() -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run([*PROGRAM, "show", PRIVATE], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_an_interrupt_is_130_and_silent() -> None:
    with asking() as process:
        process.stdin.write(b'{"id": 1, "dns": {"from": "AppServer", "name": "a.example"}}\n')
        process.stdin.flush()
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        assert process.wait() == 130
        assert b"Traceback" not in process.stderr.read()


# JSON


def no_constant(text: str) -> None:
    raise AssertionError(f"`{text}` is not JSON")


def values(value: Any, key: str = "") -> Iterator[tuple[str, Any]]:
    """Every value inside, with the key that leads to it."""
    yield key, value
    inside = value.items() if isinstance(value, dict) else ((key, item) for item in value) if isinstance(value, list) else ()
    for name, inner in inside:
        yield from values(inner, name)


LISTS = {
    "codes", "fixes", "answers", "notes", "assumptions", "not_checked", "hops", "steps", "legs", "resources", "skipped",
    "notices", "scenarios", "results", "keys",
}  # fmt: skip


@pytest.mark.parametrize(
    "words",
    [
        ("trace", PRIVATE, "AppServer", SSM),
        ("trace", PRIVATE, "AppServer", SQS),
        ("trace", PRIVATE, "AppServer", "nothing.ec2.internal"),
        ("trace", PRIVATE, "AppServer", "10.0.0.99", "--protocol", "icmp", "--all"),
        ("dig", PRIVATE, "AppServer", "ssm.us-east-1.amazonaws.com"),
        ("dig", PRIVATE, "AppServer", "nothing.ec2.internal", "MX"),
        ("dig", PRIVATE, "public", "example.com", "ANY"),
        ("session", PRIVATE, "AppServer"),
        ("session", "models/sqs-public", "PrivateServer"),
        ("show", PRIVATE),
        ("show", "models/sqs-nat"),
        ("run", SCENARIO),
    ],
    ids=" ".join,
)
def test_json_is_one_object_with_a_version_and_lists_that_are_there(words: tuple[str, ...]) -> None:
    done = command(*words, "--format", "json")
    assert done.exception is None, repr(done.exception)
    found = json.loads(done.stdout, parse_constant=no_constant)
    assert found["format_version"] == "1.0"
    for key, value in values(found):
        assert key not in LISTS or value is not None, key
    verdicts = {value for key, value in values(found) if key == "verdict"}
    assert verdicts <= {"reachable", "blocked", "refused", "undecided"}


def test_json_of_a_scenario_without_checks_is_valid(tmp_path: Path) -> None:
    found = json.loads(command("run", scenario(tmp_path, ""), "--format", "json").stdout)
    assert found["scenarios"][0]["results"] == []


@pytest.mark.parametrize("form", ["mermaid", "dot", "graphml"])
def test_the_graph_has_every_declared_resource(form: str) -> None:
    done = command("graph", PRIVATE, "--format", form)
    assert done.exception is None, repr(done.exception)
    assert done.return_value == 0
    assert all(id in done.stdout for id in ("myVPC", "mySubnet", "AppServer", "SSMVPCEndpoint"))


# help


@pytest.mark.parametrize("name", COMMANDS)
def test_help_has_one_to_six_examples(name: str) -> None:
    done = command(name, "--help")
    examples = [line for line in done.stdout.splitlines() if re.match(r"  (vpcsim |\{)", line)]
    assert 1 <= len(examples) <= 6


def test_help_names_every_command() -> None:
    told = command("--help").stdout
    assert all(re.search(rf"^  {name} ", told, re.MULTILINE) for name in COMMANDS)
    assert command("-h").stdout == told


def test_no_command_at_all_is_help_and_2() -> None:
    done = vpcsim()
    assert done.returncode == 2
    assert "Usage: vpcsim" in done.stdout + done.stderr


def test_the_version_is_one_line() -> None:
    done = vpcsim("--version")
    assert re.fullmatch(r"vpcsim \d+\.\d+\.\d+\n", done.stdout)
    assert (done.returncode, done.stderr) == (0, "")


# colours and characters


def on_a_terminal(*words: str, **env: str) -> tuple[int, bytes]:
    """Exit code and everything that a terminal would show."""
    terminal, inside = pty.openpty()
    settings = {key: value for key, value in os.environ.items() if key not in ("NO_COLOR", "FORCE_COLOR", "TERM")} | env
    with subprocess.Popen([*PROGRAM, *words], cwd=ROOT, stdin=inside, stdout=inside, stderr=inside, env=settings) as process:
        os.close(inside)
        shown = b""
        while True:
            try:
                part = os.read(terminal, 65536)
            except OSError:
                break
            if not part:
                break
            shown += part
        os.close(terminal)
        return process.wait(), shown


COLOUR = re.compile(rb"\x1b\[[0-9;]*\b(?:3[0-8]|4[0-8]|9[0-7]|10[0-7])(?=[;m])")


@pytest.mark.parametrize("env", [{"TERM": "xterm-256color", "NO_COLOR": "1"}, {"TERM": "dumb"}], ids=["NO_COLOR", "dumb"])
def test_where_no_colours_are_wanted_words_say_it_all(tmp_path: Path, env: dict[str, str]) -> None:
    code, shown = on_a_terminal("run", scenario(tmp_path, "session: blocked"), **env)
    assert code == 1
    assert not COLOUR.search(shown)
    assert env["TERM"] != "dumb" or b"\x1b" not in shown
    assert b"FAILED" in shown


PLAIN = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": "ascii"}


def test_a_terminal_without_unicode_gets_ascii() -> None:
    done = vpcsim("run", "scenarios/sqs-nat-gateway.yaml", env=PLAIN)
    assert "Traceback" not in done.stderr
    assert done.returncode == 0
    assert not re.search("[\u2500-\u257f]", done.stdout), "lines of a table"


def test_a_pipe_gets_no_escapes_and_a_steady_width(tmp_path: Path) -> None:
    path = scenario(tmp_path, "session: reachable")
    shown = vpcsim("run", path, env={"COLUMNS": "40"}).stdout
    assert "\x1b" not in shown
    assert "session reachable   yes" in shown
    assert not [line for line in shown.splitlines() if line != line.rstrip()]


def test_markup_in_a_scenario_is_text(tmp_path: Path) -> None:
    done = command("run", scenario(tmp_path, "poll: FilaTeste, title: '[red]x[/red] [/b]', messages: ['[/b]']"))
    assert done.exception is None, repr(done.exception)
    assert "[red]x[/red] [/b]" in done.stdout


# the machine's AWS settings, and its network


def test_settings_of_the_machine_change_nothing(tmp_path: Path) -> None:
    home = tmp_path / "home"
    models = home / ".aws" / "models" / "sqs" / "2012-11-05"
    models.mkdir(parents=True)
    (models / "service-2.json").write_text("{}")
    (home / ".aws" / "config").write_text("[default]\nregion = eu-west-3\nendpoint_url = http://127.0.0.1:9\n")
    env = {
        "HOME": str(home),
        "AWS_PROFILE": "nothing",
        "AWS_REGION": "mars-1",
        "AWS_DEFAULT_REGION": "mars-1",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
        "AWS_CA_BUNDLE": "/nothing",
        "AWS_MAX_ATTEMPTS": "x",
        "AWS_USE_FIPS_ENDPOINT": "true",
        "AWS_CONFIG_FILE": str(home / ".aws" / "config"),
        "HTTPS_PROXY": "http://127.0.0.1:9",
        "MOTO_ACCOUNT_ID": "999999999999",
        "TEST_SERVER_MODE": "true",
    }
    done = vpcsim("run", SCENARIO, env=env)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("10 passed, 0 failed (4 observed with a real client)\n")


def isolated() -> bool:
    unshare = shutil.which("unshare")
    return bool(unshare) and subprocess.run([unshare, "-rn", "true"], capture_output=True, check=False).returncode == 0


@pytest.mark.skipif(not isolated(), reason="needs network namespaces")
def test_a_run_needs_no_network() -> None:
    done = subprocess.run(["unshare", "-rn", *PROGRAM, "run", SCENARIO], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("10 passed, 0 failed (4 observed with a real client)\n")


def test_a_run_opens_no_connection() -> None:
    code = (
        "import sys\n"
        "def hook(event, args):\n"
        "    if event in ('socket.connect', 'socket.getaddrinfo', 'socket.gethostbyname', 'socket.sendto', 'socket.bind'):\n"
        "        if not (event == 'socket.bind' and args[1][0] == '::1'):\n"
        "            print(event, args[1:], file=sys.stderr)\n"
        "sys.addaudithook(hook)\n"
        "from vpcsim.cli import main\n"
        "main()\n"
    )
    done = subprocess.run([sys.executable, "-c", code, "run", SCENARIO], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
