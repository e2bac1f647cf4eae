"""Every resource class there is, in the order in which a topology is completed: what implies comes before the implied."""

from __future__ import annotations

from collections.abc import Sequence

from vpcsim.account import ACCOUNT
from vpcsim.fabric import ADDRESSES, PLACES
from vpcsim.gateways import GATEWAYS
from vpcsim.names import ZONES
from vpcsim.resource import Resource

SHAPES: Sequence[type[Resource]] = (*ACCOUNT, *PLACES, *GATEWAYS, *ZONES, *ADDRESSES)
