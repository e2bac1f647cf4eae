"""Why: Reachability Analyzer's own explanation codes, and ours where it has none.

A member's name is the code, its value says in our words what it means.

Source: https://docs.aws.amazon.com/vpc/latest/reachability/explanation-codes.html
"""

from __future__ import annotations

from enum import Enum


class Code(Enum):
    """The fine reason of a decision."""

    # path codes
    BAD_STATE = "a component is not operational"
    BAD_STATE_ATTACHMENT = "the attachment joining two components is not operational"
    BAD_STATE_ROUTE = "the route is not usable in its present state (e.g. blackhole)"
    BAD_STATE_VPN = "the VPN connection is not operational"
    CANNOT_ROUTE = "route's CIDR/prefix list does not cover the packet's destination"
    ELB_ACL_RESTRICTION = "classic LB applies subnet ACLs on the way to targets even inside its own subnet"
    ELB_INSTALLED_AZ_RESTRICTION = "LB only sends to targets in AZs enabled on the LB"
    ELB_LISTENER_PORT_RESTRICTION = "CLB listener pins both inbound port and outbound destination port"
    ELB_LISTENERS_MISMATCH = "no CLB listener takes this traffic"
    ELB_NOT_CROSSZONE = "some targets are off-limits because cross-zone is off"
    ELBV2_LISTENER_HAS_NO_TG = "listener's target groups are empty"
    ELBV2_LISTENER_PORT_RESTRICTION = "listener only takes its own port"
    ELBV2_LISTENER_REQUIRES_TG_ACCEPT = "no target group of the listener takes this traffic"
    ELBV2_LISTENERS_MISMATCH = "no listener on the LB takes this traffic"
    ELBV2_NO_TARGETS_IN_AZ = "LB has no targets in the given AZs"
    ELBV2_SOURCE_ADDRESS_PRESERVATION = "with preservation on, NLB does not rewrite the source"
    ENI_ADDRESS_RESTRICTION = "ENI only passes packets carrying its own private IP as source or destination"
    ENI_SG_RULES_MISMATCH = "no rule of the SG matches"
    ENI_SOURCE_DEST_CHECK_RESTRICTION = (
        "with the source/destination check an ENI only takes or sends packets of its own private IPs"
    )
    FIREWALL_RULES_RESTRICTION = "a Network Firewall rule blocks it"
    GATEWAY_REJECTS_SPOOFED_TRAFFIC = "gateways drop VPC traffic with spoofed addresses"
    GWLB_DESTINATION_PORT_RESTRICTION = "GWLB-to-target traffic must use destination port 6081"
    GWLB_PROTOCOL_RESTRICTION = "GWLB-to-target traffic is GENEVE, so UDP"
    HIGHER_PRIORITY_ROUTE = "a same-CIDR route of higher priority shadows this one"
    IGW_DESTINATION_ADDRESS_IN_VPC_CIDRS = "IGW only takes packets whose destination lies in the VPC CIDR"
    IGW_DESTINATION_ADDRESS_NOT_IN_RFC1918_EGRESS = "IGW drops outbound packets to RFC 1918 space"
    IGW_DESTINATION_ADDRESS_NOT_IN_RFC6598_EGRESS = "IGW drops outbound packets to 100.64.0.0/10"
    IGW_NAT_REFLECTION = "IGW used as a middle hop: unsupported by RA"
    IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS = "inbound destination is not the public IP of an attached ENI in the VPC"
    IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS = "outbound source has no public IP, or is not an attached ENI of the VPC"
    IGW_SOURCE_ADDRESS_NOT_IN_RFC1918_INGRESS = "IGW drops inbound packets sourced from RFC 1918"
    IGW_SOURCE_ADDRESS_NOT_IN_RFC6598_INGRESS = "IGW drops inbound packets sourced from 100.64.0.0/10"
    INGRESS_RTB_NO_PUBLIC_IP = "middlebox behind an ingress (edge) route table lacks a public IP"
    INGRESS_RTB_TRAFFIC_REDIRECTION = "a subnet whose inbound traffic is redirected to a middlebox may not use a direct IGW route"
    MORE_SPECIFIC_ROUTE = "a longer-prefix route wins over the wanted one"
    NGW_DEST_ADDRESS_PRESERVATION = "NAT gateway leaves the destination untouched"
    NGW_REQUIRES_SOURCE_IN_VPC = "NAT gateway only serves ENIs of its own VPC (not peering, VPN, Direct Connect)"
    NGW_SOURCE_ADDRESS_REASSIGN = "NAT gateway rewrites the source to its own private IP"
    NO_POSSIBLE_DESTINATION = "nowhere to deliver, or next hop is in another account/Region outside the analysis"
    NO_ROUTE_TO_DESTINATION = "route table has nothing applicable"
    PCX_REQUIRES_ADDRESS_IN_VPC_CIDR = "peering only carries packets addressed to/from the peer VPC's CIDR"
    PROTOCOL_RESTRICTION = "component handles only certain protocols"
    REGIONAL_NGW_ROUTE_AZ_RESTRICTION = "regional NAT gateway is not present in the AZ the packet starts in"
    REMAP_EPHEMERAL_PORT = "NAT gateway/LB rewrites source port into 1024-65535"
    SG_HAS_NO_RULES = "the SG has no rules in that direction"
    SG_REFERENCES_NOT_PRESERVED = "a hop discards SG identity, so SG-referencing rules cannot match"
    SG_REFERENCING_SUPPORT = "TGW VPC attachment has SG referencing off, so SG identity is discarded"
    SUBNET_ACL_RESTRICTION = "subnet's network ACL does not admit it"
    TARGET_ADDRESS_RESTRICTION = "LB can only forward to a target's address"
    TARGET_PORT_RESTRICTION = "LB only uses a target's registered port"
    TGW_ATTACH_MISSING_TGW_RTB_ASSOCIATION = "attachment has no valid TGW route table association"
    TGW_ATTACH_VPC_AZ_RESTRICTION = "traffic keeps the source's AZ, or in appliance mode the AZ of the way there"
    TGW_BAD_STATE_VPN = "VPN behind the TGW is down"
    TGW_ROUTE_AZ_RESTRICTION = "TGW attachment has no subnet in the packet's AZ"
    TGW_RTB_BAD_STATE_ROUTE = "TGW route to destination in a bad state"
    TGW_RTB_CANNOT_ROUTE = "TGW route does not match the packet's destination"
    TGW_RTB_HIGHER_PRIORITY_ROUTE = "same-CIDR TGW route of higher priority shadows it"
    TGW_RTB_MORE_SPECIFIC_ROUTE = "longer TGW route wins"
    TGW_RTB_NO_ROUTE_TO_TGW_ATTACHMENT = "TGW table has no route to that attachment"
    TGW_RTB_ROUTES_ARE_UNKNOWN = "TGW table contents unavailable (error or other account)"
    UNKNOWN_DESTINATION = "too little information to continue"
    UNKNOWN_PEERED_SGS = "peer VPC unknown (other account): SG-referencing rules count as deny"
    UNKNOWN_RESOURCE = "AWS's analyzer may not describe the resource"
    VGW_PRIVATE_IP_ASSOCIATION_FOR_EGRESS = "outbound to VGW: source must be an attached ENI of the VPC"
    VGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS = "inbound from VGW: destination must be the private IP of an attached ENI"
    VPC_BLOCK_PUBLIC_ACCESS_ENABLED = "VPC BPA blocks the internet traffic"
    VPC_LOCAL_ROUTE_CIDR_RESTRICTION = "local route only serves VPC-CIDR destinations"
    VPCE_GATEWAY_EGRESS_SOURCE_ADDRESS_RESTRICTION = "gateway endpoint only emits packets sourced from its prefix list"
    VPCE_GATEWAY_PROTOCOL_RESTRICTION = "gateway endpoint takes TCP or ICMP echo; emits TCP or ICMP echo reply"
    VPCE_INTRA_VPC_TRAFFIC = "an endpoint cannot start connections inside its own VPC; analyse the reverse direction"
    VPCE_SERVICE_NOT_INSTALLED_IN_AZ = "endpoint service is absent from that AZ"

    # configuration codes
    DISCONNECTED_VPCS = "ends are in VPCs with no supported link"
    NO_PATH = "nothing found: an isolated end, a source that cannot start a connection, or a missing feature"
    NO_SOURCE_OR_DESTINATION = "an end does not exist"
    UNASSOCIATED_COMPONENT = "end is in no VPC of yours, or has no IPv4 address on any ENI"
    UNSUPPORTED_COMPONENT = "AWS's analyzer cannot handle the component"

    # vpcsim's own, where the analyzer has no word
    VPCSIM_ATTACHMENT_ZONE = "the attachment has no subnet in the zone from which the packet comes"
    VPCSIM_NO_SEGMENT = "the attachment is in no segment of the core network"
    VPCSIM_LOOP = "the packet came to the same place twice"
    VPCSIM_TOO_MANY_HOPS = "the walk was stopped after too many hops"
    VPCSIM_NO_ADDRESS = "the sender has no address of the destination's family"
    VPCSIM_ADDRESS_IN_USE_BY_NOBODY = "no interface in the VPC holds the destination address"
    VPCSIM_EXPIRED_SESSION = "a reply arrived that no remembered packet asked for"
    VPCSIM_UNSOLICITED = "a NAT gateway takes no connection from outside"
    VPCSIM_RESERVED_DESTINATION = "the address range is kept for services on the host and is never routed"
    VPCSIM_NOT_MODELLED = "the model holds something that this version does not judge"
    VPCSIM_UNKNOWN_VALUE = "the answer depends on a value that the input does not hold"
    VPCSIM_NAME = "the name has no address from where it was asked"
    VPCSIM_WRONG_SERVICE = "the endpoint serves another AWS service"
    VPCSIM_EDGE = "the rules of a Wavelength Zone or of an Outpost do not let the packet through"
    VPCSIM_NO_EDGE_ADDRESS = "no carrier or customer-owned address stands for the private one"
    VPCSIM_APPLIANCE = "an appliance of the model drops the packet"
    VPCSIM_NO_SERVICE = "nothing in the model answers at this place"

    def __str__(self) -> str:
        return self.name
