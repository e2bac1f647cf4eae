"""Route 53's documented rules, one row each: records, wildcards, policies, aliases, delegation, refusals."""

from __future__ import annotations

from collections import Counter

import pytest
from answers import R53, R53_API, NameRow, asked, check
from networks import Refusal, changed, names, refused

from vpcsim.services import geography, regions

PRIVATE = f"{R53}hosted-zone-private-considerations.html"
NAME = f"{R53}DomainNameFormat.html"
TYPES = f"{R53}ResourceRecordTypes.html"
SOA = f"{R53}SOA-NSrecords.html"
ALIAS = f"{R53}resource-record-sets-choosing-alias-non-alias.html"
HEALTH = f"{R53}health-checks-how-route-53-chooses-records.html"
WEIGHTED = f"{R53}routing-policy-weighted.html"
FAILOVER = f"{R53}dns-failover-private-hosted-zones.html"
MULTIVALUE = f"{R53}routing-policy-multivalue.html"
LATENCY = f"{R53}routing-policy-latency-phz.html"
GEO = f"{R53}routing-policy-geo-phz.html"
GEO_RULES = f"{R53}routing-policy-geo.html"
PROXIMITY = f"{R53}routing-policy-geoproximity.html"
DELEGATION = f"{R53}outbound-delegation-tutorial.html"
SUBDOMAINS = f"{R53}dns-routing-traffic-for-subdomains.html"
ATTRIBUTES = "https://docs.aws.amazon.com/vpc/latest/userguide/AmazonDNS-concepts.html"
SETS = f"{R53_API}API_ResourceRecordSet.html"
TARGET = f"{R53_API}API_AliasTarget.html"
CHANGES = f"{R53_API}API_ChangeResourceRecordSets.html"
LIMITS = f"{R53}DNSLimitations.html"
CREATE = f"{R53_API}API_CreateHostedZone.html"

BASE = """
vpcs:
  myVPC: {cidr: 10.0.0.0/16, dns_hostnames: true}
  otherVPC: {cidr: 10.1.0.0/16, dns_hostnames: true}
subnets:
  mySubnet: {vpc: myVPC, cidr: 10.0.0.0/24}
  otherSubnet: {vpc: otherVPC, cidr: 10.1.0.0/24}
instances:
  app: {subnet: mySubnet, ip: 10.0.0.10}
  other: {subnet: otherSubnet, ip: 10.1.0.10}
endpoints:
  sqs: {vpc: myVPC, service: sqs, subnets: mySubnet, private_dns: false}
health: {up: healthy, down: unhealthy}
hosted_zones:
  zone:
    domain: corp.example
    vpcs: myVPC
    records: {db: 10.0.0.20}
"""


def records(text: str, seed: int = 0) -> str:
    """Records of the zone, as changes."""
    return f"hosted_zones: {{zone: {{seed: {seed}, records: {{{text}}}}}}}"


def policy(*sets: str) -> str:
    """Record sets of the name `x`, as changes; each adds words to an address that counts up from 10.0.9.1."""
    return records("x: [" + ", ".join(f"{{value: 10.0.9.{n}, {words}}}" for n, words in enumerate(sets, 1)) + "]")


VALUES = [
    ("A", "10.0.0.1"),
    ("AAAA", "2001:db8::1"),
    ("CAA", '0 issue "ca.example.com"'),
    ("DS", "12345 3 1 49FD46E6C4B45C55D4AC"),
    ("HTTPS", "1 web.corp.example alpn=h3,h2"),
    ("MX", "10 mail.corp.example"),
    ("NAPTR", '100 50 "u" "E2U+sip" "!^(.*)$!sip:\\\\1@example.com!" .'),
    ("PTR", "host.corp.example"),
    ("SPF", '"v=spf1 -all"'),
    ("SRV", "10 5 5060 sip.corp.example"),
    ("SSHFP", "1 1 09F6A01D2175742B257C6B98B7C72C44C4040683"),
    ("SVCB", "0 web.corp.example"),
    ("TLSA", "3 1 1 d2abde240d7cd3ee6b4b28c54df034b97983a1d16e8a410e4561cb106618e971"),
    ("TXT", '"one" "two"'),
]


