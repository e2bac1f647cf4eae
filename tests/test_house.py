"""The layout of the house, checked on the source itself: floors, rooms, sizes."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "vpcsim"

FLOORS = (
    ("errors", "codes", "stable", "schemas"),
    ("prefixes", "services", "policy"),
    ("packet", "holding"),
    ("trace", "resolution", "expectations"),
    ("shape",),
    ("references", "statements"),
    ("resource",),
    ("drafts", "outsiders"),
    ("topology",),
    ("account",),
    ("fabric",),
    ("network",),
    ("gateways",),
    ("names",),
    ("shapes", "doubts"),
    ("delegation", "dns64"),
    ("tracing", "resolving", "wire", "graph", "remarks"),
    ("forwarding", "advising"),
    ("reachability",),
    ("asking", "findings"),
    ("matrix",),
    ("calling",),
    ("readers",),
    ("loading", "writing"),
    ("patches", "offline"),
    ("cloud",),
    ("guest",),
    ("scenarios",),
    ("renderers",),
    ("dns_server", "snapshot"),
    ("cli",),
    ("__main__", "pytest_plugin"),
)
FLOOR_OF = {module: number for number, floor in enumerate(FLOORS) for module in floor}
ENGINE = ("tracing", "resolving", "asking", "topology", "reachability")
"""Modules that name no AWS construct."""
CONSTRUCTS = (
    "nat_gateway",
    "internet_gateway",
    "interface_endpoint",
    "gateway_endpoint",
    "transit_gateway",
    "NatGateway",
    "InternetGateway",
    "Endpoint",
)
LARGEST_FILE = 460
LARGEST_FUNCTION = 50


def sources() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def module_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Modules of this package that are imported when the file itself is imported, or for types."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("vpcsim"):
            parts = node.module.split(".")
            yield from ((parts[1] if len(parts) > 1 else alias.name, node.lineno) for alias in node.names)
        if isinstance(node, ast.Import):
            yield from ((alias.name.split(".")[1], node.lineno) for alias in node.names if alias.name.startswith("vpcsim."))


@pytest.mark.parametrize("path", [p for p in sources() if module_of(p) != "__init__"], ids=lambda p: str(p.relative_to(PACKAGE)))
def test_a_file_imports_from_lower_floors_only(path: Path) -> None:
    module = module_of(path)
    assert module in FLOOR_OF, f"`{module}` stands on no floor: give it one in FLOORS"
    for imported, line in imports(ast.parse(path.read_text())):
        allowed = imported == module or FLOOR_OF[imported] < FLOOR_OF[module]
        assert allowed, f"{path}:{line}: {module} (floor {FLOOR_OF[module]}) imports {imported} (floor {FLOOR_OF[imported]})"


@pytest.mark.parametrize("folder", ["gateways", "names"])
def test_a_room_imports_no_room(folder: str) -> None:
    shared = {"vpc_endpoint", "announcing", "encapsulation", "attaching"}
    known = {
        ("endpoint_names", "interface_endpoint"),
        ("public_names", "vpc_names"),
        ("load_balancer_names", "load_balancer"),
        ("dns_server", "hosted_zone"),
        ("profile", "endpoint_names"),
    }
    for path in (PACKAGE / folder).rglob("[!_]*.py"):
        room = path.relative_to(PACKAGE / folder).parts[0].removesuffix(".py")
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith(("vpcsim.gateways.", "vpcsim.names.")):
                other = node.module.split(".")[2]
                pair = (room, other)
                assert other in shared or other == room or pair in known or room == "public_names", (
                    f"{path}:{node.lineno} imports the room {other}"
                )


def room_of(shape: type) -> str:
    """The file of a room, or the folder if it has outgrown one."""
    return shape.__module__.split(".")[2]


def test_the_list_of_gateways_and_the_folder_agree() -> None:
    from vpcsim.gateways import GATEWAYS

    folder = PACKAGE / "gateways"
    files = {path.stem for path in (*folder.glob("[!_]*.py"), *folder.glob("[!_]*/"))} - {
        "vpc_endpoint",
        "announcing",
        "attaching",
        "encapsulation",
    }
    assert {room_of(shape) for shape in GATEWAYS} == files


def test_the_list_of_names_and_the_folder_agree() -> None:
    from vpcsim.names import FILTERS, NAMES, ZONES

    files = {path.stem for path in (PACKAGE / "names").glob("[!_]*")}
    listed = {type(source) for source in (*NAMES, *FILTERS)} | set(ZONES)
    assert {source.__module__.split(".")[2] for source in listed} == files


def test_every_gateway_has_a_test_and_a_page() -> None:
    from vpcsim.gateways import GATEWAYS

    for shape in GATEWAYS:
        name = room_of(shape)
        if name == "internet":
            continue
        assert (ROOT / "tests" / "gateways" / f"test_{name}.py").exists(), f"no test for {name}"
        assert (ROOT / "docs" / "rooms" / f"{name.replace('_', '-')}.md").exists(), f"no page for {name}"


@pytest.mark.parametrize("module", ENGINE)
def test_the_engine_names_no_construct(module: str) -> None:
    text = (PACKAGE / f"{module}.py").read_text()
    assert not [word for word in CONSTRUCTS if word in text]


def test_files_and_functions_stay_small() -> None:
    for path in sources():
        text = path.read_text()
        assert text.count("\n") <= LARGEST_FILE, f"{path} has {text.count(chr(10))} lines"
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef):
                lines = (node.end_lineno or 0) - node.lineno + 1
                assert lines <= LARGEST_FUNCTION, f"{path}:{node.lineno} {node.name} has {lines} lines"


@pytest.mark.parametrize("path", sources(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_every_module_says_what_it_is(path: Path) -> None:
    tree = ast.parse(path.read_text())
    assert not tree.body or ast.get_docstring(tree), f"{path} has no docstring"


def test_rooms_cite_their_sources() -> None:
    for folder in ("fabric", "gateways", "names"):
        for path in (PACKAGE / folder).rglob("[!_]*.py"):
            assert "https://docs.aws.amazon.com/" in path.read_text(), f"{path} names no AWS page"


HEAVY = ("moto", "boto3", "botocore", "networkx", "dnslib", "rich", "numpy")


@pytest.mark.parametrize(
    "statement",
    [
        "import vpcsim",
        "import vpcsim.cli",
        "import vpcsim; vpcsim.load('models/sqs-private').trace('AppServer', 'https://example.com')",
    ],
)
def test_nothing_heavy_is_imported_before_it_is_needed(statement: str) -> None:
    code = f"import sys; {statement}; print([m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_help_loads_no_model_code() -> None:
    code = "import sys, vpcsim.cli; print([m for m in ('pydantic', 'yaml', 'vpcsim.network') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_public_names_exist() -> None:
    import vpcsim

    assert all(getattr(vpcsim, name) is not None for name in vpcsim.__all__)
    assert set(vpcsim._HOME) == set(vpcsim.__all__)
