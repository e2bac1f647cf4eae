"""What an account has besides networks, as far as calls need it: roles, queues and the like, keys, its organization."""

from vpcsim.account.bucket import Bucket
from vpcsim.account.identity import Identity
from vpcsim.account.instance_profile import InstanceProfile
from vpcsim.account.key import Key
from vpcsim.account.managed_policy import ManagedPolicy
from vpcsim.account.organization import Organization, OrganizationAccount, OrganizationalUnit, OrganizationPolicy
from vpcsim.account.queue import Queue
from vpcsim.account.role import Role
from vpcsim.account.secret import Secret
from vpcsim.account.service_resource import ServiceResource
from vpcsim.account.ssm_parameter import SsmParameter
from vpcsim.account.table import Table
from vpcsim.account.task_definition import TaskDefinition
from vpcsim.account.topic import Topic
from vpcsim.account.user import Group, User

ACCOUNT = (
    Role,
    User,
    Group,
    ManagedPolicy,
    InstanceProfile,
    TaskDefinition,
    Queue,
    Topic,
    Bucket,
    Table,
    SsmParameter,
    Secret,
    Key,
    Organization,
    OrganizationalUnit,
    OrganizationAccount,
    OrganizationPolicy,
)

__all__ = [
    "ACCOUNT",
    "Bucket",
    "Group",
    "Identity",
    "InstanceProfile",
    "Key",
    "ManagedPolicy",
    "Organization",
    "OrganizationAccount",
    "OrganizationPolicy",
    "OrganizationalUnit",
    "Queue",
    "Role",
    "Secret",
    "ServiceResource",
    "SsmParameter",
    "Table",
    "TaskDefinition",
    "Topic",
    "User",
]
