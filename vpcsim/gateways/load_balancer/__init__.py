"""Load balancers of every type: one address per zone in front of many targets.

`balancer` holds what all types share, `load_balancer` the application, network and gateway ones with their `listener` and
`target_group`, `inspection` what a gateway one does, and `classic` the older one.
"""

from vpcsim.gateways.load_balancer.classic import ClassicLoadBalancer
from vpcsim.gateways.load_balancer.listener import Listener
from vpcsim.gateways.load_balancer.load_balancer import LoadBalancer
from vpcsim.gateways.load_balancer.target_group import TargetGroup

__all__ = ["ClassicLoadBalancer", "Listener", "LoadBalancer", "TargetGroup"]
