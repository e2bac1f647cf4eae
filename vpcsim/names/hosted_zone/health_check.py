"""A Route 53 health check: the model says what it finds, since nothing here listens.

A record without a health check is always taken to be healthy, and so is one whose check is not in the model.

Source: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-determining-health-of-endpoints.html
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from vpcsim.resource import Declaration, Declared, Draft, Patch, Resource, TerraformSpelling
from vpcsim.shape import field

if TYPE_CHECKING:
    from vpcsim.network import Index

HEALTHY, UNHEALTHY = "healthy", "unhealthy"


class HealthCheck(Resource):
    """See the module."""

    kind: ClassVar[str] = "health_check"
    section: ClassVar[str] = "HealthChecks"
    described_as: ClassVar[tuple[str, ...]] = ("HealthCheckObservations",)
    cloudformation_types: ClassVar[tuple[str, ...]] = ("AWS::Route53::HealthCheck",)
    terraform_spelling: ClassVar[TerraformSpelling] = TerraformSpelling(
        types={"aws_route53_health_check": "AWS::Route53::HealthCheck"},
    )
    native_section: ClassVar[str] = "health"
    native_names: ClassVar[Mapping[str, str]] = {"status": "Status"}
    native_scalar: ClassVar[str] = "Status"

    id: str = field(api="HealthCheckId")
    status: str = field(default=HEALTHY, pattern=f"^({HEALTHY}|{UNHEALTHY})$")

    @classmethod
    def described(cls, declaration: Declaration) -> Declared:
        """A check; whether it is healthy says an answer that is about one."""
        if declaration.type == cls.section:
            fields = {k: v for k, v in declaration.fields.items() if k in ("Status", "Tags")}
            yield Draft(cls, declaration.id or str(declaration.fields.get("Id", "")), fields, declaration.origin)
        elif "HealthCheckId" in declaration.page and (report := declaration.fields.get("StatusReport")):
            status = HEALTHY if str(report.get("Status")).startswith("Success") else UNHEALTHY
            yield Patch(declaration.page["HealthCheckId"], {"Status": status}, declaration.origin)

    @classmethod
    def cloudformation(cls, declaration: Declaration) -> Declared:
        yield Draft(cls, declaration.id, {}, declaration.origin)

    @property
    def healthy(self) -> bool:
        return self.status == HEALTHY

    def register(self, index: "Index") -> None:
        """Packets do not meet it."""
