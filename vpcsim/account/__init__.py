"""What an account has besides networks, as far as calls need it: roles, instance profiles, queues."""

from vpcsim.account.instance_profile import InstanceProfile
from vpcsim.account.queue import Queue
from vpcsim.account.role import Role

ACCOUNT = (Role, InstanceProfile, Queue)

__all__ = [
    "ACCOUNT",
    "InstanceProfile",
    "Queue",
    "Role",
]
