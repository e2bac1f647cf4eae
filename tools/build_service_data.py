"""Write the data files of `vpcsim/services` from the sources that hold the facts.

    python tools/build_service_data.py --cdk FOLDER --ip-ranges FILE

FOLDER is an unpacked `aws-cdk-lib` package (`npm pack aws-cdk-lib@2`, Apache-2.0), read for the list of PrivateLink services.
FILE is AWS's own ip-ranges.json (https://docs.aws.amazon.com/vpc/latest/userguide/aws-ip-ranges.html).
Host names come from botocore's endpoint rules, zones and managed policies from moto, properties of CloudFormation
from cfn-lint. What those lack or have otherwise stands
in `vpcsim/services/exceptions.json`, with a source for each entry, and is laid over them here. Leave an option out to keep its
files.
"""

from __future__ import annotations

import argparse
import json
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from ipaddress import IPv4Network, IPv6Network, collapse_addresses, ip_network
from pathlib import Path
from typing import Any

from botocore import __version__ as botocore_version
from botocore.endpoint_provider import EndpointProvider
from botocore.exceptions import BotoCoreError
from botocore.loaders import create_loader

Network = IPv4Network | IPv6Network

SERVICES = Path(__file__).parent.parent / "vpcsim" / "services"
PARTITIONS = ("aws", "aws-cn", "aws-us-gov")
VARIANTS = ((False, False), (False, True), (True, False), (True, True))

# Rule sets that refuse to answer without a parameter of their own.
PARAMETERS: dict[str, list[dict[str, str]]] = {
    "acm": [{"ServiceType": "ACM"}],
    "neptune-graph": [{"ApiType": "ControlPlane"}, {"ApiType": "DataPlane"}],
}
POLICIES = (
    "AdministratorAccess",
    "AmazonDynamoDBFullAccess",
    "AmazonDynamoDBReadOnlyAccess",
    "AmazonEC2ContainerRegistryPullOnly",
    "AmazonEC2ContainerRegistryReadOnly",
    "AmazonEC2RoleforSSM",
    "AmazonECSTaskExecutionRolePolicy",
    "AmazonEKSClusterPolicy",
    "AmazonEKSWorkerNodePolicy",
    "AmazonEKS_CNI_Policy",
    "AmazonS3FullAccess",
    "AmazonS3ReadOnlyAccess",
    "AmazonSNSFullAccess",
    "AmazonSQSFullAccess",
    "AmazonSQSReadOnlyAccess",
    "AmazonSSMFullAccess",
    "AmazonSSMManagedInstanceCore",
    "AmazonSSMPatchAssociation",
    "AmazonSSMReadOnlyAccess",
    "AWSLambdaBasicExecutionRole",
    "AWSLambdaSQSQueueExecutionRole",
    "AWSLambdaVPCAccessExecutionRole",
    "CloudWatchAgentServerPolicy",
    "CloudWatchLogsFullAccess",
    "PowerUserAccess",
    "SecretsManagerReadWrite",
)
# The published services worth telling apart, the most telling first; AMAZON is everything.
RANGES = {4: ("S3", "DYNAMODB", "CLOUDFRONT", "GLOBALACCELERATOR", "EC2", "AMAZON"), 6: ("S3", "EC2", "AMAZON")}


def exceptions() -> dict[str, Any]:
    table: dict[str, Any] = json.loads((SERVICES / "exceptions.json").read_text())
    return table


@cache
def partitions() -> dict[str, dict[str, Any]]:
    data = create_loader().load_data("partitions")
    return {p["id"]: p for p in data["partitions"] if p["id"] in PARTITIONS}


def real_regions() -> dict[str, str]:
    """Region name -> partition, without the pseudo Regions such as `aws-global`."""
    return {r: pid for pid, p in partitions().items() for r in sorted(p["regions"]) if not r.endswith("-global")}


def dns_suffixes() -> list[str]:
    return sorted({p["outputs"]["dnsSuffix"] for p in partitions().values()})


# Host names


def resolved_hosts() -> Iterator[tuple[str, str, str]]:
    """(client, asked Region, host name) for every client, Region and variant that botocore's rules answer."""
    loader = create_loader()
    table = loader.load_data("partitions")
    asked = [r for p in partitions().values() for r in p["regions"]]
    for client in loader.list_available_services("endpoint-rule-set-1"):
        provider = EndpointProvider(loader.load_service_model(client, "endpoint-rule-set-1"), table)
        prefixes = host_prefixes(client)
        for region in asked:
            for url in resolve(provider, client, region):
                yield from ((client, region, prefix + url.partition("://")[2]) for prefix in prefixes)


