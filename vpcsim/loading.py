"""From a path to a compiled network: the first line of every use of this package."""

from __future__ import annotations

import os
from collections.abc import Mapping

from vpcsim.network import Network


def load(*paths: str | os.PathLike[str], parameters: Mapping[str, str] | None = None) -> Network:
    """Read a model and compile it: native files, CloudFormation templates, output of AWS's API, or folders of
    one of them, all in one model.

    A native file that stands after another input is a change to it. `parameters` are those of templates. Raises InputError
    with every problem found, and RefusedError if AWS itself would reject the configuration.
    """
    from vpcsim.readers import load as read
    from vpcsim.readers.document import without_gc

    with without_gc():
        return Network.of(read(*paths, parameters=parameters))
