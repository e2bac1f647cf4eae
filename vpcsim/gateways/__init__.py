"""The rooms: one file per AWS construct on a packet's way, each with its shape, `receive`, `links` and refusals.

`GATEWAYS` is the one ordered list. A new construct is a file here, a line here, a test file and a docs page.
"""

from vpcsim.gateways.egress_only_internet_gateway import EgressOnlyInternetGateway
from vpcsim.gateways.gateway_endpoint import GatewayEndpoint
from vpcsim.gateways.interface_endpoint import InterfaceEndpoint
from vpcsim.gateways.internet import Internet
from vpcsim.gateways.internet_gateway import InternetGateway
from vpcsim.gateways.nat_gateway import NatGateway
from vpcsim.gateways.transit_gateway import TransitGateway, TransitGatewayAttachment, TransitGatewayRouteTable
from vpcsim.gateways.vpc_peering_connection import VpcPeeringConnection

GATEWAYS = (
    InternetGateway,
    EgressOnlyInternetGateway,
    NatGateway,
    VpcPeeringConnection,
    InterfaceEndpoint,
    GatewayEndpoint,
    TransitGateway,
    TransitGatewayAttachment,
    TransitGatewayRouteTable,
    Internet,
)