def resolve(provider: EndpointProvider, client: str, region: str) -> Iterator[str]:
    for fips, dual in VARIANTS:
        for more in PARAMETERS.get(client, [{}]):
            try:
                yield provider.resolve_endpoint(Region=region, UseFIPS=fips, UseDualStack=dual, **more).url
            except BotoCoreError:
                continue


def host_prefixes(client: str) -> list[str]:
    """The fixed text that some operations put before the host name, and always the empty one."""
    model = create_loader().load_service_model(client, "service-2")
    found = {op.get("endpoint", {}).get("hostPrefix", "") for op in model["operations"].values()}
    return ["", *sorted(p for p in found if p and "{" not in p)]


def split_region(host: str, regions: dict[str, str]) -> tuple[str, str] | None:
    """`api.ecr.us-east-1.amazonaws.com` -> (`api.ecr`, `us-east-1`); None unless the rest is the partition's own suffix."""
    labels = host.split(".")
    for i, label in enumerate(labels):
        if i and label in regions and ".".join(labels[i + 1 :]) in suffixes(regions[label]):
            return ".".join(labels[:i]), label
    return None


def suffixes(partition: str) -> tuple[str, str]:
    outputs = partitions()[partition]["outputs"]
    return outputs["dnsSuffix"], outputs["dualStackDnsSuffix"]


def host_tables() -> dict[str, dict[str, Any]]:
    """The three tables of hosts.json: `label.REGION.suffix`, other shapes with a Region, and names without one."""
    regions = real_regions()
    labels: dict[str, set[str]] = defaultdict(set)
    patterns: dict[str, set[str]] = defaultdict(set)
    fixed: dict[str, set[str]] = defaultdict(set)
    homes: dict[str, str] = {}
    for client, asked, host in resolved_hosts():
        parts = split_region(host, regions)
        if asked.endswith("-global") and asked in host:
            continue
        if parts:
            labels[parts[0]].add(client)
        elif asked in host.split("."):
            patterns[".".join("{r}" if label == asked else label for label in host.split("."))].add(client)
        else:
            fixed[host].add(client)
            homes.setdefault(host, home_region(asked))
    return {
        "labels": {k: " ".join(sorted(v)) for k, v in labels.items()},
        "patterns": {k: [" ".join(sorted(v)), kind_of(k)] for k, v in patterns.items()},
        "fixed": {k: [" ".join(sorted(v)), homes[k], "global"] for k, v in fixed.items()},
    }


def home_region(asked: str) -> str:
    """The Region that signs for a name without a Region: the partition's own choice."""
    return next(str(p["outputs"]["implicitGlobalRegion"]) for p in partitions().values() if asked in p["regions"])


def kind_of(pattern: str) -> str:
    dual = pattern.endswith((".api.aws", ".on.aws"))
    return "-".join(["fips"] * ("-fips" in pattern) + ["dualstack"] * dual) or "regional"


def add_host_exceptions(tables: dict[str, dict[str, Any]]) -> None:
    tables["labels"] |= {entry["label"]: entry["client"] for entry in exceptions()["labels"]}
    for entry in exceptions()["hosts"]:
        for suffix in dns_suffixes():
            host = entry["host"].replace("{s}", suffix)
            add_host(tables, host, entry["client"], entry.get("region", "us-east-1"), entry["kind"])


def add_host(tables: dict[str, dict[str, Any]], host: str, client: str, region: str, kind: str) -> None:
    if "{r}" in host:
        tables["patterns"][host] = [client, kind]
    else:
        tables["fixed"][host] = [client, region, kind]


def add_private_hosts(tables: dict[str, dict[str, Any]], services: dict[str, dict[str, Any]]) -> None:
    """Names that an endpoint answers and no client calls belong to the PrivateLink service itself."""
    labels = tables["labels"]
    for short, entry in services.items():
        for name in entry.get("names", [reverse(short) + ".{r}.{s}"]):
            label, shape, rest = name.partition(".{r}.{")
            if shape and rest in ("s}", "d}"):
                if label not in labels and label.replace("-fips", "") not in labels:
                    labels[label] = short
            elif "{s}" not in name and name not in tables["patterns"] and name not in tables["fixed"]:
                add_host(tables, name, short, "us-east-1", "regional" if "{r}" in name else "global")


def without_derivable(labels: dict[str, str]) -> dict[str, str]:
    """FIPS labels that say no more than the label without `-fips`."""
    return {k: v for k, v in labels.items() if k.replace("-fips", "") == k or labels.get(k.replace("-fips", "")) != v}


# PrivateLink services


def reverse(short: str) -> str:
    return ".".join(reversed(short.split(".")))


