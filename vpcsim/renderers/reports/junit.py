"""JUnit XML: a suite for each file, a case for each entry. What is undecided counts as skipped.

The elements and attributes are those that Jenkins, GitLab and GitHub's test reporters read; there are no times in it, so
that the same input gives the same text. Source: https://github.com/testmoapp/junitxml
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import groupby
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from vpcsim.expectations import Status
from vpcsim.renderers.reports.report import Entry, Report, local

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 cannot hold. Source: https://www.w3.org/TR/xml/#charsets"""


def render(report: Report) -> str:
    root = Element("testsuites", {"name": "vpcsim", **_counts(report.entries)})
    for suite, entries in groupby(report.entries, key=lambda entry: entry.suite):
        _add_suite(root, local(suite), list(entries))
    indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{tostring(root, encoding="unicode")}'


def _counts(entries: Iterable[Entry]) -> dict[str, str]:
    counts = Report("", list(entries)).counts
    numbers = {"tests": counts.total(), "failures": counts[Status.FAILED], "errors": 0, "skipped": counts[Status.UNDECIDED]}
    return {name: str(number) for name, number in numbers.items()}


def _add_suite(root: Element, name: str, entries: list[Entry]) -> None:
    suite = SubElement(root, "testsuite", {"name": _clean(name), **_counts(entries)})
    for entry in entries:
        case = SubElement(suite, "testcase", {"classname": _clean(entry.group), "name": _clean(entry.name)})
        if entry.origin:
            case.set("file", _clean(local(entry.origin.file)))
            case.set("line", str(entry.origin.line))
        if entry.status is Status.FAILED:
            failure = SubElement(case, "failure", {"message": _clean(entry.message), "type": entry.rule.id})
            failure.text = _clean(entry.detail or entry.message)
        elif entry.status is Status.UNDECIDED:
            SubElement(case, "skipped", {"message": _clean(entry.message)})


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("?", text)
