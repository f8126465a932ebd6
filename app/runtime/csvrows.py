"""CSV for people: the same rows and answers as JSON, as a table."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence

from .answers import Prediction
from .contract import Contract
from .limits import MAX_ROWS
from .problems import Refusal
from .rows import Rows
from .validate import NotFinite, Rules

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
_WHOLE = re.compile(r"[+-]?\d{1,400}")
_NOT_FINITE = frozenset({"nan", "inf", "-inf", "+inf", "infinity", "-infinity", "+infinity"})
_BOOLEANS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class CsvRows:
    """Reads a table with a header line: comma, double quotes, UTF-8, an empty cell for a missing value."""

    def __init__(self, contract: Contract) -> None:
        self._rules = Rules(contract)
        self._types = {f.name: f.type for f in contract.fields if f.use == "input"}

    def read(self, body: bytes) -> Rows:
        """Raises Refusal: 400 no table, 413 too many rows, 422 the rows are wrong."""
        lines = _lines(body)
        header = next(lines, [])
        if len(set(header)) != len(header):
            raise Refusal(400, "The header names a column twice.", code="duplicate_key")
        kinds = [self._types.get(name, "") for name in header]
        rows: list[object] = []
        for number, cells in enumerate((c for c in lines if c), 1):
            if len(cells) != len(header):
                raise Refusal(
                    400, f"Row {number} has {len(cells)} cells, the header has {len(header)}.", code="malformed"
                )
            if number > MAX_ROWS:
                raise Refusal(413, f"At most {MAX_ROWS:,} rows a request.", code="too_many_rows")
            rows.append({n: _value(c, k) for n, c, k in zip(header, cells, kinds, strict=True)})
        return self._rules.check(rows)


def _lines(body: bytes) -> Iterator[list[str]]:
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Refusal(400, "The table is not UTF-8.", code="not_utf8") from None
    try:
        yield from csv.reader(io.StringIO(text, newline=""), strict=True)
    except csv.Error:
        raise Refusal(400, "This is not a table in CSV form.", code="malformed") from None


def _value(cell: str, type_: str) -> object:
    """A cell as JSON would have given it; what is not of its type stays text and is refused as such."""
    if cell == "":
        return None
    if type_ in ("number", "integer"):
        return _number(cell.strip())
    if type_ == "boolean":
        return _BOOLEANS.get(cell.strip().lower(), cell)
    return cell


def _number(cell: str) -> object:
    if _WHOLE.fullmatch(cell):
        return int(cell)
    if _NUMBER.fullmatch(cell):
        return float(cell)
    return NotFinite() if cell.lower() in _NOT_FINITE else cell


def write(predictions: Sequence[Prediction], contract: Contract) -> bytes:
    """``id,label,score``, ``probability of ...`` where there are any, or ``id,value``; a label that a spreadsheet would
    run is quoted. Broken rules stand in a last column, which is there only if there are any."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    texts = [label.text for label in contract.labels] if contract.has_probabilities else []
    if contract.task == "regression":
        titles = ["id", "value"]
        lines = [[p.id, repr(p.value)] for p in predictions]
    else:
        titles = ["id", "label", "score", *(f"probability of {text}" for text in texts)]
        lines = [_line(p, texts) for p in predictions]
    if any(p.violations for p in predictions):
        titles.append("violations")
        for line, prediction in zip(lines, predictions, strict=True):
            line.append(_quoted(" ".join(prediction.violations or ())))
    writer.writerow(titles)
    writer.writerows(lines)
    return out.getvalue().encode("utf-8")


def _line(prediction: Prediction, texts: list[str]) -> list[str]:
    probabilities = prediction.probabilities if isinstance(prediction.probabilities, dict) else {}
    label = prediction.label
    shown = _quoted(label) if isinstance(label, str) else str(label)
    return [prediction.id, shown, repr(prediction.score), *(repr(probabilities[text]) for text in texts)]


def _quoted(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text
