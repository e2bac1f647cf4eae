"""What Route 53 takes as the value of a record, type by type.

Source: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/ResourceRecordTypes.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from vpcsim.prefixes import address, family

Check = Callable[[str], bool]

_NAME = re.compile(r"(?=.{1,255}$)(?:[!-\-/-~]{1,63}\.)*[!-\-/-~]{1,63}\.?")
_STRINGS = re.compile(r'"(?:[^"\\]|\\.){0,255}"(?:[ \t]+"(?:[^"\\]|\\.){0,255}")*')
_PARAMETER = re.compile(r'(?:alpn|mandatory|port|ipv4hint|ipv6hint|ech|key\d{1,5})="?[^"\s]+"?|no-default-alpn')


def fault(type: str, value: str) -> str:
    """What is wrong with a value of a record of this type; empty if nothing is."""
    checks = _CHECKS[type]
    words = value.split(maxsplit=max(len(checks) - 1, 0)) if len(checks) > 1 else [value]
    if len(words) == len(checks) and all(check(word) for check, word in zip(checks, words, strict=True)):
        return ""
    return f"`{value}` is not the value of a record of type {type}: {_FORMS[type]}"


def is_name(text: str) -> bool:
    """Whether this is a domain name that Route 53 takes: labels of 63 and names of 255 characters at most.

    Source: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DomainNameFormat.html
    """
    return text == "." or _NAME.fullmatch(text) is not None


def _address(wanted: int) -> Check:
    def check(text: str) -> bool:
        try:
            return "%" not in text and family(address(text)) == wanted
        except ValueError:
            return False

    return check


def _number(limit: int) -> Check:
    return lambda text: text.isascii() and text.isdigit() and len(text) <= 10 and int(text) <= limit


def _one_of(*words: str) -> Check:
    return lambda text: text in words


def _is_strings(text: str) -> bool:
    return len(text) <= 4000 and _STRINGS.fullmatch(text.strip()) is not None


def _is_hex(text: str) -> bool:
    return re.fullmatch(r"[0-9A-Fa-f]+(?:\s+[0-9A-Fa-f]+)*", text) is not None


def _is_service(text: str) -> bool:
    """A target name, and parameters if there are any."""
    name, *parameters = text.split()
    return is_name(name) and all(_PARAMETER.fullmatch(parameter) for parameter in parameters)


_BYTE, _WORD, _LONG = _number(255), _number(65535), _number(2**31 - 1)
_CHECKS: Mapping[str, tuple[Check, ...]] = {
    "A": (_address(4),),
    "AAAA": (_address(6),),
    "CAA": (_BYTE, lambda tag: tag.isalnum(), _is_strings),
    "CNAME": (is_name,),
    "DS": (_WORD, _BYTE, _one_of("1", "2", "4"), _is_hex),
    "HTTPS": (_WORD, _is_service),
    "MX": (_WORD, is_name),
    "NAPTR": (_WORD, _WORD, _is_strings, _is_strings, _is_strings, is_name),
    "NS": (is_name,),
    "PTR": (is_name,),
    "SOA": (is_name, is_name, _LONG, _LONG, _LONG, _LONG, _LONG),
    "SPF": (_is_strings,),
    "SRV": (_WORD, _WORD, _WORD, is_name),
    "SSHFP": (_one_of("1", "2", "3", "4"), _one_of("1", "2"), _is_hex),
    "SVCB": (_WORD, _is_service),
    "TLSA": (_one_of(*"0123"), _one_of(*"01"), _one_of(*"012"), _is_hex),
    "TXT": (_is_strings,),
}
_FORMS: Mapping[str, str] = {
    "A": "an IPv4 address",
    "AAAA": "an IPv6 address",
    "CAA": 'flags, tag, "value"',
    "CNAME": "a domain name",
    "DS": "key tag, algorithm, digest type, digest",
    "HTTPS": "priority, target name, parameters",
    "MX": "priority, domain name",
    "NAPTR": 'order, preference, "flags", "service", "regexp", replacement',
    "NS": "a domain name",
    "PTR": "a domain name",
    "SOA": "primary server, mailbox, serial, refresh, retry, expire, minimum",
    "SPF": 'strings in quotation marks, of 255 characters each, as "v=spf1 -all"',
    "SRV": "priority, weight, port, domain name",
    "SSHFP": "algorithm, fingerprint type, fingerprint",
    "SVCB": "priority, target name, parameters",
    "TLSA": "usage, selector, matching type, data",
    "TXT": 'strings in quotation marks, of 255 characters each, as "text"',
}
TYPES = tuple(_CHECKS)
"""The record types that Route 53 supports."""
