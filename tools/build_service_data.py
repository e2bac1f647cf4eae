"""Write the data files of `vpcsim/services` from the sources that hold the facts.

    python tools/build_service_data.py CDK_FOLDER [PART ...]

CDK_FOLDER is an unpacked `aws-cdk-lib` package (`npm pack aws-cdk-lib@2`, Apache-2.0), read for the list of PrivateLink service names.
Host names come from botocore's endpoint rules, zones and managed policies from moto. What those sources lack or have wrong stands in
`vpcsim/services/exceptions.json`, one source note per entry, and is laid over them here.
"""

from __future__ import annotations

import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from botocore import __version__ as botocore_version
from botocore.endpoint_provider import EndpointProvider
from botocore.exceptions import BotoCoreError
from botocore.loaders import create_loader

SERVICES = Path(__file__).parent.parent / "vpcsim" / "services"
PARTITIONS = ("aws", "aws-cn", "aws-us-gov")
VARIANTS = ((False, False), (False, True), (True, False), (True, True))

# Rule sets that refuse to answer without a parameter of their own.
PARAMETERS: dict[str, list[dict[str, str]]] = {
    "acm": [{"ServiceType": "ACM"}],
    "neptune-graph": [{"ApiType": "ControlPlane"}, {"ApiType": "DataPlane"}],
}


def partitions() -> dict[str, dict[str, Any]]:
    data = create_loader().load_data("partitions")
    return {p["id"]: p for p in data["partitions"] if p["id"] in PARTITIONS}


def real_regions() -> dict[str, str]:
    """Region name -> partition, without the pseudo Regions such as `aws-global`."""
    return {r: pid for pid, p in partitions().items() for r in sorted(p["regions"]) if not r.endswith("-global")}


def resolved_hosts() -> Iterator[tuple[str, str, str]]:
    """(client, asked Region, host name) for every client, Region and variant that botocore's rules answer."""
    loader = create_loader()
    table = loader.load_data("partitions")
    asked = [r for p in partitions().values() for r in p["regions"]]
    for client in loader.list_available_services("endpoint-rule-set-1"):
        provider = EndpointProvider(loader.load_service_model(client, "endpoint-rule-set-1"), table)
        prefixes = host_prefixes(client)
        for region in asked:
            for fips, dual in VARIANTS:
                for more in PARAMETERS.get(client, [{}]):
                    try:
                        url = provider.resolve_endpoint(Region=region, UseFIPS=fips, UseDualStack=dual, **more).url
                    except BotoCoreError:
                        continue
                    host = url.removeprefix("https://").removeprefix("http://")
                    yield from ((client, region, prefix + host) for prefix in prefixes)


def host_prefixes(client: str) -> list[str]:
    """The fixed text that some operations put before the host name, and always the empty one."""
    model = create_loader().load_service_model(client, "service-2")
    found = {op.get("endpoint", {}).get("hostPrefix", "") for op in model["operations"].values()}
    return ["", *sorted(p for p in found if p and "{" not in p)]


def split_region(host: str, regions: dict[str, str]) -> tuple[str, str, str] | None:
    """`api.ecr.us-east-1.amazonaws.com` -> (`api.ecr`, `us-east-1`, `amazonaws.com`)."""
    labels = host.split(".")
    for i, label in enumerate(labels):
        if i and label in regions:
            return ".".join(labels[:i]), label, ".".join(labels[i + 1 :])
    return None


def host_tables() -> dict[str, Any]:
    regions = real_regions()
    suffixes = {s for p in partitions().values() for s in (p["outputs"]["dnsSuffix"], p["outputs"]["dualStackDnsSuffix"])}
    labels: dict[str, set[str]] = defaultdict(set)
    patterns: dict[str, set[str]] = defaultdict(set)
    fixed: dict[str, set[str]] = defaultdict(set)
    homes: dict[str, str] = {}
    for client, asked, host in resolved_hosts():
        if asked.endswith("-global") and asked in host:
            continue
        parts = split_region(host, regions)
        if parts and parts[2] in suffixes:
            labels[parts[0]].add(client)
        elif re.search(rf"(^|\.){asked}\.", host):
            patterns[re.sub(rf"(^|\.){asked}\.", r"\1{r}.", host)].add(client)
        else:
            fixed[host].add(client)
            homes.setdefault(host, home_region(asked))
    tables: dict[str, dict[str, Any]] = {
        "labels": {k: " ".join(sorted(v)) for k, v in labels.items() if not derivable(k, labels)},
        "patterns": {k: [" ".join(sorted(v)), kind_of(k)] for k, v in patterns.items()},
        "fixed": {k: [" ".join(sorted(v)), homes[k], "global"] for k, v in fixed.items()},
    }
    add_host_exceptions(tables)
    return {name: dict(sorted(table.items())) for name, table in tables.items()}


