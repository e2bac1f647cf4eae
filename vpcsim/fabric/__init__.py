"""What every VPC has. `FABRIC` is in the order in which resources are completed: what implies comes before the implied."""

from vpcsim.fabric.dhcp_options import DhcpOptions
from vpcsim.fabric.elastic_ip import ElasticIp
from vpcsim.fabric.instance import Instance
from vpcsim.fabric.network_acl import NetworkAcl
from vpcsim.fabric.network_interface import NetworkInterface
from vpcsim.fabric.prefix_list import PrefixList
from vpcsim.fabric.public_access import VpcBlockPublicAccessExclusion, VpcBlockPublicAccessOptions
from vpcsim.fabric.route_table import RouteTable
from vpcsim.fabric.security_group import SecurityGroup
from vpcsim.fabric.subnet import Subnet
from vpcsim.fabric.vpc import Vpc

PLACES = (Vpc, DhcpOptions, Subnet, SecurityGroup, NetworkAcl, Instance)
ADDRESSES = (NetworkInterface, ElasticIp, PrefixList, RouteTable, VpcBlockPublicAccessOptions, VpcBlockPublicAccessExclusion)
"""Completed last: they take what everything else asks for."""

__all__ = [
    "ADDRESSES",
    "PLACES",
    "DhcpOptions",
    "ElasticIp",
    "Instance",
    "NetworkAcl",
    "NetworkInterface",
    "PrefixList",
    "RouteTable",
    "SecurityGroup",
    "Subnet",
    "Vpc",
    "VpcBlockPublicAccessExclusion",
    "VpcBlockPublicAccessOptions",
]