def private_services(folder: Path, labels: dict[str, str]) -> dict[str, dict[str, Any]]:
    found = cdk_services(folder)
    more = exceptions()["more_services"]
    found = {name: {} for name in more["names"]} | {name: {"global": True} for name in more["global"]} | found
    for name, entry in exceptions()["privatelink"].items():
        found.setdefault(name, {}).update({k: v for k, v in entry.items() if k != "source"})
    dualstack_only = dualstack_labels()
    for name, entry in found.items():
        if "names" not in entry:
            entry.update(default_names(name, labels, dualstack_only))
    return dict(sorted(found.items()))


def cdk_services(folder: Path) -> dict[str, dict[str, Any]]:
    text = (folder / "aws-ec2/lib/vpc-endpoint.js").read_text()
    found: dict[str, dict[str, Any]] = {}
    for arguments in re.findall(r"new InterfaceVpcEndpointAwsService\((\"[^)]*)\)", text):
        name, prefix, port = re.findall(r'^"([^"]+)"(?:,"([^"]*)")?(?:,(?:void 0|(\d+)))?', arguments)[0]
        found[name] = {
            **({"prefix": prefix} if prefix not in ("", "com.amazonaws") else {}),
            **({"port": int(port)} if port else {}),
            **({"global": True} if "global:!0" in arguments else {}),
        }
    return found


def default_names(short: str, labels: dict[str, str], dualstack_only: set[str]) -> dict[str, Any]:
    """The name by the general rule, written down only where it is not simply the reversed short name."""
    reversed_name = reverse(short)
    moved = reversed_name.replace("-fips", "") + "-fips"
    label = next((c for c in (reversed_name, moved) if c in labels), reversed_name)
    entry: dict[str, Any] = {}
    if label.replace("-fips", "") in dualstack_only:
        entry["names"] = [label + ".{r}.{d}"]
    elif label != reversed_name:
        entry["names"] = [label + ".{r}.{s}"]
    if label not in labels and label.replace("-fips", "") not in labels:
        entry["assumed"] = True
    return entry


def dualstack_labels() -> set[str]:
    """Labels whose only names in the `aws` partition end in api.aws."""
    ends: dict[str, set[str]] = defaultdict(set)
    for _, _, host in resolved_hosts():
        if ".us-east-1." in host:
            label, _, suffix = host.partition(".us-east-1.")
            ends[label].add(suffix)
    return {label for label, found in ends.items() if found == {"api.aws"}}


def china_names(folder: Path) -> dict[str, list[str]]:
    """Region -> the services whose names begin with `cn.`."""
    text = (folder / "aws-ec2/lib/vpc-endpoint.js").read_text()
    lists = re.findall(r'"(cn-north-1|cn-northwest-1)":(\[[^\]]*\])', text)
    return {region: json.loads(names) for region, names in lists[:2]}


# Regions, policies, prefixes


def region_table() -> dict[str, Any]:
    from moto.ec2.models.availability_zones_and_regions import RegionsAndZonesBackend

    known = RegionsAndZonesBackend.zones
    return {
        region: {"partition": partition, "zones": {z.name: z.zone_id for z in known.get(region, [])} or usual_zones(region)}
        for region, partition in real_regions().items()
    }


def usual_zones(region: str) -> dict[str, str]:
    """Three zones, with ids by AWS's rule: `me-west-1` -> `mew1-az1`."""
    area, where, number = region.split("-")
    return {f"{region}{letter}": f"{area}{where[0]}{number}-az{i}" for i, letter in enumerate("abc", 1)}


def policy_table() -> dict[str, Any]:
    from moto.iam.aws_managed_policies import aws_managed_policies_data

    data = json.loads(aws_managed_policies_data)
    return {name: data[name]["Document"] for name in sorted(POLICIES)}


def client_table() -> dict[str, str]:
    """By the prefix of an action that is no client's name: the clients whose requests are signed for it."""
    loader, found = create_loader(), defaultdict(list)
    for client in loader.list_available_services("service-2"):
        metadata = loader.load_service_model(client, "service-2")["metadata"]
        found[metadata.get("signingName") or metadata["endpointPrefix"]].append(client)
    return {prefix: " ".join(clients) for prefix, clients in sorted(found.items()) if clients != [prefix]}


def published(data: dict[str, Any]) -> dict[tuple[int, str, str], list[Network]]:
    """The networks by (family, service, Region), adjacent ones merged."""
    found: dict[tuple[int, str, str], list[Network]] = defaultdict(list)
    for row in data["prefixes"] + data["ipv6_prefixes"]:
        network = ip_network(row.get("ip_prefix") or row["ipv6_prefix"])
        found[network.version, row["service"], row["region"]].append(network)
    return {key: list(collapse_addresses(networks)) for key, networks in found.items()}  # type: ignore[type-var]