@pytest.mark.parametrize(("type", "value"), VALUES, ids=[type for type, _ in VALUES])
def test_a_record_of_every_type(type: str, value: str) -> None:
    quoted = value.replace("'", "''")
    found = asked(BASE, records(f"x: {{type: {type}, values: ['{quoted}'], ttl: 60}}"), f"app x.corp.example {type}")
    assert [(r.name, r.type, r.ttl, r.data) for r in found.records] == [("x.corp.example", type, 60, value)], TYPES


BAD_VALUES = [
    ("A", "10.0.0.256"),
    ("A", "2001:db8::1"),
    ("A", "010.0.0.1"),
    ("AAAA", "10.0.0.1"),
    ("AAAA", "fe80::1%eth0"),
    ("CAA", "0 issue ca.example.com"),
    ("CNAME", "two words"),
    ("CNAME", "a..b"),
    ("CNAME", f"{'x' * 64}.example.com"),
    ("DS", "70000 3 1 49FD"),
    ("HTTPS", "1"),
    ("MX", "mail.corp.example"),
    ("MX", "70000 mail.corp.example"),
    ("NAPTR", "100 50 u sip x ."),
    ("SRV", "10 5 sip.corp.example"),
    ("SSHFP", "9 1 09F6"),
    ("SVCB", "0 web.corp.example what=ever"),
    ("TLSA", "3 1 9 d2ab"),
]


@pytest.mark.parametrize(("type", "value"), BAD_VALUES, ids=[f"{type} {value[:20]}" for type, value in BAD_VALUES])
def test_a_value_that_is_none(type: str, value: str) -> None:
    row = Refusal("value", TYPES, records(f"x: {{type: {type}, values: ['{value}']}}"), "InvalidChangeBatch", "zone")
    refused(BASE, row)


NAMES = [
    NameRow("a record", PRIVATE, "", "app db.corp.example", "10.0.0.20", "zone"),
    NameRow("the other vpc sees public dns", PRIVATE, "", "other db.corp.example", "NXDOMAIN", "public DNS"),
    NameRow(
        "several vpcs see one zone",
        PRIVATE,
        "hosted_zones: {zone: {vpcs: [myVPC, otherVPC]}}",
        "other db.corp.example",
        "10.0.0.20",
    ),
    NameRow("a name that the zone lacks never falls through", PRIVATE, "", "app www.corp.example", "NXDOMAIN", "zone"),
    NameRow("a type that the name lacks", SOA, "", "app db.corp.example AAAA", "NODATA", "zone"),
    NameRow("a name between two names", f"{SOA} RFC 8020", records("a.b: 10.0.0.1"), "app b.corp.example", "NODATA", "zone"),
    NameRow("nothing below a leaf", "RFC 8020", "", "app x.db.corp.example", "NXDOMAIN", "zone"),
    NameRow("the zone's own name", SOA, "", "app corp.example", "NODATA", "zone"),
    NameRow(
        "the zone's own SOA",
        SOA,
        "",
        "app corp.example SOA",
        "ns-1536.awsdns-00.co.uk. awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400",
    ),
    NameRow(
        "the zone's own servers",
        SOA,
        "",
        "app corp.example NS",
        "ns-1536.awsdns-00.co.uk. ns-0.awsdns-00.com. ns-1024.awsdns-00.org. ns-512.awsdns-00.net.",
    ),
    NameRow("a wildcard", NAME, records('"*.dev": 10.0.0.1'), "app x.dev.corp.example", "10.0.0.1"),
    NameRow("at every depth", NAME, records('"*.dev": 10.0.0.1'), "app a.b.dev.corp.example", "10.0.0.1"),
    NameRow("not at the name above it", NAME, records('"*.dev": 10.0.0.1'), "app dev.corp.example", "NODATA"),
    NameRow("another type of a wildcard", NAME, records('"*.dev": 10.0.0.1'), "app x.dev.corp.example TXT", "NODATA"),
    NameRow("a name beats a wildcard", NAME, records('"*": 10.0.0.1, db: 10.0.0.2'), "app db.corp.example", "10.0.0.2"),
    NameRow("whatever its type", "RFC 4592", records('"*": 10.0.0.1, t: {type: TXT, values: a}'), "app t.corp.example", "NODATA"),
    NameRow(
        "and hides it below", "RFC 4592", records('"*": 10.0.0.1, t: {type: TXT, values: a}'), "app a.t.corp.example", "NXDOMAIN"
    ),
    NameRow("an asterisk inside is a letter", NAME, records('"a.*": 10.0.0.1'), "app a.b.corp.example", "NXDOMAIN"),
    NameRow(
        "a CNAME", TYPES, records("x: CNAME db.corp.example, db: 10.0.0.3"), "app x.corp.example", "db.corp.example 10.0.0.3"
    ),
    NameRow("asked for itself", TYPES, records("x: CNAME db.corp.example"), "app x.corp.example CNAME", "db.corp.example"),
    NameRow("to nothing", "RFC 6604", records("x: CNAME no.corp.example"), "app x.corp.example", "no.corp.example NXDOMAIN"),
    NameRow(
        "in a circle",
        "RFC 1034",
        records("x: CNAME y.corp.example, y: CNAME x.corp.example"),
        "app x.corp.example",
        "y.corp.example x.corp.example SERVFAIL",
    ),
    NameRow(
        "a wildcard CNAME",
        NAME,
        records('"*": CNAME db.corp.example, db: 10.0.0.3'),
        "app q.corp.example",
        "db.corp.example 10.0.0.3",
    ),
    NameRow(
        "out to public dns",
        PRIVATE,
        records("x: CNAME www.example.com"),
        "app x.corp.example",
        "www.example.com 198.51.100.10",
        "public DNS",
    ),
    NameRow(
        "the most specific zone",
        PRIVATE,
        "hosted_zones: {sub: {domain: a.corp.example, vpcs: myVPC, records: {db: 10.0.0.7}}}",
        "app db.a.corp.example",
        "10.0.0.7",
        "sub",
    ),
    NameRow(
        "and only that one",
        PRIVATE,
        "hosted_zones: {zone: {records: {x.a: 10.0.0.8}}, sub: {domain: a.corp.example, vpcs: myVPC}}",
        "app x.a.corp.example",
        "NXDOMAIN",
        "sub",
    ),
    NameRow(
        "the private twin inside",
        PRIVATE,
        "hosted_zones: {twin: {domain: corp.example, records: {db: 192.0.2.1}}}",
        "app db.corp.example",
        "10.0.0.20",
        "zone",
    ),
    NameRow(
        "the public twin outside",
        PRIVATE,
        "hosted_zones: {twin: {domain: corp.example, records: {db: 192.0.2.1}}}",
        "public db.corp.example",
        "192.0.2.1",
        "twin",
    ),
    NameRow(
        "without dns hostnames",
        ATTRIBUTES,
        "vpcs: {myVPC: {dns_hostnames: false}}",
        "app db.corp.example",
        "NXDOMAIN",
        "public DNS",
    ),
    NameRow(
        "a public CNAME to a private name",
        PRIVATE,
        "hosted_zones: {pub: {domain: shop.example, records: {x: CNAME db.corp.example}}}",
        "app x.shop.example",
        "db.corp.example 10.0.0.20",
        "zone",
    ),
]


