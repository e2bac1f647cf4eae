"""The data files and the cost of having them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import vpcsim.services

FOLDER = Path(vpcsim.services.__file__).parent
EXCEPTIONS = json.loads((FOLDER / "exceptions.json").read_text())


def loaded_by(statement: str) -> set[str]:
    code = f"import sys, vpcsim, vpcsim.errors; before = set(sys.modules); {statement}; print(*set(sys.modules) - before)"
    return set(subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split())


def test_importing_loads_nothing_heavy_and_no_data() -> None:
    loaded = loaded_by("import vpcsim.services")
    assert not loaded & {
        "json",
        "ipaddress",
        "hashlib",
        "pathlib",
        "importlib.resources",
        "botocore",
        "moto",
        "pydantic",
        "dataclasses",
    }


def test_an_ordinary_lookup_loads_neither_ranges_nor_sdk() -> None:
    loaded = loaded_by("from vpcsim.services import *; public_addresses('sqs.us-east-1.amazonaws.com')")
    assert not loaded & {"botocore", "moto", "pydantic", "dataclasses"}


def test_the_package_imports_only_itself_and_the_standard_library() -> None:
    foreign = loaded_by("from vpcsim.services import *; aws_region_of('52.94.0.1'); managed_policy('AmazonSQSFullAccess')")
    tops = {name.partition(".")[0] for name in foreign} - set(sys.stdlib_module_names) - {"vpcsim", "__main__"}
    assert {name for name in tops if not name.startswith("_")} <= {"distutils-precedence", "sitecustomize"}


@pytest.mark.parametrize(
    ("name", "limit"), [("hosts", 40_000), ("privatelink", 30_000), ("prefixes", 40_000), ("ranges", 300_000)]
)
def test_the_files_stay_small(name: str, limit: int) -> None:
    assert (FOLDER / f"{name}.json").stat().st_size < limit


def test_every_exception_names_its_source() -> None:
    entries = [
        EXCEPTIONS["more_services"],
        *EXCEPTIONS["privatelink"].values(),
        *EXCEPTIONS["hosts"],
        *EXCEPTIONS["labels"],
        *EXCEPTIONS["prefix_lists"].values(),
    ]
    assert [entry for entry in entries if not entry.get("source")] == []


def test_what_rests_on_an_sdk_alone_is_marked_assumed() -> None:
    unmarked = {
        name
        for name, entry in EXCEPTIONS["privatelink"].items()
        if entry["source"].startswith("botocore") and not entry.get("assumed")
    }
    assert unmarked == set()
