"""A lesson's Markdown as HTML: no raw HTML gets in, and headings start below the page's own."""

from functools import lru_cache

import nh3
from markdown_it import MarkdownIt

TAGS = {*("p", "h2", "h3", "h4", "ul", "ol", "li", "strong", "em", "blockquote", "code", "hr", "br")} | {
    *("table", "thead", "tbody", "tr", "th", "td")
}
MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")


@lru_cache(maxsize=256)
def as_html(markdown: str) -> str:
    """Cleaned HTML; the highest heading becomes <h2>."""
    tokens = MARKDOWN.parse(markdown)
    highest = min((int(t.tag[1]) for t in tokens if t.type == "heading_open"), default=2)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(int(token.tag[1]) - highest + 2, 4)}"
    html = MARKDOWN.renderer.render(tokens, MARKDOWN.options, {})
    html = html.replace("<table>", '<table class="table">')
    return nh3.clean(html, tags=TAGS, attributes={"table": {"class"}})
