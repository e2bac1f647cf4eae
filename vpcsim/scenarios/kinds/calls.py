"""Service calls from `from`, and the messages that they leave: predicted by the network, observed with a boto3 client."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, get_args

from vpcsim.account import Queue
from vpcsim.calling import Call, Client, Layer, call, denial, session, task
from vpcsim.cloud import Denied, Elsewhere, Fate, NameFails, Reached, TimesOut, WrongName
from vpcsim.cloud.denials import DENIED, UNMEANT, UNREAD
from vpcsim.errors import InputError, Problem, UnknownName
from vpcsim.expectations import VERDICTS, WORDS, faults
from vpcsim.scenarios.kinds.kind import Answered, Bench, Kind, doubt
from vpcsim.scenarios.scenario import Check
from vpcsim.trace import Verdict


class _Told:
    """An answer to a call in the words of an answer to a flow: what its deciding leg tells."""

    def __init__(self, answer: Call) -> None:
        leg = answer.deciding
        path = leg.reachability
        self.verdict, self.because, self.layer, self.fixes = answer.verdict, answer.because, leg.layer, leg.fixes
        self.codes, self.passes = path.codes, path.passes
        self.notes = (*answer.notes, *(note for each in answer.legs for note in (*each.notes, *each.reachability.notes)))
        documents = [statement.document for statement in leg.decided[1].determining] if leg.decided else []
        self.at = documents[0] if documents else path.at


def _differences(check: Check, answer: Call) -> list[str]:
    told = _Told(answer)
    wanted = check.expected.get("layer")
    layer = [f"expected the {wanted} to decide, it was the {told.layer}"] if wanted not in (None, told.layer) else []
    return faults(told, check.expected) + layer


def _ask_task(check: Check, bench: Bench) -> Answered:
    asked = check.asked("name")
    return _of_task(check, task(bench.net, check.source, str(asked["name"]), str(asked.get("about", ""))))


def _ask_session(check: Check, bench: Bench) -> Answered:
    return _of_task(check, session(bench.net, check.source))


def _of_task(check: Check, answer: Call) -> Answered:
    predicted = {Verdict.REACHABLE: "yes", Verdict.BLOCKED: "no"}.get(answer.verdict, "undecided")
    expected = {"verdict": check.subject, **check.expected} if check.subject in VERDICTS else check.expected
    differences = _differences(replace(check, expected=expected), answer)
    undecided = "" if check.subject == Verdict.UNDECIDED else doubt(_Told(answer))
    return Answered(predicted, differences, str(answer), undecided=undecided)


def _ask_call(check: Check, bench: Bench) -> Answered:
    asked = _call_of(check)
    action, resource = str(asked["action"]), str(asked.get("resource", "*"))
    queue = _queue(bench, resource)
    bench.resource = queue.id if queue else resource
    client = Client(str(asked.get("client", "boto3")), environment={k: str(v) for k, v in dict(asked.get("env", {})).items()})
    answer = call(bench.net, check.source, action, bench.resource, client=client)
    if answer.verdict is Verdict.UNDECIDED:
        return Answered("undecided", _differences(check, answer), str(answer), undecided=answer.because)
    parameters = asked.get("parameters")
    called = {"AWS_ENDPOINT_URL": f"https://{answer.deciding.host}"} if client.name != "boto3" else client.environment
    observed = _observe(bench, action, queue, parameters, called) if parameters is not None else ""
    return Answered(_experience(fate(answer)), _differences(check, answer), str(answer), observed)


def _call_of(check: Check) -> Mapping[str, Any]:
    """The action, the resource and the parameters: `sqs:SendMessage FilaTeste` is an action and a resource."""
    if isinstance(check.subject, Mapping):
        return check.subject
    action, _, resource = str(check.subject).partition(" ")
    return {"action": action, "resource": resource or "*"}


def _ask_send(check: Check, bench: Bench) -> Answered:
    queue, body = _needed_queue(bench, check), check.subject["body"]
    asked = {"action": "sqs:SendMessage", "resource": queue.id, "parameters": {"MessageBody": str(body)}}
    return _ask_call(replace(check, subject=asked), bench)


def decide(bench: Bench, service: str, host: str, port: int, operation: str) -> Fate:
    """What becomes of a request of the running check's client."""
    return fate(call(bench.net, bench.source, f"{service}:{operation}", bench.resource, host=host, port=port))


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
        return Elsewhere(leg.stop.answers if leg.stop else "", leg.because)
    action, decision = leg.decided
    return Denied(denial(leg.principal, action.lower(), leg.resource, decision))


