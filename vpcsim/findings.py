"""What is legal in a network and yet probably not meant: every resource reports its own, this module collects them.

for finding in findings(net):
    print(finding.origin, finding.rule, finding)
"""

from __future__ import annotations

from vpcsim.network import Network
from vpcsim.resource import Finding

RULES = {
    "blackhole-route": "a route leads nowhere and drops",
    "endpoint-policy-allows-nothing": "the policy of an endpoint has no Allow, so that it denies everything",
    "gateway-endpoint-not-on-table": "a gateway endpoint has no routes in a table that is in use",
    "gateway-service-by-nat-gateway": "a NAT gateway bills what a gateway endpoint carries at no charge",
    "glue-connection-without-s3": "AWS Glue will refuse the jobs of a connection, as its subnet has no way to S3",
    "nat-gateway-in-private-subnet": "a public NAT gateway stands in a subnet without a way to the internet",
    "shadowed-acl-rule": "a rule of a network ACL never decides",
    "subnet-on-main-table": "a subnet uses the main route table because nobody chose one",
    "unused-network-acl": "no subnet uses a network ACL",
    "unused-route-table": "nothing uses a route table",
    "unused-security-group": "nothing has a security group",
    "validation-record-in-private-zone": "a record that proves a domain stands where nobody outside sees it",
}
"""What may be found, by the name of the rule; a name never changes its meaning."""


def findings(net: Network) -> list[Finding]:
    """Everything that the resources of a network report, in the order in which they are written."""
    return [finding for place in net.topology.resources.values() for finding in place.findings(net)]
