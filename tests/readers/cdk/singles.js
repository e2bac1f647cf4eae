// One stack per network. `node singles.js` writes the templates: see README.md beside this file.
const { App, Stack, CfnOutput, Duration } = require("aws-cdk-lib");
const ec2 = require("aws-cdk-lib/aws-ec2");
const ecs = require("aws-cdk-lib/aws-ecs");
const patterns = require("aws-cdk-lib/aws-ecs-patterns");
const efs = require("aws-cdk-lib/aws-efs");
const elb = require("aws-cdk-lib/aws-elasticloadbalancingv2");
const targets = require("aws-cdk-lib/aws-elasticloadbalancingv2-targets");
const lambda = require("aws-cdk-lib/aws-lambda");
const rds = require("aws-cdk-lib/aws-rds");
const route53 = require("aws-cdk-lib/aws-route53");
const aliases = require("aws-cdk-lib/aws-route53-targets");
const sqs = require("aws-cdk-lib/aws-sqs");

const app = new App({ context: { "aws:cdk:enable-path-metadata": true } });
const HERE = { env: { region: "us-east-1", account: "123456789012" } };
const SMALL = ec2.InstanceType.of(ec2.InstanceClass.T3, ec2.InstanceSize.MICRO);
const LINUX = ec2.MachineImage.latestAmazonLinux2023();
const PUBLIC = { name: "Public", subnetType: ec2.SubnetType.PUBLIC };
const PRIVATE = { name: "Private", subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS };
const ISOLATED = { name: "Isolated", subnetType: ec2.SubnetType.PRIVATE_ISOLATED };

const stack = (name, build, props = {}) => {
  const made = new Stack(app, name, props);
  build(made);
};
const server = (scope, name, vpc, type, more = {}) =>
  new ec2.Instance(scope, name, { vpc, instanceType: SMALL, machineImage: LINUX, vpcSubnets: { subnetType: type }, ...more });

// 1. Everything by default: no environment, so the zones are Fn::GetAZs.
stack("DefaultVpc", (s) => {
  const vpc = new ec2.Vpc(s, "Vpc");
  server(s, "App", vpc, ec2.SubnetType.PRIVATE_WITH_EGRESS);
  server(s, "Web", vpc, ec2.SubnetType.PUBLIC);
});

// 2. One NAT gateway for three zones.
stack("OneNat", (s) => {
  const vpc = new ec2.Vpc(s, "Vpc", {
    availabilityZones: ["us-east-1a", "us-east-1b", "us-east-1c"], natGateways: 1,
    subnetConfiguration: [{ ...PUBLIC, cidrMask: 24 }, { ...PRIVATE, cidrMask: 20 }, { ...ISOLATED, cidrMask: 28 }],
  });
  server(s, "App", vpc, ec2.SubnetType.PRIVATE_WITH_EGRESS);
  server(s, "Store", vpc, ec2.SubnetType.PRIVATE_ISOLATED);
}, HERE);

// 3. Interface endpoints in isolated subnets; CDK turns private DNS on and lets the VPC's block in.
stack("PrivateEndpoints", (s) => {
  const vpc = new ec2.Vpc(s, "Vpc", { natGateways: 0, maxAzs: 2, subnetConfiguration: [ISOLATED] });
  for (const name of ["SSM", "SSM_MESSAGES", "SQS"])
    vpc.addInterfaceEndpoint(name.replace("_", ""), { service: ec2.InterfaceVpcEndpointAwsService[name] });
  server(s, "App", vpc, ec2.SubnetType.PRIVATE_ISOLATED, { ssmSessionPermissions: true });
  new sqs.Queue(s, "Orders");
});

// 4. Endpoints that nobody may use yet: open is false, and one group is let in by hand.
stack("ClosedEndpoint", (s) => {
  const vpc = new ec2.Vpc(s, "Vpc", { natGateways: 0, maxAzs: 2, subnetConfiguration: [ISOLATED] });
  const endpoint = new ec2.InterfaceVpcEndpoint(s, "Kms", {
    vpc, service: ec2.InterfaceVpcEndpointAwsService.KMS, open: false,
  });
  const known = server(s, "Known", vpc, ec2.SubnetType.PRIVATE_ISOLATED);
  server(s, "Unknown", vpc, ec2.SubnetType.PRIVATE_ISOLATED);
  endpoint.connections.allowDefaultPortFrom(known);
});

