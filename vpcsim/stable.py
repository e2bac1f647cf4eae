"""What stands where AWS would draw at random: numbers that follow from a name, the same in every run."""

from __future__ import annotations

from zlib import crc32


def stable_hash(text: str) -> int:
    """A number of 32 bits."""
    return crc32(text.encode())


def stable_hex(text: str, digits: int = 17) -> str:
    """A number as the hexadecimal tail of an AWS id."""
    words = (f"{stable_hash(f'{n}:{text}'):08x}" for n in range(digits // 8 + 1))
    return "".join(words)[:digits]