@pytest.mark.parametrize("row", NAMES, ids=names(NAMES))
def test_names(row: NameRow) -> None:
    check(BASE, row)


def test_the_negative_ttl_is_the_smaller_of_the_soa_record_and_its_minimum() -> None:
    own = '"@": {type: SOA, values: "ns.corp.example. admin.corp.example. 1 7200 900 1209600 %d", ttl: %d}'
    for changes, ttl in (("", 900), (records(own % (30, 600)), 30), (records(own % (3600, 60)), 60)):
        assert asked(BASE, changes, "app no.corp.example").authority[0].ttl == ttl, SOA


ROUTING = [
    NameRow(
        "health decides among weights",
        HEALTH,
        policy("weight: 1, health: down", "weight: 1, health: up"),
        "app x.corp.example",
        "10.0.9.2",
    ),
    NameRow(
        "without a check a record is healthy",
        HEALTH,
        policy("weight: 255, health: down", "weight: 1"),
        "app x.corp.example",
        "10.0.9.2",
    ),
    NameRow("weight 0 is never drawn", WEIGHTED, policy("weight: 0", "weight: 1"), "app x.corp.example", "10.0.9.2"),
    NameRow(
        "weight 0 stands in", HEALTH, policy("weight: 0, health: up", "weight: 1, health: down"), "app x.corp.example", "10.0.9.1"
    ),
    NameRow(
        "no healthy one: as if all were",
        HEALTH,
        policy("weight: 0, health: down", "weight: 1, health: down"),
        "app x.corp.example",
        "10.0.9.2",
    ),
    NameRow(
        "the primary", FAILOVER, policy("failover: primary, health: up", "failover: secondary"), "app x.corp.example", "10.0.9.1"
    ),
    NameRow(
        "the secondary",
        FAILOVER,
        policy("failover: primary, health: down", "failover: secondary"),
        "app x.corp.example",
        "10.0.9.2",
    ),
    NameRow(
        "both down: the primary",
        SETS,
        policy("failover: primary, health: down", "failover: secondary, health: down"),
        "app x.corp.example",
        "10.0.9.1",
    ),
    NameRow(
        "a primary without a check",
        SETS,
        policy("failover: primary", "failover: secondary, health: up"),
        "app x.corp.example",
        "10.0.9.1",
    ),
    NameRow(
        "several values",
        MULTIVALUE,
        policy("multivalue: true, health: up", "multivalue: true, health: down", "multivalue: true"),
        "app x.corp.example",
        "10.0.9.1 10.0.9.3",
    ),
    NameRow(
        "all values when none is healthy",
        MULTIVALUE,
        policy("multivalue: true, health: down", "multivalue: true, health: down"),
        "app x.corp.example",
        "10.0.9.1 10.0.9.2",
    ),
    NameRow("the same region", LATENCY, policy("region: us-west-2", "region: us-east-1"), "app x.corp.example", "10.0.9.2"),
    NameRow("or the closest", LATENCY, policy("region: eu-west-1", "region: us-east-2"), "app x.corp.example", "10.0.9.2"),
    NameRow(
        "that is healthy",
        LATENCY,
        policy("region: us-east-1, health: down", "region: us-west-2, health: up"),
        "app x.corp.example",
        "10.0.9.2",
    ),
    NameRow(
        "from outside nobody knows",
        LATENCY,
        "hosted_zones: {pub: {domain: shop.example, records: "
        "{x: [{value: 192.0.2.1, region: us-east-1}, {value: 192.0.2.2, region: us-east-2}]}}}",
        "public x.shop.example",
        "UNDECIDED",
        "pub",
    ),
    NameRow(
        "the smallest area",
        GEO_RULES,
        policy("geolocation: {continent: NA}", "geolocation: {country: US}", "geolocation: {country: US, state: VA}"),
        "app x.corp.example",
        "10.0.9.3",
    ),
    NameRow(
        "the country",
        GEO,
        policy("geolocation: {continent: NA}", "geolocation: {country: US}", "geolocation: {country: US, state: OR}"),
        "app x.corp.example",
        "10.0.9.2",
    ),
    NameRow(
        "the continent",
        GEO,
        policy("geolocation: {continent: NA}", "geolocation: {country: JP}"),
        "app x.corp.example",
        "10.0.9.1",
    ),
    NameRow("the default", GEO, policy("geolocation: {country: JP}", 'geolocation: "*"'), "app x.corp.example", "10.0.9.2"),
    NameRow(
        "an unhealthy area: the default",
        GEO,
        policy("geolocation: {country: US}, health: down", 'geolocation: "*"'),
        "app x.corp.example",
        "10.0.9.2",
    ),
    NameRow(
        "no area at all",
        GEO_RULES,
        policy("geolocation: {country: JP}", "geolocation: {country: DE}"),
        "app x.corp.example",
        "NODATA",
    ),
    NameRow(
        "the nearest place",
        PROXIMITY,
        policy("geoproximity: us-west-2", "geoproximity: us-east-2"),
        "app x.corp.example",
        "10.0.9.2",
    ),
    NameRow(
        "by coordinates",
        PROXIMITY,
        policy("geoproximity: us-west-2", "geoproximity: {latitude: 39, longitude: -77}"),
        "app x.corp.example",
        "10.0.9.2",
    ),
    NameRow(
        "a bias moves it away",
        PROXIMITY,
        policy("geoproximity: {region: us-west-2, bias: 90}", "geoproximity: {region: us-east-2, bias: -90}"),
        "app x.corp.example",
        "10.0.9.1",
    ),
    NameRow(
        "a bias of -50 doubles the distance",
        PROXIMITY,
        policy("geoproximity: {region: us-east-2, bias: -50}", "geoproximity: ca-central-1"),
        "app x.corp.example",
        "10.0.9.2",
    ),
    NameRow(
        "a bias of 50 halves it",
        PROXIMITY,
        policy("geoproximity: us-east-2", "geoproximity: {region: ca-central-1, bias: 50}"),
        "app x.corp.example",
        "10.0.9.2",
    ),
]


