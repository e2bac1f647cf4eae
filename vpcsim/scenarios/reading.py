"""From a file to a scenario: every word is checked before anything runs."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from vpcsim.errors import InputError, Origin, Problem, nearest
from vpcsim.expectations import VERDICTS, mistakes
from vpcsim.prefixes import Prefix
from vpcsim.readers import cloudformation, native
from vpcsim.readers.document import List, Map, origin_of, read
from vpcsim.resource import as_list
from vpcsim.scenarios.kinds import KINDS, LAYERS, Kind
from vpcsim.scenarios.scenario import STORY, Check, Scenario, Step
from vpcsim.scenarios.variables import filled

FILE_WORDS = ("scenario", *STORY, "model", "parameters", "variables", "from", "steps", "checks")
STEP_WORDS = ("name", "create", "delete", "refused", "checks")
CHECK_WORDS = ("title", "from")


def load_all(paths: Iterable[str], variables: Mapping[str, str] | None = None) -> list[Scenario]:
    """Read scenario files. Raises InputError with every problem of every file, and for a variable that no file has."""
    given, scenarios, problems = variables or {}, [], list[Problem]()
    for path in paths:
        try:
            scenarios.append(load(path, given))
        except InputError as error:
            problems += error.problems
    known = {name for scenario in scenarios for name in scenario.variables}
    if not problems:
        problems = [Problem(f"no scenario has a variable `{name}`", Origin("--var")) for name in given if name not in known]
    if problems:
        raise InputError(problems)
    return scenarios


def load(path: str, variables: Mapping[str, str] | None = None) -> Scenario:
    """Read a scenario file. Of `variables`, those that the file has go before its own.

    Raises InputError with every problem found.
    """
    document = read(path)
    problems: list[Problem] = []
    if not isinstance(document, Map):
        raise InputError(Problem("a scenario is a mapping with `model` and `steps`", Origin(path, 1, 1)))
    if not {"steps", "checks"} & set(document) and (native.recognises(document) or cloudformation.recognises(document)):
        raise InputError(Problem("this is a model, not a scenario; a scenario has `model` and `steps`", document.origin))
    _known_keys(document, FILE_WORDS, problems)
    known = _variables(document, variables or {}, problems)
    document = filled(document, known, problems)
    models = tuple(_models(document, path, problems))
    if ("steps" in document) == ("checks" in document):
        problems.append(Problem("a scenario has `steps`, or `checks` if it has only one step", document.origin))
    steps = tuple(_steps(document, problems))
    parameters = document.get("parameters") or {}
    if not isinstance(parameters, Mapping):
        problems.append(Problem("`parameters` is a mapping of names and values", origin_of(document, "parameters")))
    story = {word: document[word] for word in STORY if word in document}
    problems += [Problem(f"`{key}` is a text", origin_of(document, key)) for key in story if not isinstance(story[key], str)]
    if problems:
        raise InputError(problems)
    title = str(document.get("scenario") or os.path.basename(path))
    given = {name: str(value) for name, value in dict(parameters).items()}
    return Scenario(title, path, models, given, steps, tuple(known), story)


def _variables(document: Map, given: Mapping[str, str], problems: list[Problem]) -> dict[str, Any]:
    written = document.get("variables", {})
    if not isinstance(written, Mapping):
        problems.append(Problem("`variables` is a mapping of names and values", origin_of(document, "variables")))
        return {}
    return {name: given.get(name, value) for name, value in written.items()}


def _models(document: Map, path: str, problems: list[Problem]) -> Iterator[str]:
    models = as_list(document.get("model"))
    if "model" not in document:
        problems.append(Problem("`model` is missing", document.origin))
    elif not models or not all(isinstance(model, str) and model for model in models):
        message = "`model` is the path of a model, or a list of paths, from the folder of the scenario"
        problems.append(Problem(message, origin_of(document, "model")))
    else:
        yield from (_beside(path, model) for model in models)


def _beside(path: str, model: str) -> str:
    """The path of a model that is named from the folder of the scenario, without a detour."""
    whole = os.path.join(os.path.dirname(path), model)
    short = os.path.normpath(whole)
    return short if os.path.exists(whole) and os.path.exists(short) and os.path.samefile(whole, short) else whole


def _steps(document: Map, problems: list[Problem]) -> Iterator[Step]:
    source = str(document.get("from") or "")
    if "checks" in document:
        yield Step("", {}, (), tuple(_checks(document, source, problems)), document.origin)
    steps = document.get("steps")
    if not isinstance(steps, List):
        if "steps" in document:
            problems.append(Problem("`steps` is a list of steps", origin_of(document, "steps")))
        return
    for position, step in enumerate(steps):
        if isinstance(step, Map):
            yield _step(step, f"step {position + 1}", source, problems)
        else:
            problems.append(Problem("a step is a mapping with `checks`", origin_of(steps, position)))


def _step(step: Map, name: str, source: str, problems: list[Problem]) -> Step:
    _known_keys(step, STEP_WORDS, problems)
    create = step.get("create")
    if not isinstance(create, Map | None):
        problems.append(Problem("`create` holds sections of the native format", origin_of(step, "create")))
        create = None
    deleted = tuple(id for id in as_list(step.get("delete")) if isinstance(id, str))
    if len(deleted) < len(as_list(step.get("delete"))):
        problems.append(Problem(f"`delete` lists ids of resources, not `{step['delete']}`", origin_of(step, "delete")))
    checks = tuple(_checks(step, source, problems))
    refused = _refused(step, problems) if "refused" in step else None
    return Step(str(step.get("name") or name), create or {}, deleted, checks, step.origin, refused)


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
        names = [key for key in entry if key in KINDS] if isinstance(entry, Map) else []
        if len(names) == 1:
            yield _check(names[0], entry, source, origin, problems)
        else:
            problems.append(Problem(f"a check is a mapping with one of {_listed(KINDS)}", origin))


def _check(name: str, entry: Map, source: str, origin: Origin, problems: list[Problem]) -> Check:
    kind, subject = KINDS[name], entry[name]
    _known_keys(entry, (*KINDS, *CHECK_WORDS, *kind.words), problems)
    asker = str(entry.get("from") or source)
    if not asker and kind.asks_from:
        problems.append(Problem("`from` is missing, in the check and in the scenario", origin))
    faults = [*_subject_faults(name, kind, subject), *_expectation_faults(entry)]
    problems += [Problem(message, origin_of(entry, key)) for key, message in faults]
    expected = {key: value for key, value in entry.items() if key in kind.words}
    return Check(name, subject, str(entry.get("title") or _title(name, subject)), asker, expected, origin)


def _subject_faults(name: str, kind: Kind, subject: Any) -> Iterator[tuple[str, str]]:
    """What is wrong with what a check asks, each with the key that it stands under."""
    if isinstance(subject, Map) and kind.fields:
        for word in subject:
            if word not in kind.fields:
                yield name, _unknown(word, kind.fields)
        for word in kind.needed:
            if not isinstance(subject.get(word), str | int) or subject.get(word) == "":
                yield name, f"`{name}` needs `{word}`"
        for word, told in (("parameters", "of what the client gives with the call"), ("env", "of the client's variables")):
            if not isinstance(subject.get(word), Map | None):
                yield name, f"`{word}` is a mapping {told}"
    elif not isinstance(subject, str) or not subject or (kind.fields and len(kind.needed) != 1):
        needed = " and ".join(f"`{word}`" for word in kind.needed or kind.fields) or "a word"
        yield name, f"`{name}` names {needed}, not `{subject}`"
    elif name == "session" and subject not in VERDICTS:
        yield name, f"`{subject}` is not one of {', '.join(VERDICTS)}"


def _expectation_faults(entry: Map) -> Iterator[tuple[str, str]]:
    yield from mistakes(entry)
    if entry.get("layer") not in (None, *LAYERS):
        yield "layer", f"`{entry['layer']}` is not one of {', '.join(LAYERS)}"
    if not isinstance(entry.get("messages"), list | None):
        yield "messages", f"`messages` is a list of texts, not `{entry['messages']}`"
    answers = entry.get("answers")
    if isinstance(answers, str) and "/" in answers:
        try:
            Prefix.parse(answers)
        except ValueError as error:
            yield "answers", str(error)


def _title(kind: str, subject: Any) -> str:
    words = ("to", "name", "queue", "action", "rule")
    named = next((subject[word] for word in words if word in subject), "") if isinstance(subject, Mapping) else subject
    return f"{kind} {named}"


def _known_keys(mapping: Map, known: Sequence[str], problems: list[Problem]) -> None:
    problems += [Problem(_unknown(key, known), origin_of(mapping, key)) for key in mapping if key not in known]


def _unknown(word: str, known: Sequence[str]) -> str:
    close = nearest(word, known)
    return f"`{word}` is not known here; " + (f"did you mean `{close}`?" if close else f"known: {', '.join(known)}")


def _listed(words: Mapping[str, Any]) -> str:
    return ", ".join(f"`{word}`" for word in words)
