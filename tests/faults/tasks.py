"""Tasks that only these tests enqueue."""

import time
from pathlib import Path

from django_tasks import task


@task
def hang_first_time(mark: str) -> str:
    """Hangs when it runs first, as a long import does; done at once when it runs again."""
    path = Path(mark)
    if path.exists():
        return "done"
    path.write_text("begun", "ascii")
    time.sleep(120)
    return "slept"
