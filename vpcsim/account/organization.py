"""An organization: its units and accounts, and the policies that limit what its accounts may do.

A service control policy limits the principals of an account, a resource control policy its resources, by what is attached
to the root, to every unit above the account, and to the account. AWS attaches FullAWSAccess to each of them, and it stays
there unless `ReplacesFullAccess` says that it was detached. The management account is not limited.

Sources, in https://docs.aws.amazon.com/:
    organizations/latest/userguide/orgs_manage_policies_scps.html
    organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html
    organizations/latest/userguide/orgs_manage_policies_rcps.html
    AWSCloudFormation/latest/UserGuide/aws-resource-organizations-policy.html
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from vpcsim.errors import InputError, Problem
from vpcsim.resource import Declaration, Declared, Draft, Resource, as_list
from vpcsim.shape import field

if TYPE_CHECKING:
    from vpcsim.network import Index
    from vpcsim.topology import Topology

SERVICE_CONTROL, RESOURCE_CONTROL = "SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"
_TYPES = {"scp": SERVICE_CONTROL, "rcp": RESOURCE_CONTROL}
ROOT, ACCOUNT = "root", "account"
"""Words of the native format for what a policy is attached to: the root, and the account of the model."""


class _Unplaced(Resource):
    def register(self, index: "Index") -> None:
        """Not a place of the packet's way."""


class Organization(_Unplaced):
    """The organization of the model's account. Its id is the value of aws:PrincipalOrgID."""

    kind: ClassVar[str] = "organization"
    section: ClassVar[str] = "Organizations"
    cloudformation_types: ClassVar[tuple[str, ...]] = ("AWS::Organizations::Organization",)
    native_names: ClassVar[Mapping[str, str]] = {"root": "RootId", "management_account": "ManagementAccountId"}

    id: str = field(api="OrganizationId")
    root_id: str = "r-root"
    management_account_id: str = ""

    @classmethod
    def cloudformation(cls, declaration: Declaration) -> Declared:
        """The account that makes an organization is its management account."""
        yield Draft(cls, declaration.id, {"ManagementAccountId": declaration.account}, declaration.origin)

    @classmethod
    def cloudformation_attribute(cls, declaration: Declaration, attribute: str) -> Any:
        return {"RootId": "r-root", "Id": declaration.id, "ManagementAccountId": declaration.account}.get(attribute)


class OrganizationalUnit(_Unplaced):
    """A unit, below the root or another one."""

    kind: ClassVar[str] = "organizational_unit"
    section: ClassVar[str] = "OrganizationalUnits"
    cloudformation_types: ClassVar[tuple[str, ...]] = ("AWS::Organizations::OrganizationalUnit",)
    native_names: ClassVar[Mapping[str, str]] = {"parent": "ParentId"}
    native_scalar: ClassVar[str] = "ParentId"

    id: str = field(api="OrganizationalUnitId")
    parent_id: str = ROOT


class OrganizationAccount(_Unplaced):
    """The place of an account, whose id is its number, below the root or in a unit."""

    kind: ClassVar[str] = "organization_account"
    section: ClassVar[str] = "OrganizationAccounts"
    native_names: ClassVar[Mapping[str, str]] = {"parent": "ParentId"}
    native_scalar: ClassVar[str] = "ParentId"

    id: str = field(api="AccountId")
    parent_id: str = ROOT


class OrganizationPolicy(_Unplaced):
    """A policy, and what it is attached to: the root, units, accounts by number; natively also `root` and `account`."""

    kind: ClassVar[str] = "organization_policy"
    section: ClassVar[str] = "OrganizationPolicies"
    native_section: ClassVar[str] = "organization_policies"
    cloudformation_types: ClassVar[tuple[str, ...]] = ("AWS::Organizations::Policy",)
    native_names: ClassVar[Mapping[str, str]] = {
        "type": "Type",
        "content": "Content",
        "targets": "TargetIds",
        "replaces_full_access": "ReplacesFullAccess",
    }

    id: str = field(api="PolicyId")
    type: str = field(default=SERVICE_CONTROL)
    content: Any
    target_ids: tuple[str, ...] = ()
    replaces_full_access: bool = False

    @classmethod
    def native(cls, declaration: Declaration) -> Declared:
        fields = dict(declaration.fields)
        if "TargetIds" in fields:
            fields["TargetIds"] = as_list(fields["TargetIds"])
        if "Type" in fields:
            fields["Type"] = _TYPES.get(str(fields["Type"]).lower(), fields["Type"])
            if not str(fields["Type"]).endswith("_POLICY"):
                known = ", ".join(_TYPES)
                raise InputError(
                    Problem(f"{declaration.id}: `{fields['Type']}` is not a type of policy: {known}", declaration.origin)
                )
        yield Draft(cls, declaration.id, fields, declaration.origin)


