"""What AWS's API tells of an account: the JSON output of `aws ec2 describe-vpcs` and its kin, under any file names.

    {"Vpcs": [{"VpcId": "vpc-1", ...}], "Subnets": [...]}

A file is recognised by the names of its lists, and each list is taken by the classes that have this name. What a class
makes of an item is its own business (`described`); what is known here is where items come from. The account and the Region
of an item are those that it tells itself, in its owner, an ARN or a zone, or else those of the answer or of the folder.

What the files name and do not describe is left out and said, never guessed; so is a resource that stands in such a thing.

Sources: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Operations.html,
https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-output-format.html.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from vpcsim import services
from vpcsim.errors import InputError, Origin, Problem, Skipped
from vpcsim.readers.document import Answer, List, Map, content_of, origin_of, parse
from vpcsim.readers.reading import Reading
from vpcsim.resolution import Switches
from vpcsim.resource import Declaration, Draft, Patch, Resource
from vpcsim.shapes import SHAPES
from vpcsim.topology import Settings

FILES = ()
ENDINGS = (".json", ".json.gz", ".jsonl", ".jsonl.gz", ".ndjson", "")
ACCOUNT = "123456789012"
REGION = "us-east-1"
SETTINGS = ("Account", "Region", "DnsSwitches")
"""Keys beside the lists that say whose answer a file is; `vpcsim snapshot` and `vpcsim convert` write them."""
REPORT = "SnapshotReport"
"""The calls that gave a snapshot no answer."""
PAGING = ("NextToken", "ResponseMetadata", "NextMarker", "Marker", "IsTruncated", "MaxItems", "MaxResults", REPORT, *SETTINGS)
_ACCOUNT = re.compile(r"\d{12}")
_ARN = re.compile(r"arn:aws[a-z-]*:[a-z0-9-]*:([a-z0-9-]*):(\d{12})?:")
_ZONE = re.compile(r"([a-z]+-[a-z-]+-\d+)(?:[a-z]|-.+)")

_TAKERS: dict[str, list[type[Resource]]] = {}
for _shape in SHAPES:
    for _name in dict.fromkeys((_shape.section, *_shape.described_as)):
        if _name:
            _TAKERS.setdefault(_name, []).append(_shape)


class Place(NamedTuple):
    """Whose answer something is."""

    account: str = ""
    region: str = ""


def _is_known(key: str) -> bool:
    return key in _TAKERS or key == REPORT


def recognises(document: Map) -> bool:
    """Whether a document is an answer in JSON, or one in YAML: it has a list of describe output, under the exact name."""
    return isinstance(document, Answer) or any(_is_known(k) and _is_described(v) for k, v in document.items())


def _is_described(content: Any) -> bool:
    return isinstance(content, List) and not (content and isinstance(content[0], Mapping) and "id" in content[0])


def documents(path: str) -> list[Map]:
    """The answers in a file: objects one after another, or one in YAML; none if it holds something else."""
    from vpcsim.readers.pages import MAX_UNPACKED, pages, unpacked

    content = unpacked(content_of(path, MAX_UNPACKED), path)
    found = pages(content, path, _is_known)
    if found or not path.endswith(".gz"):
        return found
    document = parse(content, path)
    return [document] if isinstance(document, Map) else []


def unknown(path: str) -> list[Map]:
    """The answers in a file beside others that none of the classes takes, so that they can be told."""
    from vpcsim.readers.pages import MAX_UNPACKED, pages, unpacked

    found = pages(unpacked(content_of(path, MAX_UNPACKED), path), path, lambda key: key[:1].isupper())
    return [page for page in found if any(isinstance(v, List) and v and isinstance(v[0], Mapping) for v in page.values())]


def folder(path: str) -> list[str]:
    """The files of a folder and its folders that may hold answers."""
    found = []
    for inside, folders, names in os.walk(path):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        found += [os.path.join(inside, name) for name in sorted(names) if _ending(name) in ENDINGS]
    return found


def _ending(name: str) -> str:
    stem, dot, ending = name.removesuffix(".gz").rpartition(".")
    return f".{ending}{'.gz' if name.endswith('.gz') else ''}".lower() if dot and stem else ""


def read(documents: Sequence[Map], parameters: Mapping[str, str]) -> Reading:
    """What answers declare together. A resource that several describe is one resource."""
    from vpcsim.readers.closing import closed

    snapshot = _Snapshot()
    for page in documents:
        snapshot.take(page)
    drafts = snapshot.settled()
    closing = closed(drafts)
    place = snapshot.usual()
    settings = Settings(
        SHAPES,
        place.region or REGION,
        place.account or ACCOUNT,
        documents[0].file,
        notices=(*snapshot.notices, *closing.notices),
        skipped=(*snapshot.skipped, *closing.skipped),
        assumptions=(*snapshot.assumptions(place), *closing.assumptions),
        dns=_switches(documents),
        observed=frozenset(page.file for page in documents),
    )
    return Reading(settings, closing.drafts)


def _switches(documents: Sequence[Map]) -> Switches:
    """What files of `vpcsim convert` say about points that AWS leaves open."""
    given: dict[str, Any] = {
        k: v for page in documents if isinstance(told := page.get("DnsSwitches"), Mapping) for k, v in told.items()
    }
    known: dict[str, Any] = {k: v for k, v in given.items() if type(v) is type(Switches._field_defaults.get(k))}
    return Switches(**known)


class _Snapshot:
    """The drafts of all answers, by id."""

    def __init__(self) -> None:
        self.drafts: dict[str, Draft] = {}
        self.places: dict[str, Place] = {}
        self.patches: list[Patch] = []
        self.skipped: list[Skipped] = []
        self.seen: Counter[Place] = Counter()
        self.presumed: list[str] = []
        self.notices: list[Problem] = []

    def take(self, page: Map) -> None:
        """Take in one answer."""
        place = _of_page(page)
        for lacking in page.get(REPORT) or ():
            told = {"Call": "a call", "Region": "the account", "Problem": "", **(lacking if isinstance(lacking, dict) else {})}
            message = f"the snapshot lacks {told['Call']} of {told['Region']}: {told['Problem']}"
            self.notices.append(Problem(message, origin_of(page, REPORT)))
        for key, content in page.items():
            shapes = _TAKERS.get(key, ())
            many = isinstance(content, list)
            if not shapes:
                if many and content and isinstance(content[0], Mapping) and key not in PAGING:
                    reason = f"not modelled ({len(content)} of them)"
                    self.skipped.append(Skipped(key, "describe output", origin_of(page, key), reason))
                continue
            for number, item in enumerate(content if many else [content]):
                origin = origin_of(content, number) if isinstance(content, List) else origin_of(page, key)
                path = f"{key}[{number}]" if many else key
                self.item(shapes, key, item, page, origin._replace(path=path), place)

    def item(self, shapes: Sequence[type[Resource]], key: str, item: Any, page: Map, origin: Origin, around: Place) -> None:
        place = _of_item(item, around) if isinstance(item, Mapping) else around
        fields = item if isinstance(item, Mapping) else {"Value": item}
        for shape in shapes:
            id = fields.get(shape.fields["id"].api)
            named = str(id) if isinstance(id, str | int) else ""
            declaration = Declaration(named, key, fields, origin, place.region or REGION, place.account or ACCOUNT, {}, page)
            try:
                for made in shape.described(declaration):
                    self.declare(made, place)
            except InputError as error:
                raise InputError(p._replace(origin=p.origin or origin) for p in error.problems) from None
            except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
                kind = shape.kind.replace("_", " ")
                reason = f"not how a {kind} is described ({type(error).__name__}: {error})"
                self.skipped.append(Skipped(named or origin.path, key, origin, reason))

    def declare(self, made: Draft | Patch, place: Place) -> None:
        if isinstance(made, Patch):
            self.patches.append(made)
            return
        if not made.id:
            what = made.shape.fields["id"].api
            path = made.origin.path if made.origin else ""
            self.skipped.append(Skipped(path, made.shape.section, made.origin, f"it has no `{what}`"))
            return
        first = self.drafts.get(made.id)
        if first is None or (first.shape is not made.shape and _rank(made.shape) < _rank(first.shape)):
            made.assumed |= set(made.fields.pop("Assumed", ()))
            if made.origin:
                made.origin = made.origin._replace(path=made.origin.path or made.id)
            self.drafts[made.id] = made
            self.places[made.id] = place
            self.seen[place] += 1
        elif first.shape is made.shape and self._elsewhere(made.id, place):
            reason = f"another one of this name, of {' '.join(self.places[made.id])}, is in the model"
            self.skipped.append(Skipped(made.id, made.shape.kind, made.origin, reason))
        elif first.shape is made.shape:
            for name, value in made.fields.items():
                if first.fields.get(name) in (None, "", [], ()):
                    first.fields[name] = value

    def _elsewhere(self, id: str, place: Place) -> bool:
        """Whether an id that is only a name is used in another account or Region."""
        return self.places[id] != place and not _is_unique(id)

    def settled(self) -> list[Draft]:
        """The drafts with everything that other answers say of them, without those of which too little is said."""
        for patch in self.patches:
            if draft := self.drafts.get(patch.target):
                _apply(patch.fields, draft)
        _attach(self.drafts)
        usual, regions = self.usual(), self._regions_of_vpcs()
        kept = []
        for id, draft in self.drafts.items():
            if reason := draft.shape.lacking(draft.fields):
                self.skipped.append(Skipped(id, draft.shape.kind, draft.origin, reason))
                continue
            for name, value in draft.shape.presumed(draft.fields).items():
                if name not in draft.fields:
                    draft.fields[name] = value
                    self.presumed.append(f"{id}: {name} is {str(value).lower()}, AWS's default: nothing in the files tells it")
            place = self.places[id]
            draft.fields.setdefault("Region", place.region or regions.get(id) or usual.region or None)
            draft.fields.setdefault("OwnerId", place.account or usual.account or None)
            kept.append(draft)
        return sorted(kept, key=lambda draft: draft.fields.get("DeviceIndex") or 0)

    def _regions_of_vpcs(self) -> dict[str, str]:
        """The Region of what is inside a VPC, of which its own description says nothing."""
        inside = ((str(draft.fields.get("VpcId", "")), self.places[id].region) for id, draft in self.drafts.items())
        return {vpc: region for vpc, region in inside if vpc and region}

    def usual(self) -> Place:
        """The account and the Region of most resources."""
        accounts, regions = Counter[str](), Counter[str]()
        for place, count in self.seen.items():
            accounts[place.account] += count if place.account else 0
            regions[place.region] += count if services.is_region(place.region) else 0
        return Place(_most(accounts), _most(regions))

    def assumptions(self, place: Place) -> Iterator[str]:
        if not place.region:
            yield f"the Region is {REGION}: nothing in the files tells it"
        if not place.account:
            yield f"the account is {ACCOUNT}: nothing in the files tells it"
        yield from self.presumed


def _most(counted: Counter[str]) -> str:
    return max(counted, key=lambda name: (counted[name], name), default="") if any(counted.values()) else ""


def _rank(shape: type[Resource]) -> int:
    return list(SHAPES).index(shape)


def _is_unique(id: str) -> bool:
    """Whether AWS gives an id once only; names are only unique in an account or a Region."""
    return id.startswith("arn:") or re.fullmatch(r"[a-z-]+-[0-9a-f]{8,}.*|[A-Z0-9]{12,}", id) is not None


def _apply(changes: Mapping[str, Any], draft: Draft) -> None:
    for name, value in changes.items():
        if isinstance(value, list):
            known = draft.fields.get(name) or []
            draft.fields[name] = [*known, *(item for item in value if item not in known)]
        else:
            draft.fields[name] = value


def _attach(drafts: Mapping[str, Draft]) -> None:
    """Give interfaces to what their description names."""
    known = {id.rpartition("loadbalancer/")[2]: id for id in drafts}
    patterns = [(shape, re.compile(shape.described_interfaces)) for shape in SHAPES if shape.described_interfaces]
    for draft in drafts.values():
        text = draft.fields.get("Description")
        if "InterfaceType" not in draft.fields or draft.fields.get("AttachedTo") or not isinstance(text, str):
            continue
        for shape, pattern in patterns:
            owner = known.get(match[1], "") if (match := pattern.fullmatch(text)) else ""
            if owner and drafts[owner].shape is shape:
                draft.fields["AttachedTo"] = owner


def _of_page(page: Map) -> Place:
    """Whose answer a file is: as it says itself, or as the names of its folders do."""
    from urllib.parse import unquote

    parts = unquote(page.file).replace("\\", "/").split("/")
    account = next((part for part in reversed(parts) if _ACCOUNT.fullmatch(part)), "")
    region = next((part for part in reversed(parts) if services.is_region(part)), "")
    return Place(str(page.get("Account") or account), str(page.get("Region") or region))


def _of_item(item: Mapping[str, Any], around: Place) -> Place:
    """Whose an item is: as its ARN, its owner and its zone say, or else as the answer around it."""
    account, region = item.get("OwnerId"), str(item.get("Region", ""))
    for key, value in item.items():
        if key[-3:] in ("Arn", "ARN") and isinstance(value, str) and (arn := _ARN.match(value)):
            region, account = arn[1] or region, account or arn[2]
            break
    zone = item.get("AvailabilityZone")
    if isinstance(zone, str) and (match := _ZONE.fullmatch(zone)):
        region = match[1]
    account = account if isinstance(account, str) and _ACCOUNT.fullmatch(account) else ""
    return Place(account or around.account, region if services.is_region(region) else around.region)