@pytest.mark.parametrize("row", ROUTING, ids=names(ROUTING))
def test_routing_policies(row: NameRow) -> None:
    check(BASE, row)


def test_no_more_than_eight_values_are_drawn_and_from_the_healthy_ones() -> None:
    changes = policy(*["multivalue: true"] * 12, *["multivalue: true, health: down"] * 4)
    found = asked(BASE, changes, "app x.corp.example")
    assert len(set(found.addresses)) == 8, MULTIVALUE
    assert {int(address.rpartition(".")[2]) for address in found.addresses} <= set(range(1, 13))
    assert "at random" in found.assumptions[0]


def test_the_draw_of_weights_is_the_same_for_an_asker_and_in_proportion_over_askers() -> None:
    changes = policy("weight: 1", "weight: 3")
    first, again = (asked(BASE, changes, "app x.corp.example") for _ in range(2))
    assert first == again
    assert "at random" in first.assumptions[0]
    sets = "x: [{value: 10.0.9.1, weight: 1}, {value: 10.0.9.2, weight: 3}]"
    drawn = Counter(asked(BASE, records(sets, seed), "app x.corp.example").addresses[0] for seed in range(200))
    assert 110 < drawn["10.0.9.2"] < 190, WEIGHTED


def test_a_check_that_the_model_lacks_is_taken_to_be_healthy_and_said_so() -> None:
    found = asked(BASE, policy("failover: primary, health: nowhere", "failover: secondary"), "app x.corp.example")
    assert found.addresses == ("10.0.9.1",)
    assert found.assumptions == ("the health check nowhere is not in the model and taken to be healthy",)