class Level(NamedTuple):
    """What is attached to the root, to one unit, or to the account."""

    name: str
    policies: tuple[OrganizationPolicy, ...]

    @property
    def full_access(self) -> bool:
        """Whether FullAWSAccess is attached as well."""
        return not any(policy.replaces_full_access for policy in self.policies)


def levels(topology: "Topology", type: str, account: str) -> tuple[Level, ...]:
    """The levels above an account and its own, each with its policies; none if nothing is known to limit the account."""
    attached = _limiting(topology, type, account)
    if not attached or not _is_member(topology, account):
        return ()
    chain = [ROOT, *reversed([*_units_above(topology, account)]), account]
    return tuple(Level(name, tuple(p for p in attached if name in _levels_of(topology, p))) for name in chain)


def unclear(topology: "Topology", type: str, account: str) -> tuple[OrganizationPolicy, ...]:
    """The policies of which the model does not say whether they limit an account that it gives no place: those of units, and
    those of the root if it does not even tell that the account is in the organization."""
    if _is_placed(topology, account):
        return ()
    certain = {ROOT} if _is_member(topology, account) else set()
    attached = _limiting(topology, type, account)
    return tuple(p for p in attached if any(id not in certain and not id.isdigit() for id in _levels_of(topology, p)))


def _limiting(topology: "Topology", type: str, account: str) -> list[OrganizationPolicy]:
    """The policies of a type, unless they do not limit the account because it is the management account."""
    managed = any(organization.management_account_id == account for organization in topology.of(Organization))
    return [] if managed else [policy for policy in topology.of(OrganizationPolicy) if policy.type == type]


def _is_placed(topology: "Topology", account: str) -> bool:
    return topology.get(OrganizationAccount, account) is not None


def _is_member(topology: "Topology", account: str) -> bool:
    """Whether the model tells that an account is in the organization: its own is, and one that has a place or a policy."""
    named = {id for policy in topology.of(OrganizationPolicy) for id in policy.target_ids}
    return account == topology.settings.account or account in named or _is_placed(topology, account)


def _levels_of(topology: "Topology", policy: OrganizationPolicy) -> set[str]:
    """What a policy is attached to: the root under its word, units by id and accounts by number."""
    words = {ACCOUNT: topology.settings.account}
    words |= {id: ROOT for organization in topology.of(Organization) for id in (organization.id, organization.root_id)}
    return {ROOT if id.startswith("r-") else words.get(id, id) for id in policy.target_ids}


def path_of(topology: "Topology", account: str) -> tuple[str, str]:
    """The id of an account's organization, and the path of the account in it: each empty if the model does not hold it."""
    organization = next(iter(topology.of(Organization)), None)
    if organization is None or not _is_member(topology, account):
        return "", ""
    units = reversed([*_units_above(topology, account)])
    path = "/".join([organization.id, organization.root_id, *units, ""])
    return organization.id, path if _is_placed(topology, account) else ""


def _units_above(topology: "Topology", account: str) -> Iterator[str]:
    """From the account upwards."""
    place = topology.get(OrganizationAccount, account)
    seen: set[str] = set()
    unit = topology.get(OrganizationalUnit, place.parent_id) if place else None
    while unit is not None and unit.id not in seen:
        seen.add(unit.id)
        yield unit.id
        unit = topology.get(OrganizationalUnit, unit.parent_id)
