"""What every VPC has. `FABRIC` is in the order in which resources are completed: what implies comes before the implied."""

from vpcsim.fabric.db_cluster import DbCluster
from vpcsim.fabric.db_instance import DbInstance, DbSubnetGroup
from vpcsim.fabric.db_proxy import DbProxy
from vpcsim.fabric.dhcp_options import DhcpOptions
from vpcsim.fabric.ecs_service import EcsService
from vpcsim.fabric.eks_cluster import EksCluster, EksNodegroup
from vpcsim.fabric.elastic_ip import ElasticIp
from vpcsim.fabric.encryption_control import VpcEncryptionControl
from vpcsim.fabric.file_system import FileSystem, MountTarget
from vpcsim.fabric.glue_connection import GlueConnection
from vpcsim.fabric.instance import Instance
from vpcsim.fabric.instance_connect_endpoint import InstanceConnectEndpoint
from vpcsim.fabric.lambda_function import LambdaFunction
from vpcsim.fabric.network_acl import NetworkAcl
from vpcsim.fabric.network_interface import NetworkInterface
from vpcsim.fabric.prefix_list import PrefixList
from vpcsim.fabric.public_access import VpcBlockPublicAccessExclusion, VpcBlockPublicAccessOptions
from vpcsim.fabric.route_table import RouteTable
from vpcsim.fabric.security_group import SecurityGroup
from vpcsim.fabric.subnet import Subnet
from vpcsim.fabric.vpc import Vpc

DATA = (DbSubnetGroup, DbCluster, DbInstance, DbProxy, FileSystem, MountTarget)
COMPUTE = (LambdaFunction, EcsService, *DATA, EksCluster, EksNodegroup, InstanceConnectEndpoint, GlueConnection)
PLACES = (Vpc, DhcpOptions, Subnet, SecurityGroup, NetworkAcl, Instance, *COMPUTE)
SWITCHES = (VpcBlockPublicAccessOptions, VpcBlockPublicAccessExclusion, VpcEncryptionControl)
ADDRESSES = (NetworkInterface, ElasticIp, PrefixList, RouteTable, *SWITCHES)
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
