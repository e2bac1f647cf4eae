"""python -m benchmarks [NAME...]"""

from __future__ import annotations

import sys

from benchmarks import cold_start, round_trip

BENCHMARKS = {"cold_start": cold_start.run, "round_trip": round_trip.run}

for name in sys.argv[1:] or BENCHMARKS:
    print(f"\n{name}")
    for line in BENCHMARKS[name]():
        print(f"  {line}")
