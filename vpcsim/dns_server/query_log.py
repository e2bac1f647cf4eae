"""Writes a line for each query that is answered, as Resolver query logging does.

What is answered again from memory is not logged, as AWS logs no query that its cache answers. The address in a record is
that of the asker in the model, with the first of its ephemeral ports.

Source: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resolver-query-logs.html
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from threading import Lock

from vpcsim.errors import InputError, Problem
from vpcsim.network import Network
from vpcsim.renderers.query_log import query_log
from vpcsim.resolution import Resolution


class QueryLog:
    """A file of JSON lines. Raises InputError if it cannot be written to."""

    def __init__(self, path: str) -> None:
        try:
            self._file = open(path, "a", encoding="utf-8", buffering=1)  # noqa: SIM115 (open as long as the server runs)
        except OSError as error:
            raise InputError(Problem(f"cannot write `{path}`: {(error.strerror or str(error)).lower()}")) from None
        self._lock = Lock()
        self._failed = False

    def __call__(self, resolution: Resolution, net: Network, transport: str) -> None:
        """Log one query. An answer does not depend on whether its record can be written."""
        record = query_log(resolution, net, datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"), transport=transport)
        if record is None:
            return
        try:
            with self._lock:
                self._file.write(json.dumps(record) + "\n")
        except OSError as error:
            if not self._failed:
                print(f"vpcsim: query log: {(error.strerror or str(error)).lower()}", file=sys.stderr, flush=True)
            self._failed = True

    def close(self) -> None:
        self._file.close()
