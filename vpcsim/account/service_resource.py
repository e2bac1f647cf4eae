"""What resources of a service have in common: a name that the service knows them by, an ARN, a host that clients call.

They are no places of a packet's way: their service's host is.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar

from vpcsim import services
from vpcsim.resource import Declaration, Declared, Draft, Patch, Resource

if TYPE_CHECKING:
    from vpcsim.network import Index
    from vpcsim.topology import Topology


class ServiceResource(Resource):
    """A queue, a topic, a bucket: a subclass says how its service names it."""

    service: ClassVar[str] = ""
    """The first label of the service's host, and the namespace of its ARN."""
    named_by: ClassVar[str] = ""
    """The API's name of the field that holds its name: `QueueName`."""
    resource_type: ClassVar[str] = ""
    """What stands before the name in the ARN: `table/`."""

    policy: Any = None

    @property
    def resource_name(self) -> str:
        """The name that the service knows it by."""
        known = next(known for known in self.fields.values() if known.api == self.named_by)
        return str(getattr(self, known.name))

    @property
    def encryption_key(self) -> str:
        """The customer's key of AWS KMS, by id, ARN or alias, with which the service encrypts; empty for a key of AWS's own."""
        return str(getattr(self, "kms_master_key_id", ""))

    @classmethod
    def arn_of(cls, name: str, region: str, account: str) -> str:
        """The ARN of one with this name."""
        return f"arn:{services.partition_of(region)}:{cls.service}:{region}:{account}:{cls.resource_type}{name}"

    def arn(self, region: str, account: str) -> str:
        """Its ARN, in the model's Region and account."""
        return self.arn_of(self.resource_name, region, account)

    @classmethod
    def spelled_name(cls, declaration: Declaration) -> str:
        """The name that a template gives, or the one that stands for what CloudFormation would generate."""
        return str(declaration.fields.get(cls.named_by) or cls.generated_name(declaration.id))

    @classmethod
    def name_in(cls, text: str) -> str:
        """The name in an ARN of one, or the text itself."""
        return text.rpartition(":")[2].removeprefix(cls.resource_type) if text.startswith("arn:") else text

    @classmethod
    def generated_name(cls, id: str) -> str:
        return id

    @classmethod
    def declared_arn(cls, declaration: Declaration) -> str:
        return cls.arn_of(cls.spelled_name(declaration), declaration.region, declaration.account)

    @classmethod
    def as_draft(cls, declaration: Declaration) -> Draft:
        """A resource of a template that is one of these itself, not a policy for one."""
        name = cls.spelled_name(declaration)
        fields = {**declaration.fields, cls.named_by: name, "Name": name}
        assumed = () if declaration.fields.get(cls.named_by) else (cls._named_field(),)
        return Draft(cls, declaration.id, fields, declaration.origin, assumed)

    @classmethod
    def terraform_arn(cls, declaration: Declaration) -> str | None:
        return cls.declared_arn(declaration) if declaration.type == cls.cloudformation_types[0] else None

    @classmethod
    def _named_field(cls) -> str:
        return next(known.name for known in cls.fields.values() if known.api == cls.named_by)

    @classmethod
    def native(cls, declaration: Declaration) -> Declared:
        fields = {cls.named_by: declaration.id, **declaration.fields}
        yield Draft(cls, declaration.id, {**fields, "Name": fields[cls.named_by]}, declaration.origin)

    def spelled(self, topology: "Topology") -> dict[str, Any]:
        fields = super().spelled(topology)
        if fields.get(self._named_field()) == self.id:
            del fields[self._named_field()]
        return fields

    def register(self, index: "Index") -> None:
        index.host_of[self.id] = self.host(index.topology.region_of(self))

    def host(self, region: str) -> str:
        """The host name that clients call for it."""
        return f"{self.service}.{region}.{services.dns_suffix(region)}"


def policy_patch(target: str, key: str, declaration: Declaration) -> Patch:
    """A policy that Terraform writes apart from what it is for, which the attribute `key` names."""
    return Patch(target, {"Policy": declaration.fields.get("Policy")}, declaration.origin, key=key)


def policy_patches(cls: type[ServiceResource], targets: Any, document: Any, declaration: Declaration) -> Iterator[Patch]:
    """A policy that a template writes apart from what it is for, which it names by ARN, by URL or by name."""
    for target in targets if isinstance(targets, list) else [targets]:
        yield Patch(cls.name_in(str(target)).lower(), {"Policy": document}, declaration.origin, cls)