def test_every_region_has_a_place_or_is_undecided() -> None:
    for region in regions():
        place = geography.place_of(region)
        assert place is None or (-90 < place.latitude < 90 and -180 < place.longitude < 180)
    assert geography.distance_of_regions("us-east-1", "us-east-1") == 0
    assert 5300 < geography.distance_of_regions("us-east-1", "eu-west-1") < 5600
    assert geography.distance_of_regions("us-east-1", "sa-east-1") == geography.distance_of_regions("sa-east-1", "us-east-1")


DOWN = "y: [{value: 10.0.0.3, failover: primary, health: down}, {value: 10.0.0.4, failover: secondary, health: down}]"
ALIASES = [
    NameRow(
        "another record", ALIAS, records("db: 10.0.0.3, x: {alias: db.corp.example}"), "app x.corp.example", "10.0.0.3", "zone"
    ),
    NameRow(
        "of the same type only", ALIAS, records("db: 10.0.0.3, x: {alias: db.corp.example}"), "app x.corp.example AAAA", "NODATA"
    ),
    NameRow(
        "at the zone's own name", ALIAS, records('db: 10.0.0.3, "@": {alias: db.corp.example}'), "app corp.example", "10.0.0.3"
    ),
    NameRow(
        "an alias of an alias",
        ALIAS,
        records("db: 10.0.0.3, y: {alias: db.corp.example}, x: {alias: y.corp.example}"),
        "app x.corp.example",
        "10.0.0.3",
    ),
    NameRow(
        "of type CNAME",
        ALIAS,
        records("db: 10.0.0.3, y: CNAME db.corp.example, x: {alias: y.corp.example, type: CNAME}"),
        "app x.corp.example",
        "db.corp.example 10.0.0.3",
    ),
    NameRow(
        "an alias evaluates its target",
        HEALTH,
        records(
            f"{DOWN}, x: [{{alias: y.corp.example, evaluate_target_health: true, failover: primary}}, "
            "{value: 10.0.0.5, failover: secondary}]"
        ),
        "app x.corp.example",
        "10.0.0.5",
    ),
    NameRow(
        "or does not",
        HEALTH,
        records(f"{DOWN}, x: [{{alias: y.corp.example, failover: primary}}, {{value: 10.0.0.5, failover: secondary}}]"),
        "app x.corp.example",
        "10.0.0.3",
    ),
]


@pytest.mark.parametrize("row", ALIASES, ids=names(ALIASES))
def test_aliases(row: NameRow) -> None:
    check(BASE, row)


