"""What a row of a table says about a name: who asks, what, the answer, and who gave it."""

from __future__ import annotations

from typing import NamedTuple

from networks import changed

R53 = "https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/"
R53API = "https://docs.aws.amazon.com/Route53/latest/APIReference/"


class NameRow(NamedTuple):
    """One rule of AWS. `question` is `ASKER NAME [TYPE]`; `answer` is the data, or the rcode if there is none; then the owner."""

    rule: str
    page: str
    changes: str
    question: str
    answer: str
    owner: str


def check_name(base: str, row: NameRow) -> None:
    """Ask the row's question, and look at the answer, its owner, and its reasons."""
    found = changed(base, row.changes).resolve(*row.question.split())
    data = " ".join(record.data for record in found.records)
    negative = "NODATA" if found.rcode == "NOERROR" else found.rcode
    assert (data or negative, found.owner) == (row.answer, row.owner)
    assert all(step.because.startswith((step.at, "{")) or ":" in step.because for step in found.steps)
    assert found.to_dict()["rcode"] == found.rcode


def why(base: str, changes: str, question: str) -> str:
    """The reasons of an answer, one line each."""
    return "\n".join(step.because for step in changed(base, changes).resolve(*question.split()).steps)
