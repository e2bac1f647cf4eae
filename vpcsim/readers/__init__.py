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

READERS = ("terraform", "cloudformation", "native")
"""The modules of the readers, in the order in which they are asked what a document is."""
EXPECTED = "expected sections such as `vpcs` and `subnets`, or a template's `Resources`"


def load(*paths: str | os.PathLike[str], parameters: Mapping[str, str] | None = None) -> Topology:
    """Read a model from its inputs: files, or folders that hold one.

    `parameters` are those of CloudFormation templates. Raises InputError with every problem found, RefusedError if AWS
    itself would reject the configuration.
    """
    return topology_of([_mapping(file) for path in paths for file in _files(os.fspath(path))], parameters)


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
    if parameters and "cloudformation" not in by_reader:
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


def _mapping(file: str) -> Map:
    document = terraform_sources(file) if file.endswith(".tf") or os.path.isdir(file) else read(file)
    if isinstance(document, Map):
        return document
    raise InputError(Problem("a model is a mapping of sections, or a CloudFormation template", Origin(file, 1, 1)))


def _reader_of(document: Map) -> str:
    for name in READERS:
        if _module(name).recognises(document):
            return name
    keys = ", ".join(f"`{key}`" for key in list(document)[:5])
    message = f"neither the native format nor a CloudFormation template: it has {keys}; {EXPECTED}"
    raise InputError(Problem(message, Origin(document.file, 1, 1)))


def _files(path: str) -> list[str]:
    if not os.path.isdir(path):
        return [path]
    known = [name for reader in reversed(READERS) for name in _module(reader).FILES]
    for name in known:
        if os.path.exists(os.path.join(path, name)):
            return [os.path.join(path, name)]
    if any(name.endswith(".tf") for name in os.listdir(path)):
        return [path]
    raise InputError(Problem("the folder holds neither `network.yaml` nor `template.yaml`, and no Terraform", Origin(path)))