def test_an_alias_to_an_endpoint_answers_its_addresses_with_the_endpoints_ttl() -> None:
    net = changed(BASE, "")
    target = next(e.regional_name for e in net.topology.of_kind("interface_endpoint"))
    hub = f"domain: sqs.us-east-1.amazonaws.com, vpcs: [myVPC, otherVPC], records: {{'@': {{alias: {target}}}}}"
    zones = f"hosted_zones: {{hub: {{{hub}}}}}"
    for asker in ("app", "other"):
        found = asked(BASE, zones, f"{asker} sqs.us-east-1.amazonaws.com")
        assert [(r.name, r.type, r.ttl) for r in found.records] == [("sqs.us-east-1.amazonaws.com", "A", 60)], ALIAS
        assert found.addresses[0].startswith("10.0.0.")
        assert found.owner == "hub"


SUB = "sub: {domain: a.shop.example, records: {www: 192.0.2.7}}"
DELEGATIONS = [
    NameRow(
        "in a private zone", DELEGATION, records("a: NS ns.elsewhere.example"), "app www.a.corp.example", "UNDECIDED", "zone"
    ),
    NameRow("at the delegated name", DELEGATION, records("a: NS ns.elsewhere.example"), "app a.corp.example", "UNDECIDED"),
    NameRow("its DS records stay above", "RFC 4035", records("a: NS ns.elsewhere.example"), "app a.corp.example DS", "NODATA"),
    NameRow(
        "nothing below is the zone's any more",
        "RFC 1034",
        records("a: NS ns.elsewhere.example, x.a: 10.0.0.1"),
        "app x.a.corp.example",
        "UNDECIDED",
    ),
    NameRow(
        "a more specific zone needs none",
        PRIVATE,
        f"{records('a: NS ns.example')[:-1]}, more: {{domain: a.corp.example, vpcs: myVPC, records: {{www: 10.0.0.9}}}}}}",
        "app www.a.corp.example",
        "10.0.0.9",
        "more",
    ),
    NameRow(
        "a public zone below another",
        SUBDOMAINS,
        f"hosted_zones: {{top: {{domain: shop.example, records: {{a: NS ns-1.example}}}}, {SUB}}}",
        "public www.a.shop.example",
        "192.0.2.7",
        "sub",
    ),
    NameRow(
        "that nobody delegates to",
        SUBDOMAINS,
        f"hosted_zones: {{top: {{domain: shop.example}}, {SUB}}}",
        "public www.a.shop.example",
        "NXDOMAIN",
        "top",
    ),
    NameRow("a public zone alone", SUBDOMAINS, f"hosted_zones: {{{SUB}}}", "public www.a.shop.example", "192.0.2.7", "sub"),
    NameRow(
        "two public zones of one name",
        CREATE,
        "hosted_zones: {one: {domain: shop.example}, two: {domain: shop.example}}",
        "public www.shop.example",
        "UNDECIDED",
    ),
]


@pytest.mark.parametrize("row", DELEGATIONS, ids=names(DELEGATIONS))
def test_delegation(row: NameRow) -> None:
    check(BASE, row)


def test_an_undecided_name_gives_an_undecided_trace() -> None:
    answer = changed(BASE, records("a: NS ns.elsewhere.example")).trace("app", "https://www.a.corp.example")
    assert (answer.verdict, answer.at, answer.codes) == ("undecided", "zone", ("VPCSIM_NOT_MODELLED",))
    assert answer.because.startswith("zone: delegates a.corp.example to ns.elsewhere.example")


