"""Types of CloudFormation that no class takes: why, and which of them could change an answer about something else.

A type that is not here is none of the network's, and is skipped as not modelled.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html
"""

from __future__ import annotations

from collections.abc import Mapping

QUIET = "decides nothing about packets, names or permissions"
_REASONS: Mapping[str, tuple[str, ...]] = {
    QUIET: (
        "AWS::EC2::ApplicationStatusCheck CapacityManagerDataExport CapacityReservation CapacityReservationFleet"
        " EnclaveCertificateIamRoleAssociation FlowLog FpgaImage Host InstanceEventWindow KeyPair NetworkInsightsAccessScope"
        " NetworkInsightsAccessScopeAnalysis NetworkInsightsAnalysis NetworkInsightsPath NetworkInterfacePermission"
        " NetworkPerformanceMetricSubscription PlacementGroup SnapshotBlockPublicAccess SqlHaStandbyDetectedInstance"
        " SubnetCidrReservation TrafficMirrorFilter TrafficMirrorFilterRule TrafficMirrorSession TrafficMirrorTarget"
        " TransitGatewayMeteringPolicy TransitGatewayMeteringPolicyEntry VPCEndpointConnectionNotification Volume"
        " VolumeAttachment",
        "AWS::ElasticLoadBalancingV2::ListenerCertificate TrustStore TrustStoreRevocation",
        "AWS::Lambda::Alias CapacityProvider CodeSigningConfig EventInvokeConfig EventSourceMapping LayerVersion"
        " LayerVersionPermission MicrovmImage Version",
        "AWS::ECS::CapacityProvider Cluster ClusterCapacityProviderAssociations TaskDefinition",
        "AWS::RDS::ClusterSnapshot CustomDBEngineVersion DBClusterParameterGroup DBParameterGroup DBSnapshot Deployment"
        " EventSubscription Integration OptionGroup",
        "AWS::EFS::AccessPoint",
        "AWS::EKS::AccessEntry Addon Capability CertificateAuthority IdentityProviderConfig PodIdentityAssociation",
        "AWS::Route53::DelegationSet DNSSEC KeySigningKey QueryLoggingConfig",
        "AWS::Route53Resolver::ResolverQueryLoggingConfig ResolverQueryLoggingConfigAssociation",
        "AWS::NetworkFirewall::ContainerAssociation LoggingConfiguration",
        "AWS::IAM::OIDCProvider SAMLProvider ServerCertificate VirtualMFADevice",
        "AWS::S3::StorageLens StorageLensGroup",
        "AWS::DirectConnect::Connection Lag",
        "AWS::NetworkManager::CustomerGatewayAssociation Device GlobalNetwork Link LinkAssociation Site"
        " TransitGatewayRegistration",
    ),
    "the addresses that it manages are those which the template writes; a block that AWS draws from a pool is not known": (
        "AWS::EC2::IPAM IPAMAllocation IPAMPool IPAMPoolCidr IPAMPrefixListResolver IPAMPrefixListResolverTarget"
        " IPAMResourceDiscovery IPAMResourceDiscoveryAssociation IPAMScope IPv4Pool IpPoolRouteTableAssociation"
        " IpamExternalResourceVerificationToken IpamInternetRegistryAssociation",
    ),
    "what it starts, and where, is known after deployment only": (
        "AWS::AutoScaling::AutoScalingGroup LaunchConfiguration",
        "AWS::EC2::EC2Fleet SpotFleet",
        "AWS::ECS::Daemon DaemonTaskDefinition ExpressGatewayService PrimaryTaskSet TaskSet",
        "AWS::EKS::FargateProfile",
    ),
    "its data are taken into the instances that name it": ("AWS::EC2::LaunchTemplate",),
    "sites of customers are not modelled": ("AWS::Route53Resolver::OutpostResolver",),
    "what the appliances at the end of Connect tunnels announce is not in a template": ("AWS::NetworkManager::ConnectPeer",),
    "policy tables of transit gateways are not modelled": (
        "AWS::EC2::TransitGatewayPolicyTable TransitGatewayPolicyTableAssociation TransitGatewayPolicyTableEntry",
    ),
    "what peers announce to a route server is not in a template": (
        "AWS::EC2::RouteServer RouteServerAssociation RouteServerEndpoint RouteServerPeer RouteServerPropagation",
    ),
    "Verified Access is not modelled": (
        "AWS::EC2::VerifiedAccessEndpoint VerifiedAccessGroup VerifiedAccessInstance VerifiedAccessTrustProvider",
    ),
    "groups of other VPCs are not modelled": ("AWS::EC2::SecurityGroupVpcAssociation",),
    "this kind of network is not modelled": ("AWS::EC2::SecondaryNetwork", "AWS::Lambda::NetworkConnector"),
    "encryption controls are not modelled": ("AWS::EC2::VPCEncryptionControl",),
    "who may connect to an endpoint service is not modelled": ("AWS::EC2::VPCEndpointServicePermissions",),
    "who may call a function is not modelled": (
        "AWS::Lambda::Permission ResourcePolicy Url WebFunction WebFunctionEndpoint WebFunctionRevision",
    ),
    "gateways of ECS are not modelled": ("AWS::ECS::Gateway GatewayClusterAssociations",),
    "which databases are behind a proxy decides nothing here": ("AWS::RDS::DBProxyTargetGroup",),
    "further endpoints, global clusters and groups outside of VPCs are not modelled": (
        "AWS::RDS::DBClusterEndpoint DBProxyEndpoint DBSecurityGroup DBSecurityGroupIngress DBShardGroup GlobalCluster",
    ),
    "routing by the address of who asks is not modelled": ("AWS::Route53::CidrCollection",),
    "traffic policies are not modelled": ("AWS::Route53::TrafficPolicy TrafficPolicyInstance",),
    "inspection of TLS is not modelled": ("AWS::NetworkFirewall::TLSInspectionConfiguration",),
    "endpoints of a firewall in other VPCs are not modelled": ("AWS::NetworkFirewall::VpcEndpointAssociation",),
    "VPC Lattice is not modelled": (
        "AWS::VpcLattice::AccessLogSubscription AuthPolicy DomainVerification Listener ResourceConfiguration ResourceGateway"
        " ResourcePolicy Rule Service ServiceNetwork ServiceNetworkResourceAssociation ServiceNetworkServiceAssociation"
        " ServiceNetworkVpcAssociation TargetGroup",
    ),
    "policies of this service are not modelled": (
        "AWS::SNS::Subscription Topic TopicInlinePolicy TopicPolicy",
        "AWS::S3::AccessGrant AccessGrantsInstance AccessGrantsLocation AccessPoint Bucket BucketPolicy MultiRegionAccessPoint"
        " MultiRegionAccessPointPolicy",
        "AWS::SQS::QueueInlinePolicy",
    ),
    "whose keys a caller has is told with the call, and roles of services send no packets": (
        "AWS::IAM::AccessKey ServiceLinkedRole",
    ),
}


def _each(line: str) -> list[str]:
    """The types of a line: the service stands before the first one only."""
    first, *others = line.split()
    service = first.rpartition("::")[0]
    return [first, *(f"{service}::{name}" for name in others)]


REASONS: Mapping[str, str] = {type: reason for reason, lines in _REASONS.items() for line in lines for type in _each(line)}
"""By type: why no class takes it."""

ACTING: Mapping[str, tuple[str, ...]] = {
    "AWS::AutoScaling::AutoScalingGroup": ("TargetGroupARNs", "LoadBalancerNames"),
    "AWS::EC2::RouteServerPropagation": ("RouteTableId",),
    "AWS::EC2::TransitGatewayPolicyTableAssociation": ("TransitGatewayAttachmentId",),
    "AWS::EC2::SecurityGroupVpcAssociation": ("GroupId",),
    "AWS::EC2::VPCEncryptionControl": ("VpcId",),
    "AWS::ECS::TaskSet": ("LoadBalancers",),
    "AWS::Route53::TrafficPolicyInstance": ("HostedZoneId",),
    "AWS::SQS::QueueInlinePolicy": ("Queue",),
}
"""By type: the properties that name what it changes, so that answers about that are in doubt."""
