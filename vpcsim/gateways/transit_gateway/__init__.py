"""A transit gateway: a Regional router between VPCs, on-premises networks and other transit gateways.

What enters by an attachment is routed by the one route table that the attachment is associated with; the longest prefix
wins. What leaves into a VPC is routed onward by the table of the attachment's subnet, so that answers and packets for
the internet take the ways of that subnet, not of the sender's.

Sources: https://docs.aws.amazon.com/vpc/latest/tgw/how-transit-gateways-work.html,
https://docs.aws.amazon.com/vpc/latest/tgw/tgw-vpc-attachments.html.
"""

from vpcsim.gateways.transit_gateway.attachment import TransitGatewayAttachment
from vpcsim.gateways.transit_gateway.connect import TransitGatewayConnect, TransitGatewayConnectPeer
from vpcsim.gateways.transit_gateway.gateway import TransitGateway
from vpcsim.gateways.transit_gateway.multicast import TransitGatewayMulticastDomain
from vpcsim.gateways.transit_gateway.route_table import TransitGatewayRouteTable

__all__ = [
    "TransitGateway",
    "TransitGatewayAttachment",
    "TransitGatewayConnect",
    "TransitGatewayConnectPeer",
    "TransitGatewayMulticastDomain",
    "TransitGatewayRouteTable",
]
