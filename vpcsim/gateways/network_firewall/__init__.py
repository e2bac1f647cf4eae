"""AWS Network Firewall: rule groups, the policy that orders them, and the endpoints that routes lead to.

Sources: https://docs.aws.amazon.com/network-firewall/latest/developerguide/what-is-aws-network-firewall.html and the
pages named in the files.
"""

from vpcsim.gateways.network_firewall.firewall import FirewallEndpoint, NetworkFirewall
from vpcsim.gateways.network_firewall.policy import FirewallPolicy
from vpcsim.gateways.network_firewall.rule_group import RuleGroup

__all__ = ["FirewallEndpoint", "FirewallPolicy", "NetworkFirewall", "RuleGroup"]