// 5. Gateway endpoints beside an interface endpoint without private DNS.
stack("GatewayEndpoints", (s) => {
  const vpc = new ec2.Vpc(s, "Vpc", { natGateways: 0, maxAzs: 2, subnetConfiguration: [ISOLATED, PUBLIC] });
  vpc.addGatewayEndpoint("S3", {
    service: ec2.GatewayVpcEndpointAwsService.S3, subnets: [{ subnetType: ec2.SubnetType.PRIVATE_ISOLATED }],
  });
  vpc.addGatewayEndpoint("Dynamo", { service: ec2.GatewayVpcEndpointAwsService.DYNAMODB });
  vpc.addInterfaceEndpoint("Sns", { service: ec2.InterfaceVpcEndpointAwsService.SNS, privateDnsEnabled: false,
    subnets: { subnetType: ec2.SubnetType.PRIVATE_ISOLATED } });
  server(s, "App", vpc, ec2.SubnetType.PRIVATE_ISOLATED);
}, HERE);

// 6. NAT instances instead of gateways.
stack("NatInstance", (s) => {
  const provider = ec2.NatProvider.instanceV2({ instanceType: SMALL, defaultAllowedTraffic: ec2.NatTrafficDirection.INBOUND_AND_OUTBOUND });
  const vpc = new ec2.Vpc(s, "Vpc", { natGatewayProvider: provider, natGateways: 1, maxAzs: 2 });
  server(s, "App", vpc, ec2.SubnetType.PRIVATE_WITH_EGRESS);
});

// 7. A Fargate service behind a public application load balancer.
stack("FargateBehindAlb", (s) => {
  const vpc = new ec2.Vpc(s, "Vpc", { maxAzs: 2, natGateways: 1 });
  const cluster = new ecs.Cluster(s, "Cluster", { vpc });
  new patterns.ApplicationLoadBalancedFargateService(s, "Shop", {
    cluster, desiredCount: 2, taskImageOptions: { image: ecs.ContainerImage.fromRegistry("public.ecr.aws/docker/library/nginx") },
  });
});

// 8. A Fargate service without a way out but for the endpoints that an image pull needs.
stack("FargateIsolated", (s) => {
  const vpc = new ec2.Vpc(s, "Vpc", { natGateways: 0, maxAzs: 2, subnetConfiguration: [ISOLATED] });
  vpc.addGatewayEndpoint("S3", { service: ec2.GatewayVpcEndpointAwsService.S3 });
  for (const [name, service] of [["Api", "ECR"], ["Dkr", "ECR_DOCKER"], ["Logs", "CLOUDWATCH_LOGS"]])
    vpc.addInterfaceEndpoint(name, { service: ec2.InterfaceVpcEndpointAwsService[service] });
  const cluster = new ecs.Cluster(s, "Cluster", { vpc });
  const task = new ecs.FargateTaskDefinition(s, "Task");
  task.addContainer("main", { image: ecs.ContainerImage.fromRegistry("123456789012.dkr.ecr.us-east-1.amazonaws.com/shop"),
    logging: ecs.LogDrivers.awsLogs({ streamPrefix: "shop" }) });
  new ecs.FargateService(s, "Service", { cluster, taskDefinition: task });
}, HERE);

// 9. Instances behind an internal application load balancer, and one that may not call it.
stack("InternalAlb", (s) => {
  const vpc = new ec2.Vpc(s, "Vpc", { maxAzs: 2, natGateways: 1 });
  const client = server(s, "Client", vpc, ec2.SubnetType.PRIVATE_WITH_EGRESS);
  server(s, "Stranger", vpc, ec2.SubnetType.PRIVATE_WITH_EGRESS);
  const backend = server(s, "Backend", vpc, ec2.SubnetType.PRIVATE_WITH_EGRESS);
  const balancer = new elb.ApplicationLoadBalancer(s, "Alb", { vpc, internetFacing: false });
  const listener = balancer.addListener("Http", { port: 80, open: false });
  listener.addTargets("Backends", { port: 8080, protocol: elb.ApplicationProtocol.HTTP, targets: [new targets.InstanceTarget(backend, 8080)] });
  listener.connections.allowDefaultPortFrom(client);
  new CfnOutput(s, "Name", { value: balancer.loadBalancerDnsName });
});

