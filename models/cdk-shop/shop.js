// Several stacks of one application: a network that others use, a nested stack, and a VPC that is looked up.
const { App, NestedStack, Stack } = require("aws-cdk-lib");
const ec2 = require("aws-cdk-lib/aws-ec2");
const elb = require("aws-cdk-lib/aws-elasticloadbalancingv2");
const targets = require("aws-cdk-lib/aws-elasticloadbalancingv2-targets");

const app = new App();
const env = { region: "us-east-1", account: "123456789012" };
const instance = (scope, name, vpc, vpcSubnets, more = {}) =>
  new ec2.Instance(scope, name, {
    vpc, vpcSubnets, instanceType: new ec2.InstanceType("t3.micro"), machineImage: ec2.MachineImage.latestAmazonLinux2023(), ...more });

class Network extends Stack {
  constructor(scope, id) {
    super(scope, id, { env });
    this.vpc = new ec2.Vpc(this, "Vpc", { natGateways: 1, availabilityZones: ["us-east-1a", "us-east-1b"] });
    this.vpc.addGatewayEndpoint("S3", { service: ec2.GatewayVpcEndpointAwsService.S3 });
    this.clients = new ec2.SecurityGroup(this, "Clients", { vpc: this.vpc });
  }
}

class Endpoints extends NestedStack {
  constructor(scope, id, vpc) {
    super(scope, id);
    this.sqs = new ec2.InterfaceVpcEndpoint(this, "Sqs", { vpc, service: ec2.InterfaceVpcEndpointAwsService.SQS, open: false });
  }
}

class Shop extends Stack {
  constructor(scope, id, network) {
    super(scope, id, { env });
    const egress = { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS };
    const endpoints = new Endpoints(this, "Endpoints", network.vpc);
    const backend = instance(this, "Backend", network.vpc, egress);
    endpoints.sqs.connections.allowDefaultPortFrom(backend);
    instance(this, "Client", network.vpc, egress, { securityGroup: network.clients });
    const balancer = new elb.ApplicationLoadBalancer(this, "Alb", { vpc: network.vpc });
    const listener = balancer.addListener("Http", { port: 80, open: false });
    listener.addTargets("Backends", { port: 8080, protocol: elb.ApplicationProtocol.HTTP, targets: [new targets.InstanceTarget(backend, 8080)] });
    listener.connections.allowDefaultPortFrom(network.clients);
    balancer.connections.allowTo(backend, ec2.Port.tcp(8080)); // CDK opens nothing for instances as targets
  }
}

class Tools extends Stack {
  constructor(scope, id) {
    super(scope, id, { env });
    const vpc = ec2.Vpc.fromLookup(this, "Shared", { tags: { Name: "Shared" } });
    instance(this, "Bastion", vpc, { subnetType: ec2.SubnetType.PUBLIC }, { associatePublicIpAddress: true });
    instance(this, "Runner", vpc, { subnetType: ec2.SubnetType.PRIVATE_ISOLATED });
  }
}

new Shop(app, "Shop", new Network(app, "Network"));
new Tools(app, "Tools");
app.synth();