def kind_of(pattern: str) -> str:
    dual = pattern.endswith((".api.aws", ".on.aws"))
    return "-".join(["fips"] * ("-fips" in pattern) + ["dualstack"] * dual) or "regional"


def add_host_exceptions(tables: dict[str, dict[str, Any]]) -> None:
    for entry in exceptions()["labels"]:
        tables["labels"][entry["label"]] = entry["client"]
    for entry in exceptions()["hosts"]:
        for suffix in sorted({p["outputs"]["dnsSuffix"] for p in partitions().values()}):
            host = entry["host"].replace("{s}", suffix)
            if "{r}" in host:
                tables["patterns"][host] = [entry["client"], entry["kind"]]
            else:
                tables["fixed"][host] = [entry["client"], entry["region"], entry["kind"]]


def exceptions() -> dict[str, Any]:
    table: dict[str, Any] = json.loads((SERVICES / "exceptions.json").read_text())
    return table


def derivable(label: str, labels: dict[str, set[str]]) -> bool:
    base = label.replace("-fips", "")
    return base != label and labels.get(base) == labels[label]


def home_region(asked: str) -> str:
    """The Region that signs a name without a Region: the partition's own choice."""
    for partition in partitions().values():
        if asked in partition["regions"]:
            return str(partition["outputs"]["implicitGlobalRegion"])
    raise ValueError(asked)


def cdk_services(folder: Path) -> dict[str, dict[str, Any]]:
    text = (folder / "aws-ec2/lib/vpc-endpoint.js").read_text()
    found: dict[str, dict[str, Any]] = {}
    for arguments in re.findall(r"new InterfaceVpcEndpointAwsService\((\"[^)]*)\)", text):
        name, prefix, port = (re.findall(r'^"([^"]+)"(?:,"([^"]*)")?(?:,(?:void 0|(\d+)))?', arguments)[0])
        entry: dict[str, Any] = {}
        if prefix and prefix != "com.amazonaws":
            entry["prefix"] = prefix
        if port:
            entry["port"] = int(port)
        if "global:!0" in arguments:
            entry["global"] = True
        found[name] = entry
    found["dynamodb"] = {}
    for name, more in exceptions()["privatelink"].items():
        found.setdefault(name, {}).update({k: v for k, v in more.items() if k != "source"})
    return found


def china_names(folder: Path) -> dict[str, list[str]]:
    text = (folder / "aws-ec2/lib/vpc-endpoint.js").read_text()
    lists = re.findall(r'"(cn-north-1|cn-northwest-1)":(\[[^\]]*\])', text)
    return {region: json.loads(names) for region, names in lists[:2]}


def region_table() -> dict[str, Any]:
    from moto.ec2.models.availability_zones_and_regions import RegionsAndZonesBackend

    zones = RegionsAndZonesBackend.zones
    return {
        region: {"partition": partition, "zones": {z.name: z.zone_id for z in zones.get(region, [])}}
        for region, partition in real_regions().items()
    }


POLICIES = """AdministratorAccess AmazonDynamoDBFullAccess AmazonDynamoDBReadOnlyAccess AmazonEC2ContainerRegistryPullOnly
AmazonEC2ContainerRegistryReadOnly AmazonEC2RoleforSSM AmazonECSTaskExecutionRolePolicy AmazonEKSClusterPolicy AmazonEKSWorkerNodePolicy
AmazonEKS_CNI_Policy AmazonS3FullAccess AmazonS3ReadOnlyAccess AmazonSNSFullAccess AmazonSQSFullAccess AmazonSQSReadOnlyAccess
AmazonSSMFullAccess AmazonSSMManagedInstanceCore AmazonSSMPatchAssociation AmazonSSMReadOnlyAccess AWSLambdaBasicExecutionRole
AWSLambdaSQSQueueExecutionRole AWSLambdaVPCAccessExecutionRole CloudWatchAgentServerPolicy CloudWatchLogsFullAccess PowerUserAccess
SecretsManagerReadWrite""".split()


def policy_table() -> dict[str, Any]:
    from moto.iam.aws_managed_policies import aws_managed_policies_data

    data = json.loads(aws_managed_policies_data)
    return {name: data[name]["Document"] for name in sorted(POLICIES)}


def write(name: str, data: Any) -> None:
    (SERVICES / name).write_text(json.dumps(data, indent=0, sort_keys=False, separators=(",", ":")) + "\n")


def main() -> None:
    folder = Path(sys.argv[1])
    write("hosts.json", {"source": f"botocore {botocore_version} endpoint rule sets", **host_tables()})
    write("privatelink.json", {"services": cdk_services(folder), "china": china_names(folder)})
    write("regions.json", {"regions": region_table()})
    write("managed_policies.json", {"policies": policy_table()})


if __name__ == "__main__":
    main()
