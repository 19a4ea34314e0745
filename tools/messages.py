"""Collects the product's strings into locale/zh_Hans/LC_MESSAGES/django.po and compiles them; needs no GNU gettext.

python tools/messages.py            collect, keep what is translated, compile
python tools/messages.py --prune    also drop what no code says any more
python tools/messages.py --check    change nothing; fail with a list when a string has no Chinese
"""

import argparse
import io
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import polib

ROOT = Path(__file__).resolve().parent.parent
PO = ROOT / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
Key = tuple[str | None, str, str | None]  # context, singular, plural


def strings() -> set[Key]:
    """Every translatable string of the tracked and new Python files and templates."""
    import django
    from babel.messages.extract import extract
    from django.conf import settings
    from django.utils.translation.template import templatize

    if not settings.configured:
        settings.configure(USE_I18N=True)
        django.setup()
    found: set[Key] = set()
    for path in _sources():
        text = path.read_text("utf-8")
        if path.suffix != ".py":
            text = templatize(text, origin=str(path))
        for _line, message, _comments, context in extract(
            "python", io.BytesIO(text.encode()), keywords=KEYWORDS, options={"encoding": "utf-8"}
        ):
            one, many = (message[0], message[1]) if isinstance(message, tuple) else (message, None)
            if one:
                found.add((context, one, many))
    return found


def _sources() -> Iterator[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "*.py", "templates/*.html", "templates/*.txt"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\n")
    for name in sorted(filter(None, listed)):
        path = ROOT / name
        if path.exists() and not name.startswith(("tests/", "tools/", "bench/")) and "/migrations/" not in name:
            yield path


def load() -> polib.POFile:
    if PO.exists():
        return polib.pofile(str(PO), wrapwidth=110)
    po = polib.POFile(wrapwidth=110)
    po.metadata = {
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        "Language": "zh_Hans",
        "Plural-Forms": "nplurals=1; plural=0;",
    }
    return po


def missing(po: polib.POFile, found: set[Key]) -> list[str]:
    known: dict[tuple[str | None, str], polib.POEntry] = {(e.msgctxt, e.msgid): e for e in po}
    gaps = []
    for context, one, _many in found:
        entry = known.get((context, one))
        if entry is None or not entry.translated() or "fuzzy" in entry.flags:
            gaps.append(one)
    return sorted(gaps)


def merge(po: polib.POFile, found: set[Key], *, prune: bool) -> None:
    known: dict[tuple[str | None, str], polib.POEntry] = {(e.msgctxt, e.msgid): e for e in po}
    for context, one, many in found:
        entry = known.get((context, one))
        if entry is None:
            entry = polib.POEntry(msgid=one, msgctxt=context)
            po.append(entry)
        if many and not entry.msgid_plural:
            entry.msgid_plural, entry.msgstr_plural, entry.msgstr = many, {0: entry.msgstr}, ""
        if ("%(" in one or "%s" in one) and "python-format" not in entry.flags:
            entry.flags.append("python-format")
    if prune:
        used = {(context, one) for context, one, _many in found}
        for entry in [e for e in po if (e.msgctxt, e.msgid) not in used]:
            po.remove(entry)
    po.sort(key=lambda e: (e.msgid, e.msgctxt or ""))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--prune", action="store_true")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--compile", action="store_true", help="only compile")
    options = parser.parse_args()
    po = load()
    if not options.compile:
        found = strings()
        if options.check:
            gaps = missing(po, found)
            for gap in gaps:
                print(f"not translated: {gap!r}")
            return 1 if gaps else 0
        merge(po, found, prune=options.prune)
        PO.parent.mkdir(parents=True, exist_ok=True)
        po.save(str(PO))
        gaps = missing(po, found)
        print(f"{len(found)} strings, {len(gaps)} without Chinese")
    po.save_as_mofile(str(PO.with_suffix(".mo")))
    return 0


if __name__ == "__main__":
    sys.exit(main())