def range_table(networks: dict[tuple[int, str, str], list[Network]]) -> dict[str, dict[str, str]]:
    """Service -> Region -> its networks in one line."""
    table: dict[str, dict[str, str]] = defaultdict(dict)
    for family, services in RANGES.items():
        for service in services:
            for key in sorted(k for k in networks if k[:2] == (family, service)):
                earlier = table[service].get(key[2], "")
                table[service][key[2]] = " ".join([*earlier.split(), *map(str, networks[key])])
    return {service: dict(sorted(table[service].items())) for service in RANGES[4]}


def prefix_table(networks: dict[tuple[int, str, str], list[Network]]) -> dict[str, Any]:
    table: dict[str, Any] = {}
    for region in real_regions():
        table[region] = {
            **{service: list_entry(service, region, networks) for service in ("s3", "dynamodb")},
            "other": general(4, region, networks),
            "other6": general(6, region, networks),
            "s3_6": [str(n) for n in networks.get((6, "S3", region), [])[:4]],
        }
    return table


def list_entry(service: str, region: str, networks: dict[tuple[int, str, str], list[Network]]) -> dict[str, Any]:
    ids = exceptions()["prefix_lists"][service]
    cidrs = [str(n) for n in networks.get((4, service.upper(), region), [])]
    if region in ids["ids"]:
        return {"id": ids["ids"][region], "cidrs": cidrs}
    reported = {"id": ids["reported"][region]} if region in ids["reported"] else {}
    return {**reported, "assumed": True, "cidrs": cidrs}


def general(family: int, region: str, networks: dict[tuple[int, str, str], list[Network]]) -> list[str]:
    """The Region's largest ranges that no single service is published for: where the other services' names may point."""
    special = [n for (f, service, r), found in networks.items() if f == family and service != "AMAZON" for n in found]
    plain = [n for n in networks.get((family, "AMAZON", region), []) if n.prefixlen <= (24 if family == 4 else 48)]
    free = [n for n in plain if not any(n.overlaps(s) for s in special)]
    return [str(n) for n in sorted(free, key=lambda n: (n.prefixlen, n))[:4]]


# Files


def write(name: str, data: dict[str, Any]) -> None:
    """One entry of each table a line, so that a new version is a readable diff."""
    lines = [f"{json.dumps(key)}:{table(value)}" for key, value in data.items()]
    (SERVICES / name).write_text("{" + ",\n".join(lines) + "}\n")


def table(value: Any) -> str:
    if not isinstance(value, dict):
        return json.dumps(value)
    return "{\n" + ",\n".join(f" {json.dumps(k)}:{json.dumps(v, separators=(',', ':'))}" for k, v in value.items()) + "}"


def write_names(folder: Path) -> None:
    tables = host_tables()
    services = private_services(folder, tables["labels"])
    add_host_exceptions(tables)
    add_private_hosts(tables, services)
    tables["labels"] = without_derivable(tables["labels"])
    sorted_tables = {name: dict(sorted(found.items())) for name, found in tables.items()}
    cdk = json.loads((folder / "package.json").read_text())["version"]
    write("hosts.json", {"source": f"botocore {botocore_version} endpoint rules; exceptions.json", **sorted_tables})
    source = f"aws-cdk-lib {cdk} (Apache-2.0); exceptions.json"
    write("privatelink.json", {"source": source, "services": services, "china": china_names(folder)})


def write_places() -> None:
    from moto import __version__ as moto_version

    write("regions.json", {"source": f"botocore {botocore_version}; moto {moto_version}", "regions": region_table()})
    write("clients.json", {"source": f"botocore {botocore_version} signing names", "clients": client_table()})
    write("managed_policies.json", {"source": f"moto {moto_version}", "policies": policy_table()})


def write_properties() -> None:
    """What AWS's schemas say that the types of CloudFormation have which the model takes."""
    from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER as SCHEMAS
    from cfnlint.version import __version__ as cfnlint_version

    from vpcsim.shapes import SHAPES

    types = sorted({type for shape in SHAPES for type in shape.cloudformation_types})
    properties = {type: sorted(SCHEMAS.get_resource_schema("us-east-1", type).schema["properties"]) for type in types}
    write("properties.json", {"source": f"cfn-lint {cfnlint_version}: AWS's schemas", "types": properties})


def write_prefixes(file: Path) -> None:
    data = json.loads(file.read_text())
    networks = published(data)
    head = {"as_of": data["createDate"][:10], "source": data.get("source", "https://ip-ranges.amazonaws.com/ip-ranges.json")}
    write("prefixes.json", {**head, "ids": "exceptions.json", "regions": prefix_table(networks)})
    write("ranges.json", {**head, **range_table(networks)})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cdk", type=Path)
    parser.add_argument("--ip-ranges", type=Path)
    options = parser.parse_args()
    write_places()
    write_properties()
    if options.cdk:
        write_names(options.cdk)
    if options.ip_ranges:
        write_prefixes(options.ip_ranges)


if __name__ == "__main__":
    main()
