"""What a row of a table says about names: who asks for what, and what the answer is, in dig's words."""

from __future__ import annotations

from typing import NamedTuple

from networks import changed

from vpcsim import Resolution

R53 = "https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/"
R53_API = "https://docs.aws.amazon.com/Route53/latest/APIReference/"


class NameRow(NamedTuple):
    """One rule of AWS. `changes` is YAML laid over the base network, `query` is `ASKER NAME [TYPE]`.

    `answer` is the data of the records, or the rcode; NODATA stands for NOERROR without records.
    """

    rule: str
    page: str
    changes: str
    query: str
    answer: str
    owner: str = ""


def asked(base: str, changes: str, query: str) -> Resolution:
    """The resolution of `ASKER NAME [TYPE]` in a changed network."""
    asker, name, *type = query.split()
    return changed(base, changes).resolve(asker, name, *type)


def told(found: Resolution) -> str:
    """The data of the records, or the rcode."""
    if found.records and found.rcode == "NOERROR":
        return " ".join(record.data for record in found.records)
    return "NODATA" if found.rcode == "NOERROR" else " ".join([*(r.data for r in found.records), found.rcode])


def check(base: str, row: NameRow) -> None:
    """Ask the row's question, and look at every form of its answer."""
    found = asked(base, row.changes, row.query)
    assert told(found) == row.answer, row.page
    assert row.owner in ("", found.owner), row.page
    assert found.steps[-1].because.startswith(f"{found.owner}: ")
    assert found.to_dict()["rcode"] == found.rcode
    if found.rcode == "NXDOMAIN" or (found.rcode == "NOERROR" and not found.records):
        assert [record.type for record in found.authority] == ["SOA"]
