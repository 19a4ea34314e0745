"""`make demo-reset`: throws the default database with its demo company away; never a database that was given by URL."""

import os
import shutil
import sys

from tools.steps import data_dir, hold_data, say, stop


def main() -> None:
    if os.environ.get("DATABASE_URL", "").strip():
        stop("demo-reset only knows the default database; unset DATABASE_URL, or empty that database yourself.")
    if os.environ.get("APP_ENV", "local").strip() not in ("", "local"):
        stop("demo-reset runs only where APP_ENV is local.")
    data = data_dir()
    if data.exists() and not (data / "demo" / "accounts.json").exists() and "--force" not in sys.argv:
        stop(f"{data} does not hold a demo company (no demo/accounts.json). Remove it by hand if you are sure.")
    held = hold_data(alone=True)
    if held is None:
        stop("The product is running on this data. Stop it with Ctrl-C, then make demo-reset.")
    for name in ("shipshape.sqlite3", "shipshape.sqlite3-wal", "shipshape.sqlite3-shm"):
        (data / name).unlink(missing_ok=True)
    for name in ("demo", "evidence", "imports", "media"):
        shutil.rmtree(data / name, ignore_errors=True)
    say("The demo company is gone; make run makes a new one.")


if __name__ == "__main__":
    main()
