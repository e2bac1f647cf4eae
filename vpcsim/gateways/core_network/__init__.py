"""A core network of Cloud WAN: joins VPCs, VPNs and other networks of many Regions in segments.

What enters by an attachment is routed by the table of the attachment's segment, in the Region where it enters. The policy of
the core network says which attachment is in which segment, and which segments know each other's attachments.

Sources: https://docs.aws.amazon.com/network-manager/latest/cloudwan/cloudwan-policies-json.html,
https://docs.aws.amazon.com/network-manager/latest/cloudwan/cloudwan-route-evaluation.html.
"""

from vpcsim.gateways.core_network.attachment import CoreNetworkAttachment
from vpcsim.gateways.core_network.core_network import CoreNetwork
from vpcsim.gateways.core_network.peering import CoreNetworkPeering
from vpcsim.gateways.core_network.route_table import CoreNetworkRouteTable

__all__ = ["CoreNetwork", "CoreNetworkAttachment", "CoreNetworkPeering", "CoreNetworkRouteTable"]
