"""Text from the input as every output format can hold it."""

from __future__ import annotations

import re

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f]")
_NEVER = re.compile("[\x80-\x9f\ud800-\udfff\ufffe\uffff]")


def printable(text: str) -> str:
    """The text without what XML forbids or discourages: a control character becomes its picture, `␇`, or else `�`.

    Tabs and line feeds stay. Source: https://www.w3.org/TR/xml/#charsets
    """
    return _NEVER.sub("\ufffd", _CONTROL.sub(_picture, text))


def _picture(match: re.Match[str]) -> str:
    code = ord(match[0])
    return chr(0x2421 if code == 0x7F else 0x2400 + code)
