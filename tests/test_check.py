"""`make test` learns which tests failed, to run those of the browser once more by themselves."""

import os
import subprocess
import sys
from pathlib import Path

from django.conf import settings

TESTS = """
import pytest

@pytest.mark.parametrize("n", ["a", "b"])
def test_of_two(n):
    assert n == "b"
"""


def test_what_failed_is_named_once_whoever_ran_it(tmp_path: Path) -> None:
    (tmp_path / "test_two.py").write_text(TESTS)
    root, failed = settings.BASE_DIR, tmp_path / "failed"
    command = [sys.executable, "-m", "pytest", "-q", "-n", "2", "-c", root / "pyproject.toml", f"--rootdir={root}"]
    env = {**os.environ, "FAILED_TESTS": str(failed)}
    subprocess.run([*command, tmp_path], cwd=root, env=env, capture_output=True, check=False)
    names = failed.read_text().splitlines()
    assert [name.rpartition("::")[2] for name in names] == ["test_of_two[a]"]
