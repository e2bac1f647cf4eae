"""A Route 53 hosted zone: private to the VPCs that it is associated with, or public.

A private zone needs both DNS attributes of a VPC. Of overlapping zones the most specific one is searched, and only that
one: a name that it lacks does not fall through to the public zone. A wildcard answers for what its closest encloser lacks.
Below a delegation in a private zone AWS documents the answer only where a rule of type DELEGATE exists; without one it is
undecided. The health checks of the model say what they find.

Sources: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/hosted-zone-private-considerations.html,
https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resource-record-sets-choosing-alias-non-alias.html,
https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DomainNameFormat.html, RFC 4592, RFC 2308.
"""

from vpcsim.names.hosted_zone.health_check import HealthCheck
from vpcsim.names.hosted_zone.source import HostedZones, public_answer
from vpcsim.names.hosted_zone.zone import HostedZone

__all__ = ["HealthCheck", "HostedZone", "HostedZones", "public_answer"]
