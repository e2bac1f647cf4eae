"""What becomes of a request on its way to a service, and what the client experiences: botocore's own exceptions.

Sources: https://boto3.amazonaws.com/v1/documentation/api/latest/guide/error-handling.html,
https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html (wording of a denial).
"""

from __future__ import annotations

from typing import NamedTuple


class Reached(NamedTuple):
    """The request arrives."""


class TimesOut(NamedTuple):
    """Nothing answers: the client waits until its own time-out."""

    because: str


class NameFails(NamedTuple):
    """The host name has no address, or none that the client can send to."""

    because: str


class WrongName(NamedTuple):
    """Somebody answers whose certificate is not for the host name."""

    because: str


class Elsewhere(NamedTuple):
    """Another service answers than the one that the request is signed for: `service`, by the name of its client."""

    service: str
    because: str


class Denied(NamedTuple):
    """The service refuses the request. `message` is what it says; `because` is why, in the words of the model."""

    message: str
    because: str = ""


Fate = Reached | TimesOut | NameFails | WrongName | Elsewhere | Denied


def exception_of(fate: Fate, url: str) -> Exception | None:
    """What a client raises on this fate, with the reason as a note; None where it gets an answer."""
    from botocore.exceptions import ConnectTimeoutError, EndpointConnectionError, SSLError

    match fate:
        case TimesOut(because):
            return noted(ConnectTimeoutError(endpoint_url=url, error=because), because)
        case NameFails(because):
            return noted(EndpointConnectionError(endpoint_url=url, error=because), because)
        case WrongName(because):
            return noted(SSLError(endpoint_url=url, error=because), because)
    return None


def noted(error: Exception, because: str) -> Exception:
    """The exception, with the reason that the model knows: a traceback shows it, and nothing else of it changes."""
    error.add_note(f"vpcsim: {because}")
    return error
