"""Local gateways of Outposts: the gateway, its route tables, its groups of virtual interfaces, and customer-owned addresses."""

from vpcsim.gateways.local_gateway.address_pool import CoipPool
from vpcsim.gateways.local_gateway.gateway import LocalGateway
from vpcsim.gateways.local_gateway.interface_group import LocalGatewayVirtualInterfaceGroup
from vpcsim.gateways.local_gateway.route_table import LocalGatewayRouteTable

__all__ = ["CoipPool", "LocalGateway", "LocalGatewayRouteTable", "LocalGatewayVirtualInterfaceGroup"]
