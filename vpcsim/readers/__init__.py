"""From files to a topology. The kind of an input is recognised by its content.

A reader is a module with three names:

- `FILES`: the files by which a folder of this kind is known;
- `recognises(document)`: whether a document is of this kind;
- `read(documents, parameters)`: what all documents of this kind together declare.

Inputs of several kinds make one model. Native files are changes to what stands before them: to the other kinds, or to the
first native file.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from importlib import import_module
from typing import Any

from vpcsim.errors import InputError, Origin, Problem
from vpcsim.readers.document import Map, read
from vpcsim.topology import Topology

READERS = ("terraform", "cloudformation", "cdk", "describe", "native")
"""The modules of the readers, in the order in which they are asked what a document is."""
EXPECTED = "expected sections such as `vpcs` and `subnets`, a template's `Resources`, or lists of AWS's API such as `Vpcs`"


def load(*paths: str | os.PathLike[str], parameters: Mapping[str, str] | None = None) -> Topology:
    """Read a model from its inputs: files, or folders that hold one.

    `parameters` are those of CloudFormation templates. Raises InputError with every problem found, RefusedError if AWS
    itself would reject the configuration.
    """
    return topology_of(documents_of(paths), parameters)


def documents_of(paths: Iterable[str | os.PathLike[str]]) -> list[Map]:
    """What stands in files, or in the files by which folders are known. Raises InputError."""
    return [document for path in paths for document in _documents(os.fspath(path))]


def topology_of(documents: Iterable[Map], parameters: Mapping[str, str] | None = None) -> Topology:
    """The model of documents that were read already. Raises as `load`."""
    from vpcsim.readers import native
    from vpcsim.readers.reading import joined

    by_reader: dict[str, list[Map]] = {}
    for document in documents:
        by_reader.setdefault(_reader_of(document), []).append(document)
    changes = by_reader.pop("native", [])
    if not by_reader:
        by_reader["native"], changes = changes[:1], changes[1:]
    if parameters and not by_reader.keys() & {"cdk", "cloudformation"}:
        file = next(iter(by_reader.values()))[0].file
        raise InputError(Problem("parameters belong to CloudFormation templates; there is none", Origin(file)))
    reading = joined(_module(name).read(by_reader[name], parameters or {}) for name in READERS if name in by_reader)
    topology = Topology.build(reading.settings, reading.declared)
    for change in changes:
        topology = topology.changed(native.declarations_of(change, topology))
    return topology


def terraform_sources(path: str) -> Map:
    """The document that stands for Terraform sources."""
    from vpcsim.readers.terraform.hcl import document_of

    return document_of(path)


def _module(name: str) -> Any:
    return import_module(f"vpcsim.readers.{name}")


def _documents(path: str) -> list[Map]:
    """The documents of a file, or of a folder: its model, or else the describe output anywhere in it."""
    if not os.path.isdir(path):
        return [terraform_sources(path)] if path.endswith(".tf") else _answers(path) or [_mapping(path)]
    for name in (name for reader in reversed(READERS) for name in _module(reader).FILES):
        if os.path.exists(os.path.join(path, name)):
            return [_mapping(os.path.join(path, name))]
    if any(name.endswith(".tf") for name in os.listdir(path)):
        return [terraform_sources(path)]
    from vpcsim.readers import describe

    files = {file: _answers(file) for file in describe.folder(path)}
    found = [document for answers in files.values() for document in answers]
    if found:
        return [*found, *(document for file, answers in files.items() if not answers for document in describe.unknown(file))]
    message = (
        'the folder holds neither `network.yaml` nor `template.yaml`, nor JSON files of AWS\'s API such as `{"Vpcs": [...]}`'
    )
    raise InputError(Problem(message, Origin(path)))


def _answers(file: str) -> list[Map]:
    """The answers of AWS's API in a file, if it holds them: JSON, or packed by gzip."""
    try:
        with open(file, "rb") as stream:
            start = stream.read(200).lstrip(b"\xef\xbb\xbf \t\r\n")[:2]
    except (OSError, ValueError):
        return []
    if start[:1] != b"{" and start != b"\x1f\x8b":
        return []
    from vpcsim.readers import describe

    return describe.documents(file)


def _mapping(file: str) -> Map:
    document = read(file)
    if isinstance(document, Map):
        return document
    raise InputError(Problem("a model is a mapping of sections, or a CloudFormation template", Origin(file, 1, 1)))


def _reader_of(document: Map) -> str:
    if _module("native").is_plain(document):
        return "native"
    for name in READERS:
        if _module(name).recognises(document):
            return name
    keys = ", ".join(f"`{key}`" for key in list(document)[:5]) or "nothing"
    message = f"neither the native format nor a CloudFormation template: it has {keys}; {EXPECTED}"
    raise InputError(Problem(message, Origin(document.file, 1, 1)))
