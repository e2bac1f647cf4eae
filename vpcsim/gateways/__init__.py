"""The rooms: one file per AWS construct on a packet's way, each with its shape, `receive`, `links` and refusals.

`GATEWAYS` is the one ordered list. A new construct is a file here, a line here, a test file and a docs page.
"""

from vpcsim.gateways.carrier_gateway import CarrierGateway, CarrierNetwork
from vpcsim.gateways.client_vpn_endpoint import ClientVpnEndpoint
from vpcsim.gateways.core_network import CoreNetwork, CoreNetworkAttachment, CoreNetworkPeering, CoreNetworkRouteTable
from vpcsim.gateways.customer_gateway import CustomerGateway
from vpcsim.gateways.direct_connect_gateway import DirectConnectGateway
from vpcsim.gateways.egress_only_internet_gateway import EgressOnlyInternetGateway
from vpcsim.gateways.gateway_endpoint import GatewayEndpoint
from vpcsim.gateways.gateway_load_balancer_endpoint import GatewayLoadBalancerEndpoint
from vpcsim.gateways.interface_endpoint import InterfaceEndpoint
from vpcsim.gateways.internet import Internet
from vpcsim.gateways.internet_gateway import InternetGateway
from vpcsim.gateways.lattice_endpoint import LatticeEndpoint
from vpcsim.gateways.load_balancer import ClassicLoadBalancer, Listener, LoadBalancer, TargetGroup
from vpcsim.gateways.local_gateway import CoipPool, LocalGateway, LocalGatewayRouteTable, LocalGatewayVirtualInterfaceGroup
from vpcsim.gateways.nat_gateway import NatGateway
from vpcsim.gateways.network_firewall import FirewallEndpoint, FirewallPolicy, NetworkFirewall, RuleGroup
from vpcsim.gateways.on_premises_network import OnPremisesNetwork
from vpcsim.gateways.transit_gateway import (
    TransitGateway,
    TransitGatewayAttachment,
    TransitGatewayConnect,
    TransitGatewayConnectPeer,
    TransitGatewayMulticastDomain,
    TransitGatewayRouteTable,
)
from vpcsim.gateways.virtual_interface import VirtualInterface
from vpcsim.gateways.vpc_endpoint_service import ServiceDetail, VpcEndpointService
from vpcsim.gateways.vpc_peering_connection import VpcPeeringConnection
from vpcsim.gateways.vpn_concentrator import VpnConcentrator
from vpcsim.gateways.vpn_connection import VpnConnection
from vpcsim.gateways.vpn_gateway import VpnGateway

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
    TransitGatewayConnect,
    TransitGatewayConnectPeer,
    TransitGatewayMulticastDomain,
    VpnGateway,
    CustomerGateway,
    VpnConcentrator,
    VpnConnection,
    DirectConnectGateway,
    VirtualInterface,
    OnPremisesNetwork,
    ClientVpnEndpoint,
    CoreNetworkAttachment,
    CoreNetwork,
    CoreNetworkRouteTable,
    CoreNetworkPeering,
    CarrierGateway,
    CarrierNetwork,
    LocalGateway,
    LocalGatewayRouteTable,
    LocalGatewayVirtualInterfaceGroup,
    CoipPool,
    LatticeEndpoint,
    RuleGroup,
    FirewallPolicy,
    NetworkFirewall,
    FirewallEndpoint,
    GatewayLoadBalancerEndpoint,
    VpcEndpointService,
    ServiceDetail,
    LoadBalancer,
    Listener,
    TargetGroup,
    ClassicLoadBalancer,
    Internet,
)
