"""What CDK synthesised: the folder `cdk.out` with its manifest, all stacks, and what was looked up for them.

The manifest names the template and the environment of each stack. A stack without an environment is in the Region that a
template has.

Sources: https://docs.aws.amazon.com/cdk/v2/guide/deploy.html, https://docs.aws.amazon.com/cdk/v2/guide/context.html,
https://docs.aws.amazon.com/cdk/api/v2/docs/cloud-assembly-schema-readme.html.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from vpcsim.errors import InputError, Origin, Problem, Skipped
from vpcsim.readers.assumed_vpc import PRIVATE_GATEWAY, AssumedSubnet, assumed_vpc
from vpcsim.readers.cloudformation import ACCOUNT, REGION, place_of
from vpcsim.readers.document import List, Map, origin_of
from vpcsim.readers.document import read as read_document
from vpcsim.readers.reading import Reading, elsewhere, joined
from vpcsim.readers.stacks import Source, read_stacks
from vpcsim.resource import Draft

FILES = ("manifest.json", os.path.join("cdk.out", "manifest.json"))
STACK, ASSEMBLY = "aws:cloudformation:stack", "cdk:cloud-assembly"
CONTEXT = "cdk.context.json"
_ENVIRONMENT = re.compile("aws://([^/]+)/(.+)")


def recognises(document: Map) -> bool:
    """Whether a document is the manifest of a cloud assembly."""
    return isinstance(document.get("artifacts"), Map) and "version" in document


def read(documents: Sequence[Map], parameters: Mapping[str, str]) -> Reading:
    """What the stacks of manifests declare. Raises InputError with every problem found."""
    return joined(_read(document, parameters) for document in documents)


def _read(manifest: Map, parameters: Mapping[str, str]) -> Reading:
    every = list(sources(manifest, parameters))
    if not every:
        raise InputError(Problem("the manifest names no stack", manifest.origin))
    region = parameters.get("AWS::Region", "")
    here = [source for source in every if region in ("", source.region)]
    if not here:
        known = ", ".join(sorted({f"`{source.region}`" for source in every}))
        raise InputError(Problem(f"no stack is deployed in `{region}`; there are some in {known}", manifest.origin))
    looked_up = list(_looked_up(manifest, here))
    reading = read_stacks(here, parameters, looked_up)
    others = tuple(
        Skipped(s.name, STACK, s.template.origin, f"in {s.region}, and `--param AWS::Region={region}` asks for one Region")
        for s in every
        if s not in here
    )
    to_nat = [draft for draft in looked_up if PRIVATE_GATEWAY in str(draft.fields.get("Routes"))]
    missing = tuple(Skipped(PRIVATE_GATEWAY, "NAT gateway", draft.origin) for draft in to_nat[:1])
    settings = reading.settings
    told = tuple(f"{draft.id} is as {CONTEXT} says, and the rest of it as CDK's words imply" for draft in looked_up[:1])
    settings = replace(
        settings,
        file=manifest.file,
        skipped=(*settings.skipped, *others, *missing),
        assumptions=(*told, *settings.assumptions),
        notices=(*settings.notices, *_missing(manifest)),
    )
    return reading._replace(settings=settings)


def _missing(manifest: Map) -> Iterator[Problem]:
    """Lookups that were not made when the templates were synthesised, so that they hold made-up values."""
    missing = manifest.get("missing")
    for item in missing if isinstance(missing, List) else ():
        if isinstance(item, Map):
            yield Problem(f"CDK did not look up `{item.get('key')}`, and the templates hold made-up values for it", item.origin)


def sources(manifest: Map, parameters: Mapping[str, str]) -> Iterator[Source]:
    """The stacks that a manifest names. Raises InputError."""
    folder = os.path.dirname(manifest.file)
    for name, artifact in manifest["artifacts"].items():
        properties = artifact.get("properties") if isinstance(artifact, Map) else None
        if not isinstance(properties, Map):
            continue
        if artifact.get("type") == STACK:
            yield _source(name, artifact, properties, folder, parameters)
        elif artifact.get("type") == ASSEMBLY and isinstance(properties.get("directoryName"), str):
            nested = _template(os.path.join(folder, properties["directoryName"], FILES[0]), artifact)
            yield from sources(nested, parameters) if recognises(nested) else ()


def _source(name: str, artifact: Map, properties: Map, folder: str, parameters: Mapping[str, str]) -> Source:
    file = properties.get("templateFile")
    if not isinstance(file, str):
        raise InputError(Problem(f"the stack `{name}` names no template", artifact.origin))
    environment = _ENVIRONMENT.fullmatch(str(artifact.get("environment")))
    account, region = environment.groups() if environment else ("", "")
    known = {} if region.startswith("unknown") or not region else {"region": region}
    known |= {"account": account} if re.fullmatch("[0-9]{12}", account) else {}
    wanted = {key: value for key, value in parameters.items() if key != "AWS::Region" or not known.get("region")}
    region, account = place_of(wanted, known.get("region", REGION), known.get("account", ACCOUNT))
    template = _template(os.path.join(folder, file), artifact)
    return Source(template, str(properties.get("stackName", name)), region, account)


def _template(path: str, artifact: Map) -> Map:
    try:
        template = read_document(path)
    except InputError as error:
        first = error.problems[0]
        raise InputError([Problem(f"{first.message}, which the manifest names", first.origin or artifact.origin)]) from None
    if not isinstance(template, Map):
        raise InputError(Problem("a mapping is expected", Origin(path, 1, 1)))
    return template


# lookups


def _looked_up(manifest: Map, sources: Sequence[Source]) -> Iterator[Draft]:
    """The VPCs that lookups found and a template names."""
    context = _context(os.path.dirname(manifest.file))
    texts: set[str] = set()
    for source in sources:
        _collect(source.template, texts)
    seen: set[str] = set()
    for key, value in context.items() if context is not None else ():
        if key.startswith("vpc-provider:") and isinstance(value, Map) and str(value.get("vpcId")) not in seen:
            ids = _ids(value)
            if texts & ids:
                seen.add(str(value.get("vpcId")))
                found = re.search(r":account=([0-9]{12}):.*:region=([a-z0-9-]+)", key)
                place = (found[2], found[1]) if found else (sources[0].region, sources[0].account)
                for draft in _vpc(value, origin_of(context, key) if context is not None else value.origin):
                    draft.fields |= elsewhere(place, (sources[0].region, sources[0].account))
                    yield draft


def _context(folder: str) -> Map | None:
    for path in (os.path.join(folder, os.pardir, CONTEXT), os.path.join(folder, CONTEXT)):
        if os.path.exists(path):
            found = read_document(os.path.normpath(path))
            return found if isinstance(found, Map) else None
    return None


def _collect(value: Any, texts: set[str]) -> None:
    if isinstance(value, str):
        texts.add(value)
    elif isinstance(value, Map | List):
        for item in value.values() if isinstance(value, Map) else value:
            _collect(item, texts)


def _ids(vpc: Map) -> set[str]:
    texts: set[str] = set()
    _collect(vpc, texts)
    return {text for text in texts if text.startswith(("vpc-", "subnet-", "rtb-"))}


def _vpc(found: Map, origin: Origin) -> list[Draft]:
    cidr, groups = found.get("vpcCidrBlock"), found.get("subnetGroups")
    subnets = list(_subnets(groups)) if isinstance(groups, List) else []
    if not isinstance(cidr, str) or not subnets:
        message = f"{found.get('vpcId')}: {CONTEXT} does not say its blocks; remove the entry and run `cdk synth` again"
        raise InputError(Problem(message, origin))
    return assumed_vpc(str(found.get("vpcId")), cidr, subnets, origin)


def _subnets(groups: List) -> Iterator[AssumedSubnet]:
    for group in groups:
        subnets = group.get("subnets") if isinstance(group, Map) else None
        for subnet in subnets if isinstance(subnets, List) else ():
            if isinstance(subnet, Map) and isinstance(subnet.get("cidr"), str):
                words = {"id": "subnetId", "cidr": "cidr", "zone": "availabilityZone", "table": "routeTableId"}
                named = {name: str(subnet.get(key)) for name, key in words.items()}
                yield AssumedSubnet(**named, kind=str(group.get("type")))