def _experience(met: Fate) -> str:
    match met:
        case TimesOut():
            return "times out"
        case NameFails():
            return "name fails"
        case WrongName():
            return "TLS fails"
        case Elsewhere():
            return ANOTHER
        case Denied():
            return ACCESS_DENIED
        case Reached():
            return "succeeds"


def _observe(bench: Bench, action: str, queue: Queue | None, parameters: Mapping[str, Any], variables: Mapping[str, str]) -> str:
    """Make the call with a real boto3 client that has these variables, and name what it met."""
    from botocore import xform_name
    from botocore.exceptions import ClientError, ConnectTimeoutError, EndpointConnectionError, ParamValidationError, SSLError
    from botocore.parsers import ResponseParserError

    service, _, operation = action.partition(":")
    region, account = _where(bench, queue) if queue else (None, None)
    client = bench.plane.client(service, region, account, variables)
    method = getattr(client, xform_name(operation), None)
    if method is None:
        raise InputError(Problem(f"a client of `{service}` has no operation `{operation}` that could be observed"))
    url = {"QueueUrl": bench.plane.cloud.console(region, account).queue_url(queue.queue_name)} if queue else {}
    try:
        method(**{**url, **parameters})
    except ConnectTimeoutError:
        return "times out"
    except EndpointConnectionError:
        return "name fails"
    except SSLError:
        return "TLS fails"
    except ParamValidationError as error:
        raise InputError(Problem(f"`parameters`: {error}")) from None
    except NotImplementedError:
        message = f"moto has no `{operation}` of `{service}`, so that it cannot be observed; leave `parameters` out"
        raise InputError(Problem(message)) from None
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", UNREAD))
        return ACCESS_DENIED if code in DENIED else ANOTHER if code in UNMEANT else code
    except ResponseParserError:
        return ANOTHER
    return "succeeds"


def _queue(bench: Bench, name: str) -> Queue | None:
    """The queue of the model with this id or this name."""
    return next((queue for queue in bench.net.topology.of(Queue) if name in (queue.id, queue.queue_name)), None)


def _where(bench: Bench, queue: Queue) -> tuple[str, str]:
    return bench.net.topology.region_of(queue), bench.net.topology.account_of(queue)


def _needed_queue(bench: Bench, check: Check) -> Queue:
    """The queue that a check is about. Raises UnknownName."""
    name = str(check.asked("queue")["queue"])
    if queue := _queue(bench, name):
        return queue
    raise UnknownName("queue", name, [queue.id for queue in bench.net.topology.of(Queue)])


def _ask_poll(check: Check, bench: Bench) -> Answered:
    queue = _needed_queue(bench, check)
    bodies = bench.plane.cloud.console(*_where(bench, queue)).poll(queue.queue_name)
    wanted = check.expected.get("messages")
    faults = [f"expected {wanted}, found {bodies}"] if wanted is not None and list(wanted) != bodies else []
    told = ", ".join(f'"{body}"' for body in bodies)
    observed = f"{len(bodies)} message{'s' if len(bodies) > 1 else ''}: {told}" if bodies else "empty"
    return Answered("", faults, observed=observed)


ACCESS_DENIED = "AccessDenied"
"""What every service means by the code that it has for it."""
ANOTHER = "another service"
"""What the errors of a service mean that takes a request for another one."""
LAYERS = get_args(Layer)
_WORDS = (*WORDS, "layer")
SESSION = Kind("whether Session Manager can open a session", _ask_session, _WORDS)
TASK = Kind("whether a whole task of several calls succeeds", _ask_task, _WORDS, ("name", "about"), ("name",))
_CALL = ("action", "resource", "parameters", "client", "env")
CALL = Kind("whether a service call succeeds", _ask_call, _WORDS, _CALL, ("action",), leaves_something=True)
SEND = Kind("whether a message can be sent", _ask_send, _WORDS, ("queue", "body"), ("queue", "body"), leaves_something=True)
POLL = Kind("what is in a queue, from outside the network", _ask_poll, ("messages",), ("queue",), ("queue",), asks_from=False)
