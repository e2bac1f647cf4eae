"""vpcsim ask MODEL"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import click

from vpcsim.cli import UNUSABLE_INPUT, options
from vpcsim.errors import InputError, RefusedError, VpcsimError, nearest, one_line

if TYPE_CHECKING:
    from vpcsim.network import Network
    from vpcsim.reachability import Reachability
    from vpcsim.resolution import Resolution

Reply = tuple[dict[str, Any], "Reachability | Resolution | None"]
FLOW_WORDS = ("from", "to", "protocol", "port", "source_port", "all")
DNS_WORDS = ("from", "name", "type")


@click.command("ask")
@options.model
@options.output(*options.REPORTS)
@click.option("-i", "--input", "questions", type=click.File("rb"), default="-", help="The questions; standard input by default.")
def command(model: options.Inputs, form: str, questions: Any) -> int:
    """Answer questions in JSON Lines: one compiled network for all of them, one line of answer for each.

    A bad question is answered with `error`, and the run goes on. If AWS would refuse the model, every answer is `refused`. The
    text form tells an answer as soon as its question is read; the other forms wait for the last question.

    \b
    {"id": 1, "flow": {"from": "AppServer", "to": "sqs.us-east-1.amazonaws.com", "protocol": "tcp", "port": 443}}
    {"id": 2, "dns": {"from": "AppServer", "name": "sqs.us-east-1.amazonaws.com", "type": "A"}}
    """
    refused: RefusedError | None = None
    net: Network | None = None
    try:
        net = model.load()
    except RefusedError as error:
        refused = error
    replies = (_reply(line, net, refused) for line in questions if line.strip())
    if options.settled(form) == "text":
        for reply, _ in replies:
            click.echo(options.encodable(json.dumps(reply, ensure_ascii=False)))
    else:
        _report(replies, net, form, model)
    if refused is not None:
        for problem in refused.problems:
            click.echo(f"vpcsim: {problem}", err=True)
        return UNUSABLE_INPUT
    return 0


def _report(replies: Iterable[Reply], net: Network | None, form: str, model: options.Inputs) -> None:
    from vpcsim.renderers.reports.questions import of_questions

    options.tell_report(form, str, lambda: of_questions(replies, net, model.paths[0]))


def _reply(line: bytes, net: Network | None, refused: RefusedError | None) -> Reply:
    """The answer to one line, and what it was made of if it is one."""
    try:
        question = json.loads(line.rstrip(), parse_constant=_no_constant, parse_float=_finite)
    except (ValueError, RecursionError) as error:
        return {"id": None, "error": f"not a JSON value: {_words(error)}"}, None
    if not isinstance(question, dict):
        return {"id": None, "error": "a question is an object with `flow` or `dns`"}, None
    known = {"id": question.get("id")}
    if refused is not None or net is None:
        return known | _refusal(refused), None
    try:
        found = _found(net, question)
        return known | _told(found), found
    except InputError as error:
        return known | {"error": "; ".join(one_line(problem.message) for problem in error.problems)}, None
    except VpcsimError as error:
        return known | {"error": one_line(str(error))}, None


def _words(error: ValueError | RecursionError) -> str:
    """What is wrong with a line, and where in it."""
    from vpcsim.readers.plain_words import TOO_DEEP, json_words

    if isinstance(error, json.JSONDecodeError):
        return f"column {error.colno}: {json_words(error)}"
    return TOO_DEEP if isinstance(error, RecursionError) else one_line(str(error))


def _no_constant(name: str) -> Any:
    raise ValueError(f"`{name}` is not JSON")


def _finite(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise ValueError(f"`{text}` is too large")
    return number


def _refusal(refused: RefusedError | None) -> dict[str, Any]:
    problems = refused.problems if refused else ()
    return {
        "verdict": "refused",
        "codes": list(dict.fromkeys(problem.code for problem in problems)),
        "at": problems[0].message.partition(":")[0] if problems else "",
        "because": "; ".join(str(problem) for problem in problems),
        "forward": None,
        "return": None,
        "rcode": None,
        "fixes": [],
        "answers": [],
        "notes": [],
        "assumptions": [],
    }


def answer(net: Network, question: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to one question. Raises VpcsimError for a question that cannot be answered."""
    return _told(_found(net, question))


def _found(net: Network, question: Mapping[str, Any]) -> Reachability | Resolution:
    _check(question, ("id", "flow", "dns"))
    kinds = [kind for kind in ("flow", "dns") if kind in question]
    if len(kinds) != 1 or not isinstance(question[kinds[0]], dict):
        raise VpcsimError("a question has one object, `flow` or `dns`")
    words, asked = (FLOW_WORDS, question["flow"]) if kinds == ["flow"] else (DNS_WORDS, question["dns"])
    _check(asked, words)
    for word in words[:2]:
        if not isinstance(asked.get(word), str):
            raise VpcsimError(f"`{word}` is missing" if word not in asked else f"`{word}` is not a string")
    if not isinstance(asked.get("all", False), bool):
        raise VpcsimError(f"`all` is true or false, not `{asked['all']}`")
    if kinds == ["dns"]:
        return net.resolve(str(asked["from"]), str(asked["name"]), str(asked.get("type", "A")))
    return net.trace(
        str(asked["from"]),
        str(asked["to"]),
        protocol=asked.get("protocol", "tcp"),
        port=asked.get("port"),
        source_port=asked.get("source_port"),
        every=bool(asked.get("all", False)),
    )


def _told(found: Reachability | Resolution) -> dict[str, Any]:
    from vpcsim.resolution import UNDECIDED, Resolution

    if not isinstance(found, Resolution):
        return found.to_dict()
    verdict = "undecided" if found.rcode == UNDECIDED else "reachable" if found.records else "blocked"
    told = {"verdict": verdict, "codes": [], "at": found.owner, "because": found.steps[-1].because}
    return told | found.to_dict()


def _check(asked: Mapping[str, Any], words: tuple[str, ...]) -> None:
    for word in asked:
        if word not in words:
            close = nearest(word, words)
            hint = f", did you mean `{close}`?" if close else f"; known: {', '.join(words)}"
            raise VpcsimError(f"`{word}` is not known here{hint}")
