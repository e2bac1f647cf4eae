"""The many hosts of a service come down to the regional one that moto knows.

Sources: https://docs.aws.amazon.com/vpc/latest/privatelink/privatelink-access-aws-services.html (names of endpoints),
https://docs.aws.amazon.com/AmazonS3/latest/userguide/privatelink-interface-endpoints.html,
https://docs.aws.amazon.com/general/latest/gr/rande.html (FIPS and dual-stack hosts).
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

_ENDPOINT = re.compile(
    r"(?P<bucket>.+\.)??(?:(?:bucket|accesspoint|control)\.)?vpce-[^.]+\.(?P<service>.+)\.(?P<region>[^.]+)\.vpce\.(?P<domain>amazonaws\.com.*)"
)
_DUALSTACK = {".api.aws": ".amazonaws.com", ".api.amazonwebservices.com.cn": ".amazonaws.com.cn"}


def canonical(url: str) -> str:
    """The URL with the regional host of its service."""
    host = urlsplit(url).hostname or ""
    regional = _regional(host)
    return url if regional == host else re.sub(r"(?i)(?<=://)[^/:?#]+", regional, url, count=1)


def _regional(host: str) -> str:
    if found := _ENDPOINT.fullmatch(host):
        bucket = found["bucket"] or ""
        return f"{bucket}{found['service']}.{found['region']}.{found['domain']}"
    for dualstack, usual in _DUALSTACK.items():
        if host.endswith(dualstack):
            host = host.removesuffix(dualstack) + usual
    return host if ".s3" in f".{host}" else host.replace("-fips.", ".")