// 10. A service behind a network load balancer, offered to another VPC over PrivateLink.
stack("PrivateLink", (s) => {
  const provider = new ec2.Vpc(s, "Provider", { natGateways: 0, maxAzs: 2, subnetConfiguration: [ISOLATED] });
  const backend = server(s, "Backend", provider, ec2.SubnetType.PRIVATE_ISOLATED);
  backend.connections.allowFrom(ec2.Peer.ipv4(provider.vpcCidrBlock), ec2.Port.tcp(443));
  const balancer = new elb.NetworkLoadBalancer(s, "Nlb", { vpc: provider });
  balancer.addListener("Tls", { port: 443 }).addTargets("Backends", { port: 443, targets: [new targets.InstanceTarget(backend, 443)] });
  const service = new ec2.VpcEndpointService(s, "Offer", { vpcEndpointServiceLoadBalancers: [balancer], acceptanceRequired: false });
  const consumer = new ec2.Vpc(s, "Consumer", { ipAddresses: ec2.IpAddresses.cidr("10.1.0.0/16"), natGateways: 0, maxAzs: 2, subnetConfiguration: [ISOLATED] });
  consumer.addInterfaceEndpoint("Use", { service: new ec2.InterfaceVpcEndpointService(service.vpcEndpointServiceName, 443) });
  server(s, "App", consumer, ec2.SubnetType.PRIVATE_ISOLATED);
});

// 11. Two peered VPCs, and one subnet that got no route to the other side.
stack("Peering", (s) => {
  const one = new ec2.Vpc(s, "One", { ipAddresses: ec2.IpAddresses.cidr("10.0.0.0/16"), natGateways: 0, maxAzs: 2, subnetConfiguration: [ISOLATED] });
  const two = new ec2.Vpc(s, "Two", { ipAddresses: ec2.IpAddresses.cidr("10.1.0.0/16"), natGateways: 0, maxAzs: 1, subnetConfiguration: [ISOLATED] });
  const peering = new ec2.CfnVPCPeeringConnection(s, "Peering", { vpcId: one.vpcId, peerVpcId: two.vpcId });
  one.isolatedSubnets[0].addRoute("ToTwo", { routerId: peering.ref, routerType: ec2.RouterType.VPC_PEERING_CONNECTION, destinationCidrBlock: two.vpcCidrBlock });
  two.isolatedSubnets[0].addRoute("ToOne", { routerId: peering.ref, routerType: ec2.RouterType.VPC_PEERING_CONNECTION, destinationCidrBlock: one.vpcCidrBlock });
  const [first, second] = one.isolatedSubnets;
  const machine = (name, vpc, subnet) => new ec2.Instance(s, name, { vpc, instanceType: SMALL, machineImage: LINUX, vpcSubnets: { subnets: [subnet] } });
  machine("Routed", one, first);
  machine("Unrouted", one, second);
  machine("Far", two, two.isolatedSubnets[0]).connections.allowFrom(ec2.Peer.ipv4("10.0.0.0/16"), ec2.Port.tcp(5432));
});

// 12. IPv4 and IPv6 side by side.
stack("DualStack", (s) => {
  const vpc = new ec2.Vpc(s, "Vpc", { ipProtocol: ec2.IpProtocol.DUAL_STACK, maxAzs: 2, natGateways: 1 });
  server(s, "Web", vpc, ec2.SubnetType.PUBLIC, { allowAllIpv6Outbound: true });
  server(s, "App", vpc, ec2.SubnetType.PRIVATE_WITH_EGRESS, { allowAllIpv6Outbound: true });
  server(s, "Old", vpc, ec2.SubnetType.PRIVATE_WITH_EGRESS);
});

// 13. A function in the VPC that writes to a queue, without an endpoint for it; one outside the VPC.
stack("Functions", (s) => {
  const vpc = new ec2.Vpc(s, "Vpc", { natGateways: 0, maxAzs: 2, subnetConfiguration: [ISOLATED, PUBLIC] });
  const code = { runtime: lambda.Runtime.NODEJS_22_X, handler: "index.handler", code: lambda.Code.fromInline("exports.handler = async () => 1"), timeout: Duration.seconds(3) };
  const inside = new lambda.Function(s, "Inside", { ...code, vpc, vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_ISOLATED } });
  new lambda.Function(s, "Outside", code);
  const queue = new sqs.Queue(s, "Jobs");
  queue.grantSendMessages(inside);
});

// 14. A database and a file system; the application may reach one of them.
stack("Data", (s) => {
  const vpc = new ec2.Vpc(s, "Vpc", { maxAzs: 2, natGateways: 1, subnetConfiguration: [PUBLIC, PRIVATE, ISOLATED] });
  const app1 = server(s, "App", vpc, ec2.SubnetType.PRIVATE_WITH_EGRESS);
  const other = server(s, "Other", vpc, ec2.SubnetType.PRIVATE_WITH_EGRESS);
  const database = new rds.DatabaseInstance(s, "Database", {
    vpc, vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_ISOLATED },
    engine: rds.DatabaseInstanceEngine.postgres({ version: rds.PostgresEngineVersion.VER_16 }),
  });
  database.connections.allowDefaultPortFrom(app1);
  const files = new efs.FileSystem(s, "Files", { vpc });
  files.connections.allowDefaultPortFrom(other);
});

