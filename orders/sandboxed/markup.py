"""Tables of files that are written in markup and called .xls: web pages, Excel's XML of 2003, web archives (MHTML)."""

import email
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import cast
from xml.etree.ElementTree import Element, ParseError, XMLPullParser

from kernel.sniffing import NotATable, Sniffed

MOST_SPANNED, MOST_COLUMNS = 1000, 400
READ = 1 << 16  # characters
SPREADSHEET = "{urn:schemas-microsoft-com:office:spreadsheet}"
Tables = dict[str, list[list[str]]]  # by name, in their order
CHARSET = re.compile(rb"charset=[\"']?([\w-]+)", re.IGNORECASE)


def markup_tables(path: Path, sniffed: Sniffed, name: str) -> Tables:
    """Every table of the file. Raises NotATable where it is broken."""
    if sniffed.kind == "xml":
        return _xml_tables(path, sniffed, name)
    reader = _Reader()
    if sniffed.kind == "mhtml":
        for part in email.message_from_bytes(path.read_bytes()).walk():
            if part.get_content_type() == "text/html":
                content = cast(bytes, part.get_payload(decode=True) or b"")  # decoded, it is never a message
                said = part.get_content_charset() or _charset(content)
                reader.feed(_decoded(content, said))
    else:
        with path.open(encoding=sniffed.encoding, errors="replace", newline="") as file:
            while text := file.read(READ):
                reader.feed(text)
    reader.close()
    found = [rows for rows in reader.tables if any(any(row) for row in rows)]
    return {str(n): rows for n, rows in enumerate(found, start=1)}


def _charset(content: bytes) -> str:
    found = CHARSET.search(content[:4096])
    return found[1].decode() if found else "utf-8"


def _decoded(content: bytes, encoding: str) -> str:
    try:
        return content.decode("gb18030" if encoding.lower() in ("gb2312", "gbk") else encoding, "replace")
    except LookupError:
        return content.decode("utf-8", "replace")


class _Reader(HTMLParser):
    """Rows of the tables of a page; a cell that spans several rows stands in the first and is empty in the others, as
    in a workbook. A table inside a cell is text of that cell."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[list[list[str]]] = []
        self._row: list[str] | None = None
        self._cell: list[str] | None = None
        self._spans: dict[int, int] = {}  # column → rows that it is still taken in
        self._span = (1, 1)
        self._depth = self._unread = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("style", "script"):
            self._unread += 1
        elif tag == "table":
            self._depth += 1
            if self._depth == 1:
                self.tables.append([])
                self._spans = {}
        elif self._depth != 1:
            return
        elif tag == "tr":
            self._end_row()
            self._row = []
        elif tag in ("td", "th"):
            self._end_cell()
            said = dict(attrs)
            self._span = (_count(said.get("rowspan")), _count(said.get("colspan")))
            self._cell = []
        elif tag == "br" and self._cell is not None:
            self._cell.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("style", "script"):
            self._unread = max(0, self._unread - 1)
        elif tag == "table":
            if self._depth == 1:
                self._end_row()
            self._depth = max(0, self._depth - 1)
        elif self._depth == 1 and tag == "tr":
            self._end_row()
        elif self._depth == 1 and tag in ("td", "th"):
            self._end_cell()

    def handle_data(self, data: str) -> None:
        if self._cell is not None and not self._unread:
            self._cell.append(data)

    def close(self) -> None:
        super().close()
        self._end_row()

    def _end_cell(self) -> None:
        if self._cell is None:
            return
        if self._row is None:
            self._row = []
        self._skip_taken()
        rows, columns = self._span
        at = len(self._row)
        if at < MOST_COLUMNS:
            self._row += ["".join(self._cell).strip(), *[""] * (columns - 1)][: MOST_COLUMNS - at]
            if rows > 1:
                self._spans.update(dict.fromkeys(range(at, at + columns), rows))
        self._cell = None

    def _skip_taken(self) -> None:
        while self._row is not None and self._spans.get(len(self._row), 0) > 0:
            self._row.append("")

    def _end_row(self) -> None:
        self._end_cell()
        if self._row is None or not self.tables:
            return
        self._skip_taken()
        self.tables[-1].append(self._row)
        self._spans = {column: left - 1 for column, left in self._spans.items() if left > 1}
        self._row = None


def _count(text: str | None) -> int:
    return min(int(text), MOST_SPANNED) if text and text.isdecimal() and int(text) > 0 else 1


def _elements(parser: "XMLPullParser[Element]") -> Iterator[tuple[str, Element]]:
    """What begins and ends; a parser asked for nothing else gives nothing else."""
    for told in parser.read_events():
        if len(told) == 2 and isinstance(told[1], Element):
            yield str(told[0]), told[1]


def _xml_tables(path: Path, sniffed: Sniffed, name: str) -> Tables:
    """Worksheets of Excel's XML; cells and rows may say where they stand, and leave out empty ones before them."""
    found: Tables = {}
    rows: list[list[str]] = []
    row: list[str] = []
    parser: XMLPullParser[Element] = XMLPullParser(events=("start", "end"))
    with path.open(encoding=sniffed.encoding, errors="replace", newline="") as file:
        text = re.sub(r"^\s*<\?xml[^>]*\?>", "", file.read(READ).lstrip("\ufeff"))  # it is decoded already
        try:
            while text:
                if "<!DOCTYPE" in text or "<!ENTITY" in text:
                    raise NotATable(name=name)
                parser.feed(text)
                for event, element in _elements(parser):
                    tag = element.tag.removeprefix(SPREADSHEET)
                    if event == "start" and tag == "Worksheet":
                        rows = found.setdefault(element.get(f"{SPREADSHEET}Name", str(len(found) + 1)), [])
                    elif event == "start" and tag == "Row":
                        row = []
                    elif event == "end" and tag == "Cell":
                        at = element.get(f"{SPREADSHEET}Index", "")
                        if at.isdecimal():
                            row += [""] * (min(int(at), MOST_COLUMNS) - 1 - len(row))
                        data = element.find(f"{SPREADSHEET}Data")
                        row.append("" if data is None else "".join(data.itertext()).strip())
                        row += [""] * _merged(element.get(f"{SPREADSHEET}MergeAcross", ""))
                        element.clear()
                    elif event == "end" and tag == "Row":
                        rows.append(row[:MOST_COLUMNS])
                        element.clear()
                text = file.read(READ)
        except ParseError:
            raise NotATable(name=name) from None
    return {sheet: rows for sheet, rows in found.items() if any(any(row) for row in rows)}


def _merged(text: str) -> int:
    return min(int(text), MOST_COLUMNS) if text.isdecimal() else 0
