"""The sample files, moved in time: what was this morning's on the day of the samples becomes this moment's."""

import io
import re
import zipfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

SAMPLES = Path(__file__).parent / "samples"
SAMPLED_AT = datetime(2026, 11, 23, 8, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
MOMENT = re.compile(r"\b(20\d\d)([-/])(\d{1,2})\2(\d{1,2})(?: (\d{1,2}):(\d\d)(?::(\d\d))?)?")


def moved_files(folder: str, now: datetime) -> Iterator[tuple[str, bytes]]:
    """(name, content) of each file of a shop, its moments moved so that the samples' moment is `now`."""
    delta = now.replace(second=0, microsecond=0) - SAMPLED_AT
    for path in sorted((SAMPLES / folder).iterdir()):
        if path.name != "truth.csv":
            yield _moved_name(path.name, now), _moved(path, delta)


def _moved_name(name: str, now: datetime) -> str:
    local = now.astimezone(SAMPLED_AT.tzinfo)
    return name.replace("202611230830", f"{local:%Y%m%d%H%M}").replace("20261123", f"{local:%Y%m%d}")


def _moved(path: Path, delta: timedelta) -> bytes:
    raw = path.read_bytes()
    if path.suffix == ".xlsx":
        return _moved_workbook(raw, delta)
    encoding = "utf-8-sig" if raw.startswith(b"\xef\xbb\xbf") else "gb18030"
    return moved_text(raw.decode(encoding), delta).encode(encoding)


def _moved_workbook(raw: bytes, delta: timedelta) -> bytes:
    """Cell texts of a workbook; everything else of the file stays as it is, quirks included."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            content = old.read(entry)
            if entry.filename == "xl/sharedStrings.xml" or entry.filename.startswith("xl/worksheets/"):
                content = moved_text(content.decode("utf-8"), delta).encode("utf-8")
            new.writestr(entry, content)
    return made.getvalue()


def moved_text(text: str, delta: timedelta) -> str:
    """Every moment in a text moved and spelled as it was; what is no moment (a month 13) stays."""
    return MOMENT.sub(lambda found: _moved_moment(found, delta), text)


def _moved_moment(found: re.Match[str], delta: timedelta) -> str:
    year, mark, month, day, hour, minute, second = found.groups()
    try:
        moment = datetime(int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0))
    except ValueError:
        return found.group()
    moment += delta
    date = f"{moment.year}{mark}{moment.month:0{len(month)}}{mark}{moment.day:0{len(day)}}"
    if mark == "-":
        date = f"{moment:%Y-%m-%d}"
    if hour is None:
        return date
    return f"{date} {moment:%H:%M:%S}" if second else f"{date} {moment:%H:%M}"
