"""An S3 bucket: clients call it by its name before the service's host.

Sources: https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html,
https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html,
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-s3-bucket.html,
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-s3-bucketpolicy.html.
"""

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from vpcsim import services
from vpcsim.account.service_resource import ServiceResource, policy_patch, policy_patches
from vpcsim.errors import Problem
from vpcsim.resource import Declaration, Declared, Draft, Patch, TerraformSpelling, refuse
from vpcsim.shape import field

if TYPE_CHECKING:
    from vpcsim.topology import Topology

_NAME = re.compile(r"(?=.{3,63}$)[a-z0-9](?:[a-z0-9.-]*[a-z0-9])")


class Bucket(ServiceResource):
    """See the module."""

    kind: ClassVar[str] = "bucket"
    section: ClassVar[str] = "Buckets"
    cloudformation_types: ClassVar[tuple[str, ...]] = ("AWS::S3::Bucket", "AWS::S3::BucketPolicy")
    native_names: ClassVar[Mapping[str, str]] = {
        "policy": "Policy",
        "versioning": "VersioningConfiguration",
        "key": "BucketEncryption",
    }
    terraform_spelling: ClassVar[TerraformSpelling] = TerraformSpelling(
        types={
            "aws_s3_bucket": "AWS::S3::Bucket",
            "aws_s3_bucket_policy": "AWS::S3::BucketPolicy",
            "aws_s3_bucket_versioning": "aws_s3_bucket_versioning",
            "data.aws_s3_bucket": "AWS::S3::Bucket",
        },
        names={"bucket": "BucketName"},
        once=("versioning_configuration",),
        ids={"bucket": "{id}"},
        refers={"aws_s3_bucket_policy.bucket": ("aws_s3_bucket",), "aws_s3_bucket_versioning.bucket": ("aws_s3_bucket",)},
    )
    service: ClassVar[str] = "s3"
    named_by: ClassVar[str] = "BucketName"

    id: str = field(api="BucketId")
    bucket_name: str = ""
    versioning_configuration: Any = None
    bucket_encryption: Any = None

    @property
    def encryption_key(self) -> str:
        """Of the default encryption: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-encryption.html"""
        rules = (self.bucket_encryption or {}).get("ServerSideEncryptionConfiguration") or ()
        defaults = (rule.get("ServerSideEncryptionByDefault") or {} for rule in rules)
        return next((str(key) for default in defaults if (key := default.get("KMSMasterKeyID"))), "")

    @classmethod
    def cloudformation(cls, declaration: Declaration) -> Declared:
        if declaration.type == "AWS::S3::Bucket":
            yield cls.as_draft(declaration)
        else:
            fields = declaration.fields
            yield from policy_patches(cls, fields.get("Bucket"), fields.get("PolicyDocument"), declaration)

    @classmethod
    def terraform(cls, declaration: Declaration) -> Declared:
        """Sources: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/s3_bucket_policy,
        https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/s3_bucket_versioning
        """
        fields, bucket = declaration.fields, declaration.fields.get("BucketName", "")
        if declaration.type == "AWS::S3::BucketPolicy":
            yield policy_patch(bucket, "bucket", declaration)
        elif declaration.type == "aws_s3_bucket_versioning":
            status = {"Status": (fields.get("VersioningConfiguration") or {}).get("Status")}
            yield Patch(bucket, {"VersioningConfiguration": status}, declaration.origin, key="bucket")
        else:
            own = {name: value for name, value in fields.items() if name in ("BucketName", "Policy", "Tags")}
            yield from cls.cloudformation(declaration._replace(fields=own))

    @classmethod
    def native(cls, declaration: Declaration) -> Declared:
        for draft in super().native(declaration):
            assert isinstance(draft, Draft)
            versioning = draft.fields.get("VersioningConfiguration")
            if isinstance(versioning, bool):
                draft.fields["VersioningConfiguration"] = {"Status": "Enabled" if versioning else "Suspended"}
            if isinstance(key := draft.fields.get("BucketEncryption"), str):
                default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
                rules = [{"ServerSideEncryptionByDefault": default}]
                draft.fields["BucketEncryption"] = {"ServerSideEncryptionConfiguration": rules}
            yield draft

    @classmethod
    def arn_of(cls, name: str, region: str, account: str) -> str:
        return f"arn:{services.partition_of(region)}:s3:::{name}"

    @classmethod
    def generated_name(cls, id: str) -> str:
        return re.sub(r"[^a-z0-9]+", "-", id.lower()).strip("-")

    @classmethod
    def cloudformation_ref(cls, declaration: Declaration) -> str:
        return cls.spelled_name(declaration) if declaration.type == "AWS::S3::Bucket" else declaration.id

    @classmethod
    def cloudformation_attribute(cls, declaration: Declaration, attribute: str) -> Any:
        name, region = cls.spelled_name(declaration), declaration.region
        domain = services.dns_suffix(region)
        return {
            "Arn": cls.declared_arn(declaration),
            "DomainName": f"{name}.s3.{domain}",
            "RegionalDomainName": f"{name}.s3.{region}.{domain}",
            "DualStackDomainName": f"{name}.s3.dualstack.{region}.{domain}",
        }.get(attribute)

    def refusals(self, topology: "Topology") -> Iterable[Problem]:
        if not _NAME.fullmatch(self.bucket_name):
            rule = "3 to 63 lower-case letters, digits, dots and hyphens"
            yield refuse(f"{self.id}: `{self.bucket_name}` is not the name of a bucket: {rule}", "InvalidBucketName", self)

    def host(self, region: str) -> str:
        return f"{self.bucket_name}.{super().host(region)}"
