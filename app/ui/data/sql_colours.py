"""Colours for SQL: words of the language, texts, numbers and comments, in the theme's tokens."""

from __future__ import annotations

import re

from PySide6.QtGui import QFont, QSyntaxHighlighter, QTextCharFormat, QTextDocument

from app.ui.theme import color, theme

WORDS = (
    "select", "from", "where", "group", "by", "having", "order", "limit", "offset", "as", "on", "using", "join",
    "left", "right", "full", "inner", "outer", "cross", "natural", "union", "intersect", "except", "all",
    "distinct", "case", "when", "then", "else", "end", "and", "or", "not", "in", "is", "null", "like", "ilike",
    "between", "exists", "cast", "asc", "desc", "nulls", "first", "last", "with", "recursive", "values", "over",
    "partition", "rows", "range", "filter", "qualify", "sample", "true", "false", "interval", "date", "timestamp",
    "any", "lateral", "unnest", "semi", "anti", "asof", "exclude", "replace",
)  # fmt: skip
FUNCTIONS = (
    "count", "sum", "avg", "min", "max", "median", "mode", "stddev", "quantile_cont", "first", "last",
    "any_value", "string_agg", "list", "coalesce", "nullif", "round", "floor", "ceil", "abs", "ln", "exp", "sqrt",
    "greatest", "least", "lower", "upper", "trim", "replace", "substr", "length", "concat", "split_part",
    "regexp_matches", "regexp_replace", "date_trunc", "date_diff", "date_part", "extract", "year", "month", "day",
    "strftime", "row_number", "rank", "dense_rank", "lag", "lead", "ntile", "try_cast",
)  # fmt: skip
_TOKEN = re.compile(
    r"(?P<comment>--[^\n]*)|(?P<text>'(?:[^']|'')*'?)|(?P<name>\"(?:[^\"]|\"\")*\"?)"
    r"|(?P<number>\b\d+(?:\.\d+)?(?:[eE][+-]?\d+)?\b)|(?P<word>[^\W\d]\w*)|(?P<block>/\*)"
)
_BLOCK_END = "*/"
TOKENS = {"comment": "text3", "text": "ok", "number": "chart2", "keyword": "accent", "function": "running"}


class SqlColours(QSyntaxHighlighter):
    """Follows the theme. The state of a line: 1 inside a comment of several lines."""

    def __init__(self, document: QTextDocument) -> None:
        super().__init__(document)
        self._formats: dict[str, QTextCharFormat] = {}
        self._words, self._functions = frozenset(WORDS), frozenset(FUNCTIONS)
        theme().changed.connect(self._tint)
        self._tint()

    def highlightBlock(self, text: str) -> None:
        """Colour one line."""
        start = 0
        self.setCurrentBlockState(0)
        if self.previousBlockState() == 1:
            start = self._comment(text, 0)
        while 0 <= start < len(text) and (found := _TOKEN.search(text, start)) is not None:
            kind = self._kind(found)
            if kind == "block":
                start = self._comment(text, found.start())
                continue
            if kind in self._formats:
                self.setFormat(found.start(), found.end() - found.start(), self._formats[kind])
            start = found.end()

    def _comment(self, text: str, start: int) -> int:
        """Colour a comment from ``start`` on; where it ends, -1 if not on this line."""
        end = text.find(_BLOCK_END, start)
        stop = len(text) if end < 0 else end + len(_BLOCK_END)
        self.setFormat(start, stop - start, self._formats["comment"])
        if end < 0:
            self.setCurrentBlockState(1)
            return -1
        return stop

    def _kind(self, found: re.Match[str]) -> str:
        kind = found.lastgroup or ""
        if kind != "word":
            return kind
        word = found.group().lower()
        if word in self._words:
            return "keyword"
        return "function" if word in self._functions and found.string[found.end() :].lstrip().startswith("(") else ""

    def _tint(self) -> None:
        for kind, token in TOKENS.items():
            made = QTextCharFormat()
            made.setForeground(color(token))
            if kind == "keyword":
                made.setFontWeight(QFont.Weight.DemiBold)
            self._formats[kind] = made
        self.rehighlight()