// 15. A private hosted zone with an alias to a load balancer.
stack("PrivateZone", (s) => {
  const vpc = new ec2.Vpc(s, "Vpc", { maxAzs: 2, natGateways: 0, subnetConfiguration: [ISOLATED] });
  const zone = new route53.PrivateHostedZone(s, "Zone", { vpc, zoneName: "corp.example" });
  const balancer = new elb.NetworkLoadBalancer(s, "Nlb", { vpc });
  new route53.ARecord(s, "Api", { zone, recordName: "api", target: route53.RecordTarget.fromAlias(new aliases.LoadBalancerTarget(balancer)) });
  new route53.CnameRecord(s, "Old", { zone, recordName: "old", domainName: "api.corp.example" });
  server(s, "App", vpc, ec2.SubnetType.PRIVATE_ISOLATED);
});

// 16. A transit gateway between a spoke and a hub with the only way out.
stack("TransitHub", (s) => {
  const hub = new ec2.Vpc(s, "Hub", { ipAddresses: ec2.IpAddresses.cidr("10.0.0.0/16"), maxAzs: 2, natGateways: 1 });
  const spoke = new ec2.Vpc(s, "Spoke", { ipAddresses: ec2.IpAddresses.cidr("10.1.0.0/16"), maxAzs: 2, natGateways: 0, subnetConfiguration: [ISOLATED] });
  const gateway = new ec2.CfnTransitGateway(s, "Tgw", {});
  const attach = (name, vpc, subnets) => new ec2.CfnTransitGatewayAttachment(s, name, { transitGatewayId: gateway.ref, vpcId: vpc.vpcId, subnetIds: subnets.map((x) => x.subnetId) });
  const first = attach("HubAttachment", hub, hub.privateSubnets);
  const second = attach("SpokeAttachment", spoke, spoke.isolatedSubnets);
  const route = (subnets, name, cidr, needs) => subnets.forEach((x, i) =>
    new ec2.CfnRoute(s, `${name}${i}`, { routeTableId: x.routeTable.routeTableId, destinationCidrBlock: cidr, transitGatewayId: gateway.ref }).addDependency(needs));
  route(hub.privateSubnets, "ToSpoke", spoke.vpcCidrBlock, first);
  route(spoke.isolatedSubnets, "ToHub", hub.vpcCidrBlock, second);
  server(s, "Here", spoke, ec2.SubnetType.PRIVATE_ISOLATED);
  server(s, "There", hub, ec2.SubnetType.PRIVATE_WITH_EGRESS).connections.allowFrom(ec2.Peer.ipv4("10.1.0.0/16"), ec2.Port.tcp(8443));
});

// 17. Network ACLs by CDK's own construct: what is not allowed is denied, answers too.
stack("Acls", (s) => {
  const vpc = new ec2.Vpc(s, "Vpc", { maxAzs: 1, natGateways: 0, subnetConfiguration: [PUBLIC] });
  const acl = new ec2.NetworkAcl(s, "Acl", { vpc, subnetSelection: { subnetType: ec2.SubnetType.PUBLIC } });
  acl.addEntry("HttpsOut", { cidr: ec2.AclCidr.anyIpv4(), ruleNumber: 100, traffic: ec2.AclTraffic.tcpPort(443), direction: ec2.TrafficDirection.EGRESS });
  acl.addEntry("HttpOut", { cidr: ec2.AclCidr.anyIpv4(), ruleNumber: 110, traffic: ec2.AclTraffic.tcpPort(80), direction: ec2.TrafficDirection.EGRESS });
  acl.addEntry("Answers", { cidr: ec2.AclCidr.ipv4("198.51.100.0/24"), ruleNumber: 100, traffic: ec2.AclTraffic.tcpPortRange(1024, 65535), direction: ec2.TrafficDirection.INGRESS });
  server(s, "Web", vpc, ec2.SubnetType.PUBLIC);
});

// 18. A VPN to a site: the route is propagated to the private subnets.
stack("Vpn", (s) => {
  const vpc = new ec2.Vpc(s, "Vpc", { maxAzs: 1, natGateways: 0, subnetConfiguration: [ISOLATED], vpnGateway: true,
    vpnRoutePropagation: [{ subnetType: ec2.SubnetType.PRIVATE_ISOLATED }],
    vpnConnections: { Site: { ip: "198.51.100.20", staticRoutes: ["192.168.10.0/24"] } } });
  server(s, "App", vpc, ec2.SubnetType.PRIVATE_ISOLATED).connections.allowFrom(ec2.Peer.ipv4("192.168.10.0/24"), ec2.Port.tcp(22));
});

app.synth();
