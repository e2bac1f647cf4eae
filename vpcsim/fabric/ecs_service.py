"""Tasks of an ECS service in the awsvpc network mode: each task has an interface of its own in one of the subnets.

Where AWS places how many tasks is not known before it does: one task stands for all of them in each subnet. A task on
Fargate gets a public address if AssignPublicIp is ENABLED; one on EC2 instances never does. Without it, images and logs
are fetched through a NAT gateway or endpoints. ECS registers the tasks with the service's target groups, by their addresses.

Not modelled here: tasks in the bridge and host network modes (they use the instance's interface), ports that the
containers listen on, Service Connect.

Sources: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-task-networking.html,
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-networking-awsvpc.html,
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_AwsVpcConfiguration.html,
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-load-balancing.html.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from vpcsim.account.task_definition import TaskDefinition
from vpcsim.fabric.host_services import RESOLVER, TASK_METADATA
from vpcsim.fabric.interface_parts import Group
from vpcsim.fabric.requester_managed import RequesterManaged
from vpcsim.fabric.subnet import Subnet
from vpcsim.packet import ICMP, ICMPV6, TCP, UDP, Packet
from vpcsim.prefixes import Ports
from vpcsim.resource import Declaration, Declared, Draft, Patch, TerraformSpelling, as_list, capitalized, later, refers_to
from vpcsim.shape import field
from vpcsim.trace import Step

if TYPE_CHECKING:
    from vpcsim.network import Network
    from vpcsim.topology import Topology


class EcsService(RequesterManaged):
    """See the module."""

    kind: ClassVar[str] = "ecs_service"
    section: ClassVar[str] = "Services"
    described_as: ClassVar[tuple[str, ...]] = ("services", "tasks")
    sends: ClassVar[tuple[int, ...]] = (TCP, UDP, ICMP, ICMPV6)
    acts_by: ClassVar[tuple[str, ...]] = ("LoadBalancers", "LoadBalancer")
    cloudformation_types: ClassVar[tuple[str, ...]] = ("AWS::ECS::Service",)
    terraform_spelling: ClassVar[TerraformSpelling] = TerraformSpelling(
        types={"aws_ecs_service": "AWS::ECS::Service"},
        names={"name": "ServiceName"},
        once=("network_configuration",),
        refers={
            "task_definition": ("aws_ecs_task_definition",),
            "target_group_arn": ("aws_lb_target_group", "aws_alb_target_group"),
        },
    )
    native_names: ClassVar[Mapping[str, str]] = {
        "subnets": "SubnetIds",
        "security_groups": "Groups",
        "public_address": "AssignPublicIp",
        "launch_type": "LaunchType",
        "task_definition": "TaskDefinition",
    }

    id: str = field(api="ServiceName")
    subnet_ids: tuple[Annotated[str, refers_to("subnet")], ...] = ()
    groups: tuple[Group, ...] | None = None
    assign_public_ip: str = field(default="DISABLED", pattern="^(ENABLED|DISABLED)$")
    launch_type: str = "FARGATE"
    task_definition: str = ""

    @classmethod
    def described(cls, declaration: Declaration) -> Declared:
        """`{"services": [{"serviceName": ..., "networkConfiguration": {"awsvpcConfiguration": ...}}]}`, and the interfaces of
        `{"tasks": [{"group": "service:...", "attachments": [...]}]}`.

        Sources: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Task.html,
        https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Attachment.html
        """
        if declaration.type == "tasks":
            service = str(declaration.fields.get("group", "")).removeprefix("service:")
            for interface in _interfaces(declaration.fields.get("attachments") or ()):
                yield Patch(interface, {"AttachedTo": service}, declaration.origin)
        elif declaration.type == cls.section:
            yield Draft(cls, declaration.id, dict(declaration.fields), declaration.origin)
        elif "serviceName" in declaration.fields:
            fields = capitalized(declaration.fields)
            yield from cls.cloudformation(declaration._replace(id=fields["ServiceName"], fields=fields))

    @classmethod
    def cloudformation(cls, declaration: Declaration) -> Declared:
        network = declaration.fields.get("NetworkConfiguration")
        config = network.get("AwsvpcConfiguration") if isinstance(network, Mapping) else None
        if not isinstance(config, Mapping):
            return
        fields: dict[str, Any] = {
            "SubnetIds": config.get("Subnets"),
            "Groups": config.get("SecurityGroups"),
            "AssignPublicIp": config.get("AssignPublicIp"),
            "LaunchType": declaration.fields.get("LaunchType"),
            "TaskDefinition": declaration.fields.get("TaskDefinition"),
            "Tags": declaration.fields.get("Tags"),
            "Name": declaration.fields.get("ServiceName"),
        }
        yield Draft(cls, declaration.id, {k: v for k, v in fields.items() if v is not None}, declaration.origin)
        for spec in as_list(declaration.fields.get("LoadBalancers")):
            if isinstance(spec, Mapping) and spec.get("TargetGroupArn"):
                tasks = [later(f"{declaration.id}/{subnet}", "PrivateIp") for subnet in as_list(config.get("Subnets"))]
                targets = [{"Id": task, "Port": spec.get("ContainerPort")} for task in tasks]
                yield Patch(spec["TargetGroupArn"], {"Targets": targets}, declaration.origin, key="TargetGroupArn")

    @classmethod
    def terraform(cls, declaration: Declaration) -> Declared:
        """Source: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/ecs_service"""
        fields = dict(declaration.fields)
        fields["LoadBalancers"] = as_list(fields.pop("LoadBalancer", None))
        if isinstance(given := fields.get("NetworkConfiguration"), Mapping):
            public = "ENABLED" if given.get("AssignPublicIp") is True else "DISABLED"
            fields["NetworkConfiguration"] = {"AwsvpcConfiguration": {**given, "AssignPublicIp": public}}
        yield from cls.cloudformation(declaration._replace(fields=fields))

    @classmethod
    def native(cls, declaration: Declaration) -> Declared:
        fields = dict(declaration.fields)
        for name in ("SubnetIds", "Groups"):
            if name in fields:
                fields[name] = as_list(fields[name])
        if isinstance(public := fields.get("AssignPublicIp"), bool):
            fields["AssignPublicIp"] = "ENABLED" if public else "DISABLED"
        yield Draft(cls, declaration.id, fields, declaration.origin)

    @property
    def ephemeral_ports(self) -> Ports:
        """Tasks run on Linux unless the task definition says otherwise, which the service does not."""
        return (32768, 60999)

    def role_for(self, purpose: str, topology: "Topology") -> str | None:
        definition = topology.get(TaskDefinition, self.task_definition)
        if definition is None:
            return None
        return definition.execution_role_arn if purpose == "execution" else definition.task_role_arn

    def chosen_subnets(self, topology: "Topology") -> tuple[str, ...]:
        return self.subnet_ids

    def families(self) -> None:
        """As the subnet says, with the account setting dualStackIPv6 on."""

    def answered_by(self, service: str, packet: Packet, net: "Network") -> bool:
        """A task on an instance has what the instance has; Fargate keeps the host from its tasks.

        Sources: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-security-considerations.html,
        https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html
        """
        return self.launch_type == "EC2" or service in (RESOLVER, TASK_METADATA)

    def interface_fields(self, subnet: Subnet, topology: "Topology") -> Mapping[str, Any]:
        return {"wants_public_address": self.assign_public_ip == "ENABLED" and self.launch_type != "EC2"}

    def _refusal(self, packet: Packet) -> Step | None:
        return None


def _interfaces(attachments: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """The ids of the interfaces among the attachments of a task."""
    for attachment in attachments:
        if attachment.get("type") == "ElasticNetworkInterface":
            yield from (each["value"] for each in attachment.get("details", ()) if each.get("name") == "networkInterfaceId")