LABEL = "x" * 64
CHANGE, INPUT = "InvalidChangeBatch", "InvalidInput"
REFUSALS = [
    Refusal(
        "two zones of one name on one vpc",
        CREATE,
        "hosted_zones: {more: {domain: corp.example, vpcs: myVPC}}",
        "ConflictingDomainExists",
        "more",
    ),
    Refusal(
        "a zone like an endpoint's name",
        CREATE,
        "endpoints: {sqs: {private_dns: true}}\nhosted_zones: {more: {domain: sqs.us-east-1.amazonaws.com, vpcs: myVPC}}",
        "ConflictingDomainExists",
        "more",
    ),
    Refusal(
        "a zone that is no domain",
        CREATE,
        f"hosted_zones: {{more: {{domain: {LABEL}.example, vpcs: myVPC}}}}",
        "InvalidDomainName",
        "more",
    ),
    Refusal("a label of 64", NAME, records(f"{LABEL}: 10.0.0.1"), CHANGE, "zone"),
    Refusal("a type that does not exist", TYPES, records("x: {type: ALIAS, values: a}"), INPUT, "zone"),
    Refusal("no value", CHANGES, records("x: {type: A}"), INPUT, "zone"),
    Refusal("a value twice", CHANGES, records("x: [10.0.0.1, 10.0.0.1]"), CHANGE, "zone"),
    Refusal(
        "more than 400 values",
        LIMITS,
        records("x: [" + ", ".join(f"10.0.{n // 256}.{n % 256}" for n in range(401)) + "]"),
        CHANGE,
        "zone",
    ),
    Refusal("a CNAME at the zone's own name", TYPES, records('"@": CNAME db.corp.example'), CHANGE, "zone"),
    Refusal(
        "a CNAME beside another record",
        TYPES,
        records("x: [{type: CNAME, value: db.corp.example}, {type: TXT, value: a}]"),
        CHANGE,
        "zone",
    ),
    Refusal("a CNAME of two values", TYPES, records("x: {type: CNAME, values: [a.example, b.example]}"), CHANGE, "zone"),
    Refusal("a wildcard of servers", NAME, records('"*.a": NS ns.example'), CHANGE, "zone"),
    Refusal("an SOA below", SOA, records('x: {type: SOA, values: "a. b. 1 2 3 4 5"}'), CHANGE, "zone"),
    Refusal("the same set twice", CHANGES, records("x: [{value: 10.0.0.1}, {value: 10.0.0.2}]"), CHANGE, "zone"),
    Refusal("policies mixed", SETS, policy("weight: 1", "region: us-east-1"), CHANGE, "zone"),
    Refusal("a policy and none", SETS, policy("weight: 1", "ttl: 300"), CHANGE, "zone"),
    Refusal("two policies in one", SETS, policy("weight: 1, region: us-east-1"), INPUT, "zone"),
    Refusal("one identifier twice", SETS, policy("weight: 1, id: a", "weight: 2, id: a"), CHANGE, "zone"),
    Refusal("two primaries", SETS, policy("failover: primary", "failover: primary"), CHANGE, "zone"),
    Refusal("one region twice", SETS, policy("region: us-east-1", "region: us-east-1"), CHANGE, "zone"),
    Refusal("one area twice", SETS, policy("geolocation: {country: US}", "geolocation: {country: US}"), CHANGE, "zone"),
    Refusal("a region that is none", SETS, policy("region: us-north-9"), INPUT, "zone"),
    Refusal("weights of two ttls", SETS, policy("weight: 1, ttl: 60", "weight: 1, ttl: 300"), CHANGE, "zone"),
    Refusal("two values with a weight", SETS, records("x: [{values: [10.0.0.1, 10.0.0.2], weight: 1}]"), CHANGE, "zone"),
    Refusal("weighted servers", SETS, records("x: [{type: NS, value: ns.example, weight: 1}]"), CHANGE, "zone"),
    Refusal("a multivalue CNAME", SETS, records("x: [{type: CNAME, value: a.example, multivalue: true}]"), CHANGE, "zone"),
    Refusal("a multivalue alias", SETS, records("db: 10.0.0.1, x: [{alias: db.corp.example, multivalue: true}]"), CHANGE, "zone"),
    Refusal("more than 100 sets", LIMITS, policy(*["weight: 1"] * 101), CHANGE, "zone"),
    Refusal("more than 30 places", LIMITS, policy(*["geoproximity: us-east-1"] * 31), CHANGE, "zone"),
    Refusal("an alias of another type", TARGET, records("db: 10.0.0.1, x: {alias: db.corp.example, type: AAAA}"), CHANGE, "zone"),
    Refusal("an alias to nothing", TARGET, records("x: {alias: no.corp.example}"), CHANGE, "zone"),
    Refusal("an alias to itself", TARGET, records("x: {alias: x.corp.example}"), CHANGE, "zone"),
    Refusal("an alias to a stranger", TARGET, records("x: {alias: www.example.org}"), CHANGE, "zone"),
    Refusal("a TXT alias to AWS", TARGET, records("x: {alias: x.elb.us-east-1.amazonaws.com, type: TXT}"), CHANGE, "zone"),
    Refusal("CloudFront from a private zone", TARGET, records("x: {alias: d1.cloudfront.net}"), CHANGE, "zone"),
]


@pytest.mark.parametrize("row", REFUSALS, ids=names(REFUSALS))
def test_refusals(row: Refusal) -> None:
    refused(BASE, row)
