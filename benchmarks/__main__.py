"""python -m benchmarks [NAME...]"""

from __future__ import annotations

import sys

from benchmarks import cold_start, describe, dns, dns_fuzz, round_trip, templates

BENCHMARKS = {
    "cold_start": cold_start.run,
    "describe": describe.run,
    "dns": dns.run,
    "round_trip": round_trip.run,
    "templates": templates.run,
}
WHEN_NAMED = {"dns_fuzz": dns_fuzz.run}

for name in sys.argv[1:] or BENCHMARKS:
    print(f"\n{name}")
    for line in {**BENCHMARKS, **WHEN_NAMED}[name]():
        print(f"  {line}")
