"""Puts this folder on the import path, so that tests share what lies here, and lets its assertions explain themselves."""

import pytest

pytest.register_assert_rewrite("networks", "answers", "name_rows", "spellings")
