"""Make the Terraform plans of models/ and of the tests again, with the real program.

    python tools/terraform_fixtures.py [MODEL...]

It needs `terraform` and the AWS provider, from its registry or from a mirror that the configuration of `terraform` names, and
no account: the plans are of networks that do not exist yet. With `--apply URL` it applies them at an endpoint such as moto's
server, and keeps the state too.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OF_TESTS = [ROOT / "tests" / "readers" / name for name in ("core_network_document", "terraform_every_type")]
OVERRIDE = """
provider "aws" {{
  access_key                  = "testing"
  secret_key                  = "testing"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
{endpoints}}}
"""
REGISTRY = "registry.terraform.io/"
SERVICES = ("ec2", "elbv2", "iam", "lambda", "rds", "sqs", "sts", "route53")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="*", metavar="MODEL")
    parser.add_argument("--apply", metavar="URL", help="the endpoint at which the plans are applied")
    given = parser.parse_args()
    for source in (*sorted(ROOT.glob("models/*/terraform")), *OF_TESTS):
        if not given.models or {source.name, source.parent.name} & set(given.models):
            _make(source, given.apply)
    return 0


def _make(source: Path, endpoint: str | None) -> None:
    aliases = re.findall(r'^\s+(alias\s+= "\w+")', (source / "main.tf").read_text(), re.MULTILINE)
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder) / "terraform"
        shutil.copytree(source, work, ignore=shutil.ignore_patterns("*.json"))
        services = "".join(f'    {service} = "{endpoint}"\n' for service in SERVICES)
        endpoints = f"  endpoints {{\n{services}  }}\n" if endpoint else ""
        override = OVERRIDE.format(endpoints=endpoints)
        others = [override.replace("{\n", f"{{\n  {alias}\n", 1) for alias in aliases]
        (work / "override.tf").write_text("".join([override, *others]))
        _terraform(work, "init", "-backend=false")
        if endpoint is None:
            _terraform(work, "plan", "-out=plan.bin")
            _keep(_terraform(work, "show", "-json", "plan.bin"), source / "plan.json")
        else:
            _terraform(work, "apply", "-auto-approve")
            _keep(_terraform(work, "show", "-json"), source / "state.json")
            _keep((work / "terraform.tfstate").read_text(), source / "terraform.tfstate")


def _terraform(folder: Path, *words: str) -> str:
    done = subprocess.run(["terraform", *words, "-no-color"], cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{folder}: terraform {words[0]}\n{done.stdout}{done.stderr}")
    return done.stdout


def _keep(text: str, path: Path) -> None:
    document = json.loads(text.replace(REGISTRY, ""))
    document.pop("timestamp", None)
    path.write_text(json.dumps(document, indent=1) + "\n")


if __name__ == "__main__":
    raise SystemExit(main())
