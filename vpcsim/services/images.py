"""Image ids where AWS would look one up: the public parameters under /aws/service that name the newest image.

Source: https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-public-parameters-ami.html
"""

from __future__ import annotations

from vpcsim.stable import stable_hex


def assumed_image_id(region: str, path: str) -> str:
    """A made-up image id for a public parameter, the same in every run."""
    return f"ami-{stable_hex(f'{region}:{path}')}"
