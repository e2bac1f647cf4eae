"""Scenario files: a model, changes step by step, and what is expected of names, flows, sessions and messages.

Every check is predicted by the network; a check that sends or reads messages is also observed, by a real boto3 client
that stands on the instance with the simulated network in front of moto. A prediction that differs from the observation
fails, whatever was expected.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple

from vpcsim.account import Queue
from vpcsim.asking import resolve, trace
from vpcsim.calling import Call, call, denial, session
from vpcsim.cloud import Denied, Fate, NameFails, Plane, Reached, TimesOut, WrongName
from vpcsim.codes import Code
from vpcsim.errors import InputError, Origin, Problem, RefusedError, UnknownName, VpcsimError, nearest
from vpcsim.loading import load as load_model
from vpcsim.network import Network
from vpcsim.prefixes import PRIVATE, Prefix, address
from vpcsim.readers.document import List, Map, origin_of, read
from vpcsim.readers.native import recognises
from vpcsim.resolution import UNDECIDED
from vpcsim.resource import as_list
from vpcsim.trace import Verdict

VERDICTS = ("reachable", "blocked", "undecided")


@dataclass(frozen=True)
class Check:
    """One line of a scenario: what is asked (`kind` and `subject`), and what is expected of the answer."""

    kind: str
    subject: Any
    title: str
    source: str
    expected: Mapping[str, Any]
    origin: Origin


@dataclass(frozen=True)
class Step:
    """Changes to the network, then checks."""

    name: str
    create: Mapping[str, Any]
    delete: tuple[str, ...]
    checks: tuple[Check, ...]
    origin: Origin
    refused: Check | None = None
    """That AWS refuses the changes: the network stays as it is."""


@dataclass(frozen=True)
class Scenario:
    """A scenario as read from its file."""

    title: str
    file: str
    model: str
    parameters: Mapping[str, str]
    steps: tuple[Step, ...]


class Result(NamedTuple):
    """What became of a check. `observed` is empty where nothing but the network can be asked; `failure` is why it failed."""

    step: str
    check: Check
    predicted: str
    observed: str
    failure: str
    detail: str = ""

    @property
    def passed(self) -> bool:
        return not self.failure


def load(path: str) -> Scenario:
    """Read a scenario file. Raises InputError with every problem found."""
    document = read(path)
    problems: list[Problem] = []
    if not isinstance(document, Map):
        raise InputError(Problem("a scenario is a mapping with `model` and `steps`", Origin(path, 1, 1)))
    if "steps" not in document and (recognises(document) or "Resources" in document):
        raise InputError(Problem("this is a model, not a scenario; a scenario has `model` and `steps`", document.origin))
    _known_keys(document, ("scenario", "model", "parameters", "from", "steps"), problems)
    for key in ("model", "steps"):
        if key not in document:
            problems.append(Problem(f"`{key}` is missing", document.origin))
    if not isinstance(document.get("model", ""), str):
        problems.append(Problem("`model` is the path of a model, from the folder of the scenario", origin_of(document, "model")))
    steps = tuple(_steps(document, problems)) if "steps" in document else ()
    parameters = document.get("parameters") or {}
    if not isinstance(parameters, Mapping):
        problems.append(Problem("`parameters` is a mapping of names and values", origin_of(document, "parameters")))
    if problems:
        raise InputError(problems)
    model = os.path.join(os.path.dirname(path), str(document["model"]))
    title = str(document.get("scenario") or os.path.basename(path))
    return Scenario(title, path, model, {name: str(value) for name, value in dict(parameters).items()}, steps)


def _steps(document: Map, problems: list[Problem]) -> Iterator[Step]:
    steps = document.get("steps")
    if not isinstance(steps, List):
        problems.append(Problem("`steps` is a list of steps", origin_of(document, "steps")))
        return
    for position, step in enumerate(steps):
        origin = origin_of(steps, position)
        if not isinstance(step, Map):
            problems.append(Problem("a step is a mapping with `checks`", origin))
            continue
        _known_keys(step, ("name", "create", "delete", "refused", "checks"), problems)
        create = step.get("create") or Map(step.file)
        if not isinstance(create, Map):
            problems.append(Problem("`create` holds sections of the native format", origin_of(step, "create")))
            create = Map(step.file)
        deleted = tuple(id for id in as_list(step.get("delete")) if isinstance(id, str))
        if len(deleted) < len(as_list(step.get("delete"))):
            problems.append(Problem(f"`delete` lists ids of resources, not `{step['delete']}`", origin_of(step, "delete")))
        checks = tuple(_checks(step, str(document.get("from") or ""), problems))
        refused = _refused(step, problems) if "refused" in step else None
        yield Step(str(step.get("name") or f"step {position + 1}"), create, deleted, checks, origin, refused)


def _refused(step: Map, problems: list[Problem]) -> Check:
    origin, text = origin_of(step, "refused"), step["refused"]
    if not isinstance(text, str) or not text:
        problems.append(Problem("`refused` is what the refusal says: a code of AWS, or a part of the sentence", origin))
    if not (step.get("create") or step.get("delete")):
        problems.append(Problem("`refused` needs a change: `create` or `delete`", origin))
    return Check("refused", text, f"refused: {text}", "", {}, origin)


def _checks(step: Map, source: str, problems: list[Problem]) -> Iterator[Check]:
    checks = step.get("checks")
    if not isinstance(checks, List | None):
        problems.append(Problem("`checks` is a list of checks", origin_of(step, "checks")))
        return
    for position, entry in enumerate(checks or ()):
        origin = origin_of(checks, position) if checks is not None else step.origin
        kinds = [key for key in entry if key in KINDS] if isinstance(entry, Map) else []
        if len(kinds) != 1:
            problems.append(Problem(f"a check is a mapping with one of {', '.join(f'`{k}`' for k in KINDS)}", origin))
            continue
        kind, subject = KINDS[kinds[0]], entry[kinds[0]]
        _known_keys(entry, (*KINDS, "title", "from", *kind.words), problems)
        asker = str(entry.get("from") or source)
        if not asker:
            problems.append(Problem("`from` is missing, in the check and in the scenario", origin))
        faults = [*_subject_faults(kinds[0], kind, subject), *_expectation_faults(entry)]
        problems += [Problem(message, origin_of(entry, key)) for key, message in faults]
        expected = {key: value for key, value in entry.items() if key in kind.words}
        yield Check(kinds[0], subject, str(entry.get("title") or _title(kinds[0], subject)), asker, expected, origin)


def _subject_faults(name: str, kind: _Kind, subject: Any) -> Iterator[tuple[str, str]]:
    """What is wrong with what a check asks, each with the key that it stands under."""
    if isinstance(subject, Map) and kind.fields:
        for word in subject:
            if word not in kind.fields:
                close = nearest(word, kind.fields)
                hint = f"did you mean `{close}`?" if close else f"known: {', '.join(kind.fields)}"
                yield name, f"`{word}` is not known here; {hint}"
        for word in kind.needed:
            if not isinstance(subject.get(word), str | int) or subject.get(word) == "":
                yield name, f"`{name}` needs `{word}`"
    elif not isinstance(subject, str) or not subject or (len(kind.needed) > 1):
        needed = " and ".join(f"`{word}`" for word in kind.needed) or "a word"
        yield name, f"`{name}` names {needed}, not `{subject}`"
    elif name == "session" and subject not in VERDICTS:
        yield name, f"`{subject}` is not one of {', '.join(VERDICTS)}"


def _expectation_faults(entry: Map) -> Iterator[tuple[str, str]]:
    verdict = entry.get("verdict")
    if verdict is not None and verdict not in VERDICTS:
        yield "verdict", f"`{verdict}` is not one of {', '.join(VERDICTS)}"
    for code in map(str, as_list(entry.get("code"))):
        if code not in Code.__members__:
            close = nearest(code, Code.__members__)
            yield "code", f"`{code}` is not a code" + (f"; did you mean `{close}`?" if close else "")
    if not isinstance(entry.get("messages"), list | None):
        yield "messages", f"`messages` is a list of texts, not `{entry['messages']}`"
    answers = entry.get("answers")
    if isinstance(answers, str) and "/" in answers:
        try:
            Prefix.parse(answers)
        except ValueError as error:
            yield "answers", str(error)


def _title(kind: str, subject: Any) -> str:
    words = ("to", "name", "queue")
    named = next((subject[word] for word in words if word in subject), "") if isinstance(subject, Mapping) else subject
    return f"{kind} {named}"


def _known_keys(mapping: Map, known: tuple[str, ...], problems: list[Problem]) -> None:
    for key in mapping:
        if key not in known:
            close = nearest(key, known)
            hint = f"did you mean `{close}`?" if close else f"known: {', '.join(known)}"
            problems.append(Problem(f"`{key}` is not known here; {hint}", origin_of(mapping, key)))


class _Bench:
    """The network as it stands in the running step, and the plane that outlives the steps."""

    def __init__(self, net: Network, plane: Plane | None = None) -> None:
        self.net, self.plane = net, plane


def run(scenario: Scenario) -> Iterator[Result]:
    """Run a scenario step by step. Raises InputError for a model or a change that cannot be used."""
    bench = _Bench(load_model(scenario.model, parameters=scenario.parameters))
    settings = bench.net.topology.settings
    pending: dict[str, Any] = {"source": "", "resource": "*"}

    def decide(service: str, host: str, port: int, operation: str) -> Fate:
        return fate(call(bench.net, pending["source"], f"{service}:{operation}", pending["resource"], host=host, port=port))

    with Plane(bench.net.topology.dump(), settings.region, settings.account, decide) as plane:
        bench.plane = plane
        for step in scenario.steps:
            if step.refused:
                with _placed(step.origin):
                    yield _refusal(step, step.refused, bench.net)
            elif step.create or step.delete:
                with _placed(step.origin):
                    bench.net = bench.net.with_changes(step.create, step.delete)
            for check in step.checks:
                pending.update(source=check.source, resource=_queue(check))
                with _placed(check.origin):
                    result = KINDS[check.kind].run(step.name, check, bench)
                yield result


def _refusal(step: Step, check: Check, net: Network) -> Result:
    """Whether AWS refuses the changes of a step, and says so."""
    try:
        net.with_changes(step.create, step.delete)
    except RefusedError as error:
        said = str(error)
        failure = "" if str(check.subject) in said else f"expected the refusal to say `{check.subject}`, it says `{said}`"
        return Result(step.name, check, "refused", "", failure, said)
    return Result(step.name, check, "accepted", "", "expected the changes to be refused")


@contextmanager
def _placed(origin: Origin) -> Iterator[None]:
    """Give an error that knows no place the place of the check or the step that it comes from."""
    try:
        yield
    except RefusedError:
        raise
    except InputError as error:
        raise InputError(problem if problem.origin else problem._replace(origin=origin) for problem in error.problems) from None
    except VpcsimError as error:
        raise InputError(Problem(str(error), origin)) from None


def fate(answer: Call) -> Fate:
    """What a client on the instance experiences of a call."""
    leg = answer.deciding
    if answer.verdict is Verdict.REACHABLE:
        return Reached()
    if leg.layer == "name":
        return NameFails(leg.because)
    if leg.layer == "path":
        return TimesOut(leg.because)
    if leg.layer == "TLS":
        return WrongName(leg.because)
    if leg.decided is None:
        return Denied(leg.because)
    action, decision = leg.decided
    return Denied(denial(leg.principal, action.lower(), leg.resource, decision))


def _named_queue(bench: _Bench, check: Check) -> str:
    """The name of the queue of the model that a check is about. Raises UnknownName."""
    id, queues = _queue(check), bench.net.topology.of(Queue)
    found = next((queue for queue in queues if id in (queue.id, queue.queue_name)), None)
    if found is None:
        raise UnknownName("queue", id, [queue.id for queue in queues])
    return found.queue_name


def _queue(check: Check) -> str:
    subject = check.subject
    return str(subject.get("queue", "")) if isinstance(subject, Mapping) else str(subject)


def _judge(
    step: str, check: Check, predicted: str, verdict: Verdict, detail: str, faults: list[str], observed: str = ""
) -> Result:
    wanted = check.expected.get("verdict")
    if wanted and wanted != verdict:
        faults = [f"expected {wanted}, predicted {verdict}", *faults]
    if observed and observed != predicted:
        faults = [*faults, f"predicted {predicted}, observed {observed}"]
    return Result(step, check, predicted, observed, "; ".join(faults), detail)


def _run_flow(step: str, check: Check, bench: _Bench) -> Result:
    asked = check.subject if isinstance(check.subject, Mapping) else {"to": check.subject}
    answer = trace(bench.net, check.source, str(asked["to"]), asked.get("protocol", "tcp"), asked.get("port"))
    faults = [f"expected code {code}, got {', '.join(answer.codes) or 'none'}" for code in _missing(check, "code", answer.codes)]
    at = check.expected.get("at")
    if at and at != answer.at:
        faults.append(f"expected at {at}, decided at {answer.at}")
    faults += [f"expected via {place}" for place in _list(check, "via") if not answer.passes(place)]
    faults += [f"expected not via {place}" for place in _list(check, "not_via") if answer.passes(place)]
    told = check.expected.get("because")
    if told and str(told) not in answer.because:
        faults.append(f"expected the reason to say `{told}`, it says `{answer.because}`")
    words = {Verdict.REACHABLE: "reachable", Verdict.BLOCKED: "times out" if answer.trip else "name fails"}
    return _judge(step, check, words.get(answer.verdict, "undecided"), answer.verdict, str(answer), faults)


def _run_session(step: str, check: Check, bench: _Bench) -> Result:
    answer = session(bench.net, check.source)
    predicted = {Verdict.REACHABLE: "yes", Verdict.BLOCKED: "no"}.get(answer.verdict, "undecided")
    wanted = str(check.subject)
    faults = [f"expected {wanted}, predicted {answer.verdict}"] if wanted in VERDICTS and wanted != answer.verdict else []
    return _judge(step, check, predicted, answer.verdict, str(answer), faults)


def _run_dns(step: str, check: Check, bench: _Bench) -> Result:
    asked = check.subject if isinstance(check.subject, Mapping) else {"name": check.subject}
    found = resolve(bench.net, check.source, str(asked["name"]), str(asked.get("type", "A")))
    data = [record.data for record in found.records]
    faults = []
    wanted = check.expected.get("answers")
    if wanted is not None and not _answers(data, found.addresses, wanted):
        faults.append(f"expected answers {wanted}, got {', '.join(data) or found.rcode}")
    if (rcode := check.expected.get("rcode")) and rcode != found.rcode:
        faults.append(f"expected {rcode}, got {found.rcode}")
    story = "\n".join(lookup.because for lookup in found.steps)
    if (told := check.expected.get("because")) and str(told) not in story:
        faults.append(f"expected a reason to say `{told}`, they say `{story}`")
    verdict = Verdict.UNDECIDED if found.rcode == UNDECIDED else Verdict.REACHABLE
    return _judge(step, check, ", ".join(data) or found.rcode, verdict, story, faults)


def _answers(data: list[str], addresses: tuple[str, ...], wanted: Any) -> bool:
    """`public`, `private`, a CIDR block that holds every address, or the exact list."""
    if wanted in ("public", "private"):
        private = [_is_private(address(a)) for a in addresses]
        return bool(private) and all(p == (wanted == "private") for p in private)
    if isinstance(wanted, str) and "/" in wanted:
        return bool(addresses) and all(Prefix.parse(wanted).holds(address(a)) for a in addresses)
    return sorted(data) == sorted(map(str, wanted if isinstance(wanted, list) else [wanted]))


def _is_private(number: int) -> bool:
    return any(block.holds(number) for block in (*PRIVATE, Prefix.parse("fc00::/7")))


def _run_send(step: str, check: Check, bench: _Bench) -> Result:
    queue, body = _named_queue(bench, check), str(check.subject["body"])
    answer = call(bench.net, check.source, "sqs:SendMessage", queue)
    predicted = _experience(fate(answer))
    observed = _observe(bench, queue, body)
    return _judge(step, check, predicted, answer.verdict, str(answer), [], observed)


def _experience(met: Fate) -> str:
    match met:
        case TimesOut():
            return "times out"
        case NameFails():
            return "name fails"
        case WrongName():
            return "TLS fails"
        case Denied():
            return "AccessDenied"
        case Reached():
            return "succeeds"


def _observe(bench: _Bench, queue: str, body: str) -> str:
    """Send with a real boto3 client and name what it met."""
    from botocore.exceptions import ClientError, ConnectTimeoutError, EndpointConnectionError, SSLError

    assert bench.plane is not None
    client, url = bench.plane.client("sqs"), bench.plane.queue_url(queue)
    try:
        client.send_message(QueueUrl=url, MessageBody=body)
    except ConnectTimeoutError:
        return "times out"
    except EndpointConnectionError:
        return "name fails"
    except SSLError:
        return "TLS fails"
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return "succeeds"


def _run_poll(step: str, check: Check, bench: _Bench) -> Result:
    assert bench.plane is not None
    bodies = bench.plane.poll(_named_queue(bench, check))
    wanted = check.expected.get("messages")
    faults = [f"expected {wanted}, found {bodies}"] if wanted is not None and list(wanted) != bodies else []
    told = ", ".join(f'"{body}"' for body in bodies)
    observed = f"{len(bodies)} message{'s' if len(bodies) > 1 else ''}: {told}" if bodies else "empty"
    return Result(step, check, "", observed, "; ".join(faults))


def _list(check: Check, word: str) -> list[str]:
    value = check.expected.get(word) or []
    return [str(item) for item in as_list(value)]


def _missing(check: Check, word: str, present: tuple[str, ...]) -> list[str]:
    return [item for item in _list(check, word) if item not in present]


class _Kind(NamedTuple):
    """A kind of check: what may be expected of its answer, the fields of what it asks, and which of them it needs."""

    words: tuple[str, ...]
    fields: tuple[str, ...]
    needed: tuple[str, ...]
    run: Callable[[str, Check, _Bench], Result]


KINDS: Mapping[str, _Kind] = {
    "flow": _Kind(("verdict", "code", "at", "via", "not_via", "because"), ("to", "protocol", "port"), ("to",), _run_flow),
    "session": _Kind(("verdict",), (), (), _run_session),
    "dns": _Kind(("answers", "rcode", "because"), ("name", "type"), ("name",), _run_dns),
    "send": _Kind(("verdict",), ("queue", "body"), ("queue", "body"), _run_send),
    "poll": _Kind(("messages",), (), (), _run_poll),
}
"""The kinds of checks. A lone word is the first field that a kind needs."""
