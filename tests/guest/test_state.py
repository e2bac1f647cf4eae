"""What the services of a model hold open is closed with them."""

from __future__ import annotations

import gc
import warnings
from pathlib import Path

from vpcsim.scenarios import load, run

ROOT = Path(__file__).parents[2]


def test_objects_of_s3_leave_no_file_open() -> None:
    """moto forgets its instances when a program of its own starts, and warns of what was left open then."""
    from moto import mock_aws

    assert all(result.passed for result in run(load(str(ROOT / "scenarios" / "problems" / "08-s3-other-table.yaml"))))
    gc.collect()
    with warnings.catch_warnings(record=True) as caught, mock_aws():
        gc.collect()
    assert [str(warning.message) for warning in caught] == []
