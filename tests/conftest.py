"""Puts this folder on the import path, so that tests share `networks`, and lets its assertions explain themselves."""

import pytest

pytest.register_assert_rewrite("networks", "name_rows")
