"""What an account has besides networks, as far as calls need it: roles, instance profiles, queues, buckets and so on."""

from vpcsim.account.bucket import Bucket
from vpcsim.account.instance_profile import InstanceProfile
from vpcsim.account.queue import Queue
from vpcsim.account.role import Role
from vpcsim.account.secret import Secret
from vpcsim.account.service_resource import ServiceResource
from vpcsim.account.ssm_parameter import SsmParameter
from vpcsim.account.table import Table
from vpcsim.account.topic import Topic

ACCOUNT = (Role, InstanceProfile, Queue, Topic, Bucket, Table, SsmParameter, Secret)

__all__ = [
    "ACCOUNT",
    "Bucket",
    "InstanceProfile",
    "Queue",
    "Role",
    "Secret",
    "ServiceResource",
    "SsmParameter",
    "Table",
    "Topic",
]
