"""Every example of the documentation is executed and compared. `python tests/test_docs.py --write` renews the outputs.

A page runs in a folder of its own, in which `models`, `scenarios` and `examples` are those of the repository:

    ```console      `$ command` lines (continued by `> ` lines), each followed by its output, standard error included
    ```python       doctest prompts; one set of names for the whole page
    ```yaml, ...    written into the folder if `<!-- file: network.yaml -->` stands before it

A last line `...` of an output stands for everything that follows. Spaces at the ends of lines do not count. `make` is not
run: what is shown after `make demo` must be the output of the command in the Makefile's recipe. Plain `vpcsim` commands run
in this process, everything else in a real shell. The table of problems is made from their scenario files.
"""

from __future__ import annotations

import contextlib
import doctest
import gc
import io
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Iterator
from contextlib import ExitStack
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock
from urllib.parse import urlsplit

import pytest
from problem_table import with_table

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")), *sorted((ROOT / "examples").rglob("*.md"))]
FOREIGN = ("dig",)
"""Programs that not every machine has. Examples with them are not run there."""
DEMO = "vpcsim run scenarios/sqs-interface-endpoint.yaml"

_FENCE = re.compile(r"(?:^<!-- file: (?P<file>\S+) -->\n)?^```(?P<language>\w*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
_EXIT = re.compile(r'(.*\S)\s*; echo "exit \$\?"')
_IN_A_SHELL = re.compile(r"[|&;<>()$`*\n]")
_NEEDS = re.compile(r"<!-- needs: (\w+) -->")
"""The module of an extra without which a page cannot be run."""
_LINK = re.compile(r"\]\((?!https?:)([^)\s]+)\)")


class Block(NamedTuple):
    """A fenced block: what it is, and where its text stands on the page."""

    language: str
    file: str
    text: str
    start: int


class Example(NamedTuple):
    """A command as it is written on the page, and the output that is shown under it."""

    command: str
    written: str
    shown: str


def blocks_of(page: str) -> Iterator[Block]:
    for found in _FENCE.finditer(page):
        yield Block(found["language"], found["file"] or "", found["text"], found.start("text"))


def examples_of(text: str) -> Iterator[Example]:
    """The commands of a console block. Raises AssertionError for text before the first one."""
    command, written, shown = "", "", ""
    for line in text.splitlines(keepends=True):
        if line.startswith("$ "):
            if written:
                yield Example(command, written, shown)
            command, written, shown = line[2:].rstrip("\n"), line, ""
        elif written and not shown and line.startswith("> "):
            command, written = f"{command}\n{line[2:].rstrip()}", written + line
        else:
            assert written, f"no command before `{line.strip()}`"
            shown += line
    if written:
        yield Example(command, written, shown)


# running


def run(command: str, folder: str) -> str | None:
    """The output of a command in the folder, or None for one that is not run."""
    if any(word in command.split() and not shutil.which(word) for word in FOREIGN):
        return None
    if command.startswith("make "):
        command = DEMO if command == "make demo" else ""
    if not command:
        return None
    plain, code = (found[1], True) if (found := _EXIT.fullmatch(command)) else (command, False)
    if plain.startswith("vpcsim ") and not _IN_A_SHELL.search(plain):
        output, status = _in_this_process(shlex.split(plain)[1:], folder)
        return output + (f"exit {status}\n" if code else "")
    return _in_a_shell(command, folder)


def _in_this_process(arguments: list[str], folder: str) -> tuple[str, int]:
    from vpcsim.cli import main

    output, status = io.StringIO(), 0
    with ExitStack() as stack:
        stack.callback(gc.set_threshold, *gc.get_threshold())
        stack.callback(gc.unfreeze)  # a program ends with everything frozen; here the process goes on
        stack.enter_context(contextlib.chdir(folder))
        stack.enter_context(mock.patch.dict(os.environ, _environment(), clear=True))
        stack.enter_context(mock.patch.object(sys, "argv", ["vpcsim", *arguments]))
        stack.enter_context(contextlib.redirect_stdout(output))
        stack.enter_context(contextlib.redirect_stderr(output))
        try:
            main()
        except SystemExit as end:
            status = int(end.code or 0)
    return output.getvalue(), status


def _in_a_shell(command: str, folder: str) -> str:
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    shell = subprocess.run(["bash", "-c", command], cwd=folder, env=_environment(), timeout=60, check=False, **streams)
    return shell.stdout.decode()


def _environment() -> dict[str, str]:
    """This Python first, in a plain terminal of no particular width, whatever builds or colours things around it."""
    kept = {name: os.environ[name] for name in ("HOME", "TMPDIR", "VIRTUAL_ENV") if name in os.environ}
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", "")))
    if not entry_points(group="pytest11", name="vpcsim"):
        kept["PYTEST_PLUGINS"] = "vpcsim.pytest_plugin"
    return {**kept, "PATH": path, "PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8", "NO_COLOR": "1", "TERM": "dumb"}


def run_python(example: doctest.Example, names: dict[str, Any]) -> str:
    """The output of one doctest example, in the form in which a page shows it."""
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        try:
            exec(compile(example.source, "<page>", "single"), names)
        except Exception as error:
            told = "".join(traceback.format_exception_only(error))
            output.write(f"Traceback (most recent call last):\n    ...\n{told}")
    return re.sub(r"^\s*$(?=\n)", "<BLANKLINE>", output.getvalue(), flags=re.MULTILINE)


def lacks(text: str) -> str:
    """The module that a page needs and that is not installed."""
    return next((module for module in _NEEDS.findall(text) if find_spec(module) is None), "")


def as_run(page: Path) -> str:
    """The page with the outputs that its examples have now."""
    text, made, at = with_table(page.read_text()), [], 0
    if lacks(text):
        return text
    names: dict[str, Any] = {"__name__": "page"}
    with tempfile.TemporaryDirectory() as folder:
        for name in ("models", "scenarios", "examples"):
            os.symlink(ROOT / name, Path(folder) / name)
        for block in blocks_of(text):
            renewed = block.text
            if block.file:
                (Path(folder) / block.file).write_text(block.text)
            elif block.language == "console":
                renewed = "".join(_console(example, folder) for example in examples_of(block.text))
            elif block.language == "python" and ">>> " in block.text:
                with contextlib.chdir(folder):
                    renewed = "".join(_python(block.text, names))
            made += [text[at : block.start], renewed]
            at = block.start + len(block.text)
    return "".join([*made, text[at:]])


def _console(example: Example, folder: str) -> str:
    output = run(example.command, folder)
    if output is None:
        return example.written + example.shown
    output = "".join(f"{line.rstrip()}\n" for line in output.splitlines())
    gap = "\n" if example.shown.endswith("\n\n") else ""
    return example.written + _shortened(output, example.shown) + gap


def _shortened(output: str, shown: str) -> str:
    """The output, cut where the page cuts it: before its last line `...`."""
    lines = shown.rstrip("\n").split("\n")
    if lines[-1] != "...":
        return output
    return "".join(output.splitlines(keepends=True)[: len(lines) - 1]) + "...\n"


def _python(text: str, names: dict[str, Any]) -> Iterator[str]:
    for part in doctest.DocTestParser().parse(text):
        if isinstance(part, str):
            yield part
            continue
        first, *more = part.source.rstrip("\n").split("\n")
        yield f">>> {first}\n" + "".join(f"... {line}".rstrip() + "\n" for line in more) + run_python(part, names)


def write() -> None:
    """Renew the outputs of every page in place, and say which changed."""
    for page in PAGES:
        renewed = as_run(page)
        if renewed != page.read_text():
            page.write_text(renewed)
            print(f"renewed {page.relative_to(ROOT)}")


# tests


def pytest_generate_tests(metafunc: Any) -> None:
    if "page" in metafunc.fixturenames:
        metafunc.parametrize("page", PAGES, ids=[str(page.relative_to(ROOT)) for page in PAGES])


def test_every_example_prints_what_the_page_shows(page: Path) -> None:
    if module := lacks(page.read_text()):
        pytest.skip(f"{module} is not installed")
    assert as_run(page) == page.read_text()


def test_links_lead_to_files_and_headings_that_exist(page: Path) -> None:
    for link in _LINK.findall(page.read_text()):
        parts = urlsplit(link)
        target = (page.parent / parts.path) if parts.path else page
        assert target.exists(), f"{page.name}: {link}"
        assert not parts.fragment or parts.fragment in _anchors(target), f"{page.name}: {link}"


def _anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_page_is_reached_from_the_readme() -> None:
    reached, todo = set(), [ROOT / "README.md"]
    while todo:
        page = todo.pop()
        if page in reached or page.suffix != ".md":
            continue
        reached.add(page)
        todo += [(page.parent / urlsplit(link).path).resolve() for link in _LINK.findall(page.read_text())]
    assert not set(PAGES) - reached


def test_fences_are_closed_and_tagged(page: Path) -> None:
    fences = [line for line in page.read_text().splitlines() if line.startswith("```")]
    assert len(fences) % 2 == 0
    assert all(opening != "```" and closing == "```" for opening, closing in zip(fences[::2], fences[1::2], strict=True))


def test_some_examples_run_as_real_processes() -> None:
    consoles = [block for page in PAGES for block in blocks_of(page.read_text()) if block.language == "console"]
    commands = [example.command for block in consoles for example in examples_of(block.text)]
    assert len(commands) > 60
    assert sum(bool(_IN_A_SHELL.search(_EXIT.sub(r"\1", command))) for command in commands) >= 3


def test_the_native_reference_names_every_section_and_every_word() -> None:
    from vpcsim.readers.native import sections

    page = (ROOT / "docs" / "native.md").read_text()
    for section, shapes in sections().items():
        told = page.partition(f"\n### {section}\n")[2].partition("\n### ")[0]
        assert told, f"docs/native.md has no section `{section}`"
        missing = [word for shape in shapes for word in shape.native_names if f"`{word}`" not in told]
        assert not missing, f"docs/native.md, {section}: {missing}"


def test_the_template_reference_names_every_type_and_function() -> None:
    from vpcsim.readers.intrinsics.conditions import CONDITIONS
    from vpcsim.readers.intrinsics.functions import FUNCTIONS
    from vpcsim.shapes import SHAPES

    page = (ROOT / "docs" / "templates.md").read_text()
    types = {type for shape in SHAPES for type in shape.cloudformation_types}
    assert not [name for name in sorted({*types, *FUNCTIONS, *CONDITIONS}) if f"`{name}`" not in page]


def test_the_scenario_reference_names_every_check_and_every_word() -> None:
    from vpcsim.scenarios import KINDS

    page = (ROOT / "docs" / "scenarios.md").read_text()
    words = {*KINDS, *(word for kind in KINDS.values() for word in kind.words)}
    assert not [word for word in sorted(words) if f"`{word}`" not in page]


def test_the_ask_reference_names_every_word_and_every_field() -> None:
    import vpcsim
    from vpcsim.cli.ask import DNS_WORDS, FLOW_WORDS, answer

    page = (ROOT / "docs" / "ask.md").read_text()
    net = vpcsim.load(ROOT / "models" / "sqs-private")
    flow = answer(net, {"flow": {"from": "AppServer", "to": "ssm.us-east-1.amazonaws.com"}})
    dns = answer(net, {"dns": {"from": "AppServer", "name": "ssm.us-east-1.amazonaws.com"}})
    fields = {*FLOW_WORDS, *DNS_WORDS, *_keys(flow), *_keys(dns)}
    assert not [field for field in sorted(fields) if f"`{field}`" not in page]


def _keys(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from value
    for inside in value.values() if isinstance(value, dict) else value if isinstance(value, (list, tuple)) else ():
        yield from _keys(inside)


def test_every_construct_on_the_way_has_a_page() -> None:
    from vpcsim.account import ACCOUNT
    from vpcsim.shapes import SHAPES

    pages = {page.stem.replace("-", "_") for page in (ROOT / "docs" / "rooms").glob("*.md")}
    text = "".join(page.read_text() for page in (ROOT / "docs" / "rooms").glob("*.md"))
    kinds = {shape.kind for shape in SHAPES if shape.cloudformation_types}
    elsewhere = {shape.kind for shape in ACCOUNT}
    assert not [kind for kind in kinds - pages - elsewhere if f"`{kind}`" not in text]


def test_what_the_code_does_not_model_is_in_the_limits() -> None:
    page = " ".join((ROOT / "docs" / "limits.md").read_text().lower().split())
    for module in sorted((ROOT / "vpcsim").rglob("*.py")):
        told = re.search(r"^Not modelled(?: here)?: (.*?)\.$", module.read_text(), re.MULTILINE | re.DOTALL)
        for item in re.split(r",\s+|\s+and\s+", " ".join(told[1].split())) if told else ():
            assert item.lower() in page, f"docs/limits.md does not name `{item}` of {module.relative_to(ROOT)}"


def test_the_demo_of_the_makefile_is_the_one_that_is_shown() -> None:
    makefile = (ROOT / "Makefile").read_text()
    variables = dict(re.findall(r"^(\w+) [:?]?= (.*)$", makefile, re.MULTILINE))
    recipe = makefile.partition("\ndemo:")[2].partition("\n\n")[0]
    assert DEMO in re.sub(r"\$\((\w+)\)", lambda found: variables.get(found[1], ""), recipe)


def test_a_wrong_output_is_noticed(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("""```console
$ vpcsim --version
vpcsim 0
$ echo a; echo b
a
...
$ false; echo "exit $?"
exit 1
```
""")
    renewed = as_run(page)
    assert "vpcsim 0\n" not in renewed
    assert "a\n...\n$ false" in renewed
    assert renewed.endswith("exit 1\n```\n")


def test_a_wrong_doctest_is_noticed(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("```python\n>>> for n in (1, 2):\n...     print(n)\n1\n>>> {}['a']\n```\n")
    renewed = as_run(page)
    assert ">>> for n in (1, 2):\n...     print(n)\n1\n2\n>>> {}['a']\n" in renewed
    assert renewed.endswith("Traceback (most recent call last):\n    ...\nKeyError: 'a'\n```\n")


if __name__ == "__main__":
    if sys.argv[1:] != ["--write"]:
        sys.exit("usage: python tests/test_docs.py --write")
    write()
