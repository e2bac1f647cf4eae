"""What an account has besides networks, as far as calls need it: roles and what they hold, queues, keys, its organization."""

from vpcsim.account.instance_profile import InstanceProfile
from vpcsim.account.key import Key
from vpcsim.account.managed_policy import ManagedPolicy
from vpcsim.account.organization import Organization, OrganizationAccount, OrganizationalUnit, OrganizationPolicy
from vpcsim.account.queue import Queue
from vpcsim.account.role import Role
from vpcsim.account.task_definition import TaskDefinition

ACCOUNT = (
    Role,
    ManagedPolicy,
    InstanceProfile,
    TaskDefinition,
    Queue,
    Key,
    Organization,
    OrganizationalUnit,
    OrganizationAccount,
    OrganizationPolicy,
)

__all__ = [
    "ACCOUNT",
    "InstanceProfile",
    "Key",
    "ManagedPolicy",
    "Organization",
    "OrganizationAccount",
    "OrganizationPolicy",
    "OrganizationalUnit",
    "Queue",
    "Role",
    "TaskDefinition",
]
