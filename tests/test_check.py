"""`make test` learns from pytest which tests failed, and runs those of the browser once more by themselves."""

import os
import subprocess
import sys
from pathlib import Path

from django.conf import settings

from tools.check import failed_last, remembering

TESTS = """
import os
import pytest

@pytest.mark.parametrize("n", ["a", "b", "c"])
def test_of_three(n):
    print(f"ran {n}")
    assert n == "b" or os.environ["MENDED"]
"""


def test_what_failed_is_run_again_by_itself_whoever_ran_it(tmp_path: Path) -> None:
    (tmp_path / "test_three.py").write_text(TESTS)
    root, cache = settings.BASE_DIR, str(tmp_path / "cache")

    def ran(*options: str, mended: str) -> str:
        command = [sys.executable, "-m", "pytest", "-q", "-rP", "-c", root / "pyproject.toml", f"--rootdir={root}"]
        env = {**os.environ, "MENDED": mended}
        done = subprocess.run(
            [*command, *options, *remembering(cache), tmp_path],
            cwd=root,
            env=env,
            capture_output=True,
            text=True,
            check=False,
        )
        return done.stdout

    ran("-n", "2", mended="")
    assert sorted(name.rpartition("::")[2] for name in failed_last(cache)) == ["test_of_three[a]", "test_of_three[c]"]
    again = ran("--last-failed", mended="yes")
    assert "2 passed" in again and "ran b" not in again
    assert failed_last(cache) == []
