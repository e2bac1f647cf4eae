"""The pytest plugin: networks and instances as fixtures, and `*.vpcsim.yaml` files as tests.

    @pytest.mark.vpcsim(model="network.yaml", instance="AppServer")
    def test_sqs_is_private(assert_reachable):
        assert_reachable("https://sqs.us-east-1.amazonaws.com", via="SQSVPCEndpoint", not_via="internet")

pytest loads this module whenever it starts, so nothing of vpcsim is imported before it is used.
"""

from __future__ import annotations

import inspect
import os
from collections.abc import Generator, Iterable, Iterator
from copy import copy
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from vpcsim.network import Network
    from vpcsim.reachability import Reachability
    from vpcsim.renderers.reports import Entry
    from vpcsim.scenarios import Check, Result

ENDINGS = (".vpcsim.yaml", ".vpcsim.yml")
MARKER = (
    "vpcsim(model, instance=None, parameters=None, create=None, delete=()): the network of a test. `model` is a path, or "
    "several, from the test's folder or from pytest's root; `instance` asks; `create` and `delete` change the network."
)
_NETWORKS = pytest.StashKey[dict[Any, Any]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("vpcsim", "reachability of networks")
    group.addoption("--vpcsim-strict", action="store_true", help="let undecided expectations fail; they are skipped otherwise")
    group.addoption("--vpcsim-junit", metavar="PATH", help="write a JUnit file of the expectations, with their names for people")
    parser.addini("vpcsim_model", "the model of tests whose marker names none, from pytest's root")
    parser.addini("vpcsim_instance", "who asks in tests whose marker does not say")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", MARKER)
    config.stash[_NETWORKS] = {}
    if (path := config.getoption("vpcsim_junit")) and not hasattr(config, "workerinput"):
        config.pluginmanager.register(JunitFile(config, path), "vpcsim-junit")


# fixtures


@pytest.fixture
def network(request: pytest.FixtureRequest) -> Network:
    """The network that the marker `vpcsim` names, with services in which nothing has happened yet."""
    wanted = _wanted(request)
    model = wanted.get("model") or request.config.getini("vpcsim_model")
    if not model:
        raise pytest.UsageError('which network? Write @pytest.mark.vpcsim(model="network.yaml"), or the setting `vpcsim_model`')
    net = _network(request, [model] if isinstance(model, str) else list(model), wanted.get("parameters") or {})
    create, delete = wanted.get("create"), wanted.get("delete") or ()
    if create or delete:
        return net.with_changes(create, (delete,) if isinstance(delete, str) else delete)
    return copy(net)


@pytest.fixture
def inside(request: pytest.FixtureRequest, network: Network) -> Iterator[Any]:
    """The test runs on the marker's instance: its boto3 clients and sockets meet what they would meet there."""
    import vpcsim

    with vpcsim.inside(network, _instance(request)) as entered:
        yield entered


class Assertion:
    """A question whose answer must be as expected; the words are those of scenario files."""

    def __init__(self, request: pytest.FixtureRequest, network: Network, verdict: str) -> None:
        self.request, self.network, self.verdict = request, network, verdict

    def __call__(
        self, to: str, *, source: str = "", protocol: str | int = "tcp", port: int | str | None = None, **expected: Any
    ) -> Reachability:
        from vpcsim.errors import VpcsimError

        __tracebackhide__ = True
        asked_from = source or _instance(self.request)
        try:
            answer = self.network.trace(asked_from, to, protocol=protocol, port=port)
        except VpcsimError as error:
            raise error.with_traceback(None) from None  # the test's line is what matters, not the way through this package
        return answer.assert_reachable(**expected) if self.verdict == "reachable" else answer.assert_blocked(**expected)

    def __repr__(self) -> str:
        return f"<assert_{self.verdict}>"


@pytest.fixture
def assert_reachable(request: pytest.FixtureRequest, network: Network) -> Assertion:
    """`assert_reachable(to, via=..., not_via=..., at=..., note=...)`: fails with the trace unless the instance reaches `to`."""
    return Assertion(request, network, "reachable")


@pytest.fixture
def assert_blocked(request: pytest.FixtureRequest, network: Network) -> Assertion:
    """`assert_blocked(to, code=..., at=..., because=..., fix=...)`: fails with the trace unless the way to `to` is blocked."""
    return Assertion(request, network, "blocked")


def _wanted(request: pytest.FixtureRequest) -> dict[str, Any]:
    """What the markers of a test say; the nearest one goes before those of its class and its module."""
    wanted: dict[str, Any] = {}
    for marker in request.node.iter_markers("vpcsim"):
        given = dict(zip(("model", "instance"), marker.args, strict=False)) | marker.kwargs
        if unknown := given.keys() - {"model", "instance", "parameters", "create", "delete"}:
            raise pytest.UsageError(f"the marker vpcsim takes no `{sorted(unknown)[0]}`: {MARKER}")
        wanted = {**given, **wanted}
    return wanted


def _instance(request: pytest.FixtureRequest) -> str:
    instance = _wanted(request).get("instance") or request.config.getini("vpcsim_instance")
    if not instance:
        raise pytest.UsageError(
            'who asks? Write @pytest.mark.vpcsim(instance="AppServer"), source="AppServer", or the setting `vpcsim_instance`'
        )
    return str(instance)


def _network(request: pytest.FixtureRequest, models: list[str], parameters: dict[str, str]) -> Network:
    """The compiled model, compiled once for all tests: networks do not change."""
    from vpcsim.loading import load

    paths = tuple(_path(request, model) for model in models)
    known, key = request.config.stash[_NETWORKS], (paths, tuple(sorted(parameters.items())))
    if key not in known:
        known[key] = load(*map(_short, paths), parameters=parameters)
    return known[key]  # type: ignore[no-any-return]


def _path(request: pytest.FixtureRequest, model: str) -> Path:
    beside, from_root = request.path.parent / model, request.config.rootpath / model
    return beside if beside.exists() or not from_root.exists() else from_root


def _short(path: Path) -> str:
    """A path as a person would type it here."""
    relative = os.path.relpath(path)
    return str(path) if relative.startswith("..") else relative


# expectation files


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    if not file_path.name.endswith(ENDINGS):
        return None
    found: pytest.Collector = ExpectationFile.from_parent(parent, path=file_path)
    return found


class Failed(Exception):
    """An expectation that is not met; its text is the difference and the trace."""


class ExpectationFile(pytest.File):
    """An expectation file, played as a whole when its first test runs: steps and messages build on each other."""

    results: list[Result] | None = None

    def collect(self) -> Iterable[Expectation]:
        from vpcsim.errors import InputError
        from vpcsim.scenarios import load

        try:
            self.scenario = load(str(self.path))
        except InputError as error:
            raise self.CollectError(str(error)) from None
        for number, ((_, check), name) in enumerate(zip(self.scenario.checks, self.scenario.names, strict=True)):
            yield Expectation.from_parent(self, name=name, number=number, check=check)

    def result(self, number: int) -> Result:
        from vpcsim.scenarios import run

        if self.results is None:
            self.results = list(run(self.scenario))
        return self.results[number]


class Expectation(pytest.Item):
    """One check of an expectation file."""

    def __init__(self, *, number: int, check: Check, **given: Any) -> None:
        super().__init__(**given)
        self.number, self.check = number, check

    def runtest(self) -> None:
        assert isinstance(self.parent, ExpectationFile)
        result = self.parent.result(self.number)
        if result.status == "undecided" and not self.config.getoption("vpcsim_strict"):
            pytest.skip(result.failure)
        if not result.passed:
            text = f"{result.failure}\nwritten in {result.check.origin}\n\n{result.detail}".rstrip()
            raise Failed(text.replace(f"{self.config.invocation_params.dir}{os.sep}", ""))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        from vpcsim.errors import VpcsimError

        if isinstance(excinfo.value, Failed | VpcsimError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, self.check.origin.line - 1, self.name


# reports


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Give a report what the JUnit file tells; it may come from another process."""
    report = yield
    told = str(call.excinfo.value) if call.excinfo else ""
    if isinstance(item, Expectation):
        assert isinstance(item.parent, ExpectationFile)
        report.vpcsim = (item.parent.scenario.title, item.name, item.check.origin.line, told)  # type: ignore[attr-defined]
    elif item.get_closest_marker("vpcsim"):
        path, line, test = item.reportinfo()
        name = inspect.getdoc(getattr(item, "obj", None)) or test.replace("_", " ").removeprefix("test ")
        report.vpcsim = (Path(path).name, name.partition("\n")[0], (line or 0) + 1, told)  # type: ignore[attr-defined]
    return report


class JunitFile:
    """Writes what became of expectations and of tests with the marker, each with its name for people."""

    def __init__(self, config: pytest.Config, path: str) -> None:
        self.path, self.config = config.invocation_params.dir / path, config
        self.reports: dict[str, pytest.TestReport] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if hasattr(report, "vpcsim") and (report.when == "call" or not report.passed):
            self.reports[report.nodeid] = report

    def pytest_sessionfinish(self) -> None:
        from vpcsim.renderers.reports import Report, render

        entries = sorted(map(self._entry, self.reports.values()), key=lambda e: (e.suite, e.origin or (), e.name))
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text(render(Report("pytest", entries), "junit") + "\n", encoding="utf-8")

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        terminalreporter.write_sep("-", f"wrote {self.path}")

    def _entry(self, report: pytest.TestReport) -> Entry:
        from vpcsim.errors import Origin
        from vpcsim.expectations import Status
        from vpcsim.renderers.reports import Entry, Rule

        group, name, line, told = report.vpcsim
        file = str(self.config.rootpath / report.location[0])
        statuses = {"passed": Status.PASSED, "failed": Status.FAILED}
        return Entry(
            suite=file,
            group=group,
            name=name,
            status=statuses.get(report.outcome, Status.UNDECIDED),
            rule=Rule("EXPECTATION", "an expectation is not met", "The network is not as the test expects."),
            message=told.partition("\n")[0],
            detail=told,
            origin=Origin(file, line),
        )
