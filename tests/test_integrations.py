"""What other programs start: the entries of the pre-commit hooks, and the script of the GitHub Action, run for real."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parent.parent
HOOKS = {hook["id"]: hook for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())}
ACTION = yaml.safe_load((ROOT / "action.yml").read_text())
PROGRAM = f"{sys.executable} -m vpcsim"
GOOD = f"model: {ROOT}/models/sqs-private\nfrom: AppServer\nchecks: [{{flow: example.com, verdict: blocked}}]\n"
BAD = GOOD.replace("blocked", "reachable")
WARNED = """\
vpcs: {v: 10.0.0.0/16}
subnets: {s: 10.0.0.0/24}
route_tables: {t: {main: true, routes: {0.0.0.0/0: igw}}}
internet_gateways: {igw: v}
"""


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with a model, an expectation file and files of others."""
    (tmp_path / "net").mkdir()
    (tmp_path / "net/reach.vpcsim.yaml").write_text(GOOD)
    (tmp_path / "net/model.yaml").write_text(WARNED)
    (tmp_path / "ci.yml").write_text("steps: [{script: make}]\n")
    (tmp_path / "chart.yaml").write_text("{{ if }}\n")
    return tmp_path


def start(command: list[str], folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)


def hook(id: str, folder: Path, *files: str) -> subprocess.CompletedProcess[str]:
    """The command that pre-commit makes of a hook: its entry, its arguments, and the files if it passes them."""
    known = HOOKS[id]
    entry = shlex.split(known["entry"])
    assert entry[0] == "vpcsim"
    names = files if known.get("pass_filenames", True) else ()
    return start([*shlex.split(PROGRAM), *entry[1:], *known.get("args", []), *names], folder)


def test_the_hooks_are_what_pre_commit_needs() -> None:
    assert list(HOOKS) == ["vpcsim-lint", "vpcsim-expect"]
    assert all({"id", "name", "description", "entry", "language"} <= hook.keys() for hook in HOOKS.values())
    expect = HOOKS["vpcsim-expect"]
    assert (expect["always_run"], expect["pass_filenames"], expect["require_serial"]) == (True, False, True)


def test_the_lint_hook_is_quiet_about_files_without_a_network(repository: Path) -> None:
    done = hook("vpcsim-lint", repository, "ci.yml", "chart.yaml", "net/reach.vpcsim.yaml")
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, "", "")


def test_the_lint_hook_tells_findings_and_refusals(repository: Path) -> None:
    done = hook("vpcsim-lint", repository, "ci.yml", "net/model.yaml")
    assert done.returncode == 1
    assert done.stdout.startswith("net/model.yaml:2:11: warning: s: has no route table of its own")
    (repository / "net/model.yaml").write_text(WARNED.replace("10.0.0.0/24", "10.1.0.0/24"))
    done = hook("vpcsim-lint", repository, "net/model.yaml")
    assert done.returncode == 1
    assert ": error: s:" in done.stdout


def test_the_expect_hook_runs_the_files_of_the_repository(repository: Path) -> None:
    done = hook("vpcsim-expect", repository, "unrelated.py")
    assert (done.returncode, done.stdout.splitlines()[0]) == (0, "net/reach.vpcsim.yaml .")
    (repository / "net/reach.vpcsim.yaml").write_text(BAD)
    done = hook("vpcsim-expect", repository)
    assert done.returncode == 1
    assert "expected reachable, predicted blocked" in done.stdout


def action(repository: Path, **inputs: str) -> subprocess.CompletedProcess[str]:
    """The script of the action with these inputs, as a runner starts it."""
    given = {name: known["default"] for name, known in ACTION["inputs"].items()} | inputs
    step: Any = ACTION["runs"]["steps"][-1]
    environment = {
        name: given[text.removeprefix("${{ inputs.").removesuffix(" }}")]
        for name, text in step["env"].items()
        if text.startswith("${{ inputs.")
    }
    summary = str(repository / "summary.md")
    words = ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", step["run"]]
    return start(words, repository, **environment, PYTHON=sys.executable, GITHUB_STEP_SUMMARY=summary)


def test_the_action_is_composite_and_installs_itself() -> None:
    steps = ACTION["runs"]["steps"]
    assert ACTION["runs"]["using"] == "composite"
    assert all(step.get("shell") == "bash" or "uses" in step for step in steps)
    assert "$GITHUB_ACTION_PATH" in steps[1]["run"]
    assert not any("${{" in step.get("run", "") for step in steps)


def test_the_action_annotates_and_summarises(repository: Path) -> None:
    assert action(repository).returncode == 0
    (repository / "net/reach.vpcsim.yaml").write_text(BAD)
    done = action(repository, sarif="out.sarif")
    assert done.returncode == 1
    assert done.stdout.startswith("::error file=net/reach.vpcsim.yaml,line=3,col=10,title=flow example.com::")
    assert "**FAILED**" in (repository / "summary.md").read_text()
    assert '"2.1.0"' in (repository / "out.sarif").read_text()


def test_the_action_lints(repository: Path) -> None:
    done = action(repository, lint="net/model.yaml ci.yml")
    assert done.returncode == 1
    assert "::warning file=net/model.yaml,line=2,col=11,title=subnet-on-main-table at s::" in done.stdout


def test_the_action_passes_arguments_on(repository: Path) -> None:
    assert action(repository, arguments="-k nothing").returncode == 3


def test_a_hook_is_over_at_once(repository: Path) -> None:
    """No promise of a number: only that linting a few small files loads no cloud."""
    code = "import sys; from vpcsim.cli import vpcsim_command as c; c.main(['lint', 'net/model.yaml'], standalone_mode=False)"
    done = start([sys.executable, "-c", f"{code}; print([m for m in ('moto', 'boto3', 'rich') if m in sys.modules])"], repository)
    assert done.stdout.splitlines()[-1] == "[]"
