"""From a path to a compiled network: the first line of every use of this package."""

from __future__ import annotations

import os
from collections.abc import Mapping

from vpcsim.network import Network


def load(path: str | os.PathLike[str], parameters: Mapping[str, str] | None = None) -> Network:
    """Read a model and compile it: a native file, a CloudFormation template, or a folder that holds one.

    `parameters` are those of a template. Raises InputError with every problem found, and RefusedError if AWS itself would
    reject the configuration.
    """
    from vpcsim.readers import load as read

    return Network.of(read(path, parameters))
