"""Properties that a resource gets from elsewhere: an instance from its launch template, a block from an IPAM pool.

Sources: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-instance.html (LaunchTemplate),
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-vpc.html (Ipv4IpamPoolId).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from vpcsim.readers.document import List, Map
from vpcsim.readers.intrinsics import ResourceDeclaration, Unknown

TEMPLATE = "AWS::EC2::LaunchTemplate"
WITH_BLOCKS = ("AWS::EC2::Subnet", "AWS::EC2::VPC", "AWS::EC2::VPCCidrBlock")
TAKEN_OVER = ("IamInstanceProfile", "ImageId", "InstanceType", "NetworkInterfaces", "SecurityGroupIds", "SecurityGroups")
PLACE = ("NetworkInterfaces", "SubnetId")


def whole_properties(resource: ResourceDeclaration, find: Callable[[str], ResourceDeclaration | None]) -> Map:
    """The properties of a resource with those that it leaves to another; `find` gives a resource by its logical id."""
    properties = resource.properties
    if resource.type in WITH_BLOCKS and "Ipv4IpamPoolId" in properties and "CidrBlock" not in properties:
        return _with(properties, {"CidrBlock": Unknown("AWS draws the block from an IPAM pool", resource.origin)})
    if resource.type == "AWS::EC2::Instance" and isinstance(named := properties.get("LaunchTemplate"), Map):
        return _with(properties, _launched(properties, named, find))
    return properties


def _with(properties: Map, more: dict[str, Any]) -> Map:
    copy = Map(properties.file, properties.line, properties.column)
    copy.places = properties.places
    copy.update({**more, **properties})
    return copy


def _launched(properties: Map, named: Map, find: Callable[[str], ResourceDeclaration | None]) -> dict[str, Any]:
    id = named.get("LaunchTemplateId", named.get("LaunchTemplateName"))
    template = find(id) if isinstance(id, str) else None
    data = template.properties.get("LaunchTemplateData") if template is not None else None
    if not isinstance(data, Map) or (other := _other_version(named)):
        reason = id.reason if isinstance(id, Unknown) else f"the launch template `{id}` is not in this template"
        reason = other if isinstance(data, Map) else reason
        wanted = [key for key in (*TAKEN_OVER, "SubnetId") if key not in properties]
        return {key: Unknown(reason, named.origin) for key in wanted if key not in PLACE or not _placed(properties)}
    taken = {key: data[key] for key in TAKEN_OVER if key in data}
    if isinstance(profile := taken.get("IamInstanceProfile"), Map):
        taken["IamInstanceProfile"] = profile.get("Name", profile.get("Arn"))
    if isinstance(specs := taken.get("NetworkInterfaces"), List):
        subnet = {"SubnetId": properties["SubnetId"]} if "SubnetId" in properties else {}
        taken["NetworkInterfaces"] = _specs(specs, subnet)
    return taken


def _other_version(named: Map) -> str:
    """Why the version that is asked for is not the one in the template: the first, and the latest when all is deployed at once.

    Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-ec2-instance-launchtemplatespecification.html
    """
    version = named.get("Version", "$Default")
    if isinstance(version, Unknown) or str(version) in ("1", "$Default", "$Latest"):
        return ""
    return f"version {version} of its launch template is not the one in this template"


def _placed(properties: Map) -> bool:
    return any(key in properties for key in PLACE)


def _specs(specs: List, subnet: dict[str, Any]) -> List:
    """Interfaces in the words of an instance: the groups of a launch template's interface are `Groups`."""
    result = List(specs.file, specs.line, specs.column)
    result.extend(_with(spec, {**subnet, "GroupSet": spec.get("Groups")}) for spec in specs if isinstance(spec, Map))
    return result
