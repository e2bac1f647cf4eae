"""The environment variables of a program on an instance: AWS settings and proxies of this machine are hidden from it.

What the program sets itself under such a name is its own, and gone when its block ends. Other threads and blocks see
what they saw before: only the running context decides.

Sources: https://boto3.amazonaws.com/v1/documentation/api/latest/guide/configuration.html,
https://docs.aws.amazon.com/sdkref/latest/guide/environment-variables.html.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from vpcsim.patches import Patches, Replacement

HIDDEN = ("AWS_", "BOTO_", "MOTO_", "TEST_SERVER_", "TEST_PROXY_")
"""What settings of the machine begin with that would change a client or moto."""
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "FTP_PROXY", "NO_PROXY")

Own = dict[str, str]
_own: ContextVar[Own | None] = ContextVar("vpcsim_environment", default=None)


def settings(region: str) -> Own:
    """What stands in place of the machine's settings: the model's Region, and no configuration files."""
    return {
        "AWS_DEFAULT_REGION": region,
        "AWS_REGION": region,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "BOTO_CONFIG": os.devnull,
    }


@contextmanager
def environment(own: Own) -> Iterator[None]:
    """See these variables in place of the machine's, in this context."""
    with _PATCHES:
        token = _own.set(own)
        try:
            yield
        finally:
            _own.reset(token)


def is_hidden(name: Any) -> bool:
    """Whether a variable of the machine is no business of a program on an instance."""
    return isinstance(name, str) and (name.upper().startswith(HIDDEN) or name.upper() in PROXIES)


def _replacements() -> Iterator[Replacement]:
    from botocore.loaders import Loader

    kind: Any = type(os.environ)
    get, put, delete, names, count = kind.__getitem__, kind.__setitem__, kind.__delitem__, kind.__iter__, kind.__len__

    def ours(variables: Any) -> Own | None:
        return _own.get() if variables is os.environ else None

    def getitem(self: Any, name: Any) -> Any:
        own = ours(self)
        return own[name] if own is not None and is_hidden(name) else get(self, name)

    def setitem(self: Any, name: Any, value: Any) -> None:
        own = ours(self)
        if own is not None and is_hidden(name):
            own[name] = value
        else:
            put(self, name, value)

    def delitem(self: Any, name: Any) -> None:
        own = ours(self)
        if own is not None and is_hidden(name):
            del own[name]
        else:
            delete(self, name)

    def iterate(self: Any) -> Iterator[Any]:
        own = ours(self)
        if own is None:
            return names(self)  # type: ignore[no-any-return]
        return iter([*(name for name in list(names(self)) if not is_hidden(name)), *own])

    def length(self: Any) -> int:
        return count(self) if ours(self) is None else len(list(iterate(self)))

    methods = {
        "__getitem__": getitem,
        "__setitem__": setitem,
        "__delitem__": delitem,
        "__iter__": iterate,
        "__len__": length,
    }
    yield from (Replacement(kind, name, method) for name, method in methods.items())
    yield Replacement(Loader, "CUSTOMER_DATA_PATH", os.devnull)


_PATCHES = Patches(_replacements)
