"""The column names in a Parquet file's footer, read without pyarrow: while a file hangs over the window nothing heavy
may be imported.

The footer is a Thrift structure in the compact protocol (https://github.com/apache/thrift/blob/master/doc/specs/
thrift-compact-protocol.md); of ``FileMetaData`` only the schema is looked at (https://github.com/apache/parquet-format/
blob/master/src/main/thrift/parquet.thrift).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

MAGIC = b"PAR1"
LONGEST_FOOTER = 1 << 20
"""Of a file with thousands of columns or row groups: told only by adding it."""

TRUE, FALSE, BYTE, I16, I32, I64, DOUBLE, BINARY, LIST, SET, MAP, STRUCT = range(1, 13)
_SCHEMA, _NAME, _CHILDREN = 2, 4, 5
"""Fields: ``FileMetaData.schema``, ``SchemaElement.name`` and ``num_children``."""
DEEPEST = 32


class NoFooter(ValueError):
    """The bytes are no footer that is understood."""


def parquet_names(path: Path) -> tuple[str, ...] | None:
    """The top-level columns of a Parquet file in their order; None if they cannot be told."""
    footer = _footer(path)
    if footer is None:
        return None
    try:
        return _top_level(_schema(_Reader(footer)))
    except (NoFooter, IndexError, UnicodeDecodeError):
        return None


def _footer(path: Path) -> bytes | None:
    with path.open("rb") as file:
        size = file.seek(0, 2)
        if size < 12:
            return None
        file.seek(size - 8)
        tail = file.read(8)
        length = int.from_bytes(tail[:4], "little")
        if tail[4:] != MAGIC or not 0 < length <= min(LONGEST_FOOTER, size - 12):
            return None
        file.seek(size - 8 - length)
        return file.read(length)


def _schema(reader: _Reader) -> list[tuple[str, int]]:
    """Name and number of children of every schema element, depth first."""
    for field, kind in reader.fields():
        if field == _SCHEMA and kind == LIST:
            count, of = reader.list_head()
            if of != STRUCT:
                raise NoFooter
            return [_element(reader) for _ in range(count)]
        reader.skip(kind)
    raise NoFooter


def _element(reader: _Reader) -> tuple[str, int]:
    name, children = "", 0
    for field, kind in reader.fields():
        if field == _NAME and kind == BINARY:
            name = reader.binary().decode()
        elif field == _CHILDREN and kind == I32:
            children = reader.zigzag()
        else:
            reader.skip(kind)
    return name, children


def _top_level(schema: list[tuple[str, int]]) -> tuple[str, ...]:
    """The children of the root, whose own children are stepped over."""
    names, at = [], 1
    for _ in range(schema[0][1]):
        names.append(schema[at][0])
        at = _after(schema, at)
    return tuple(names)


def _after(schema: list[tuple[str, int]], at: int) -> int:
    """The place behind an element and everything in it."""
    open_, at = schema[at][1], at + 1
    while open_:
        open_, at = open_ - 1 + schema[at][1], at + 1
    return at


class _Reader:
    """Reads the compact protocol. IndexError at the end of the bytes."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def fields(self) -> Iterator[tuple[int, int]]:
        """Number and kind of each field of a structure; the caller reads or skips its value."""
        field = 0
        while (head := self._byte()) != 0:
            delta, kind = head >> 4, head & 15
            field = field + delta if delta else self.zigzag()
            yield field, kind

    def list_head(self) -> tuple[int, int]:
        """How many items of which kind follow."""
        head = self._byte()
        count = head >> 4
        return (self._varint() if count == 15 else count), head & 15

    def binary(self) -> bytes:
        """A text or bytes."""
        length = self._varint()
        end = self._at + length
        if end > len(self._data):
            raise NoFooter
        found = self._data[self._at : end]
        self._at = end
        return found

    def zigzag(self) -> int:
        """A whole number."""
        number = self._varint()
        return (number >> 1) ^ -(number & 1)

    def skip(self, kind: int, depth: int = 0) -> None:
        """Step over a value."""
        if depth > DEEPEST:
            raise NoFooter
        if kind in (TRUE, FALSE):
            return
        if kind == BYTE:
            self._byte()
        elif kind in (I16, I32, I64):
            self._varint()
        elif kind == DOUBLE:
            self._at += 8
        elif kind == BINARY:
            self.binary()
        elif kind in (LIST, SET):
            self._skip_items(depth)
        elif kind == STRUCT:
            for _field, inner in self.fields():
                self.skip(inner, depth + 1)
        else:
            raise NoFooter  # a footer holds no maps

    def _skip_items(self, depth: int) -> None:
        count, of = self.list_head()
        for _ in range(count):
            if of in (TRUE, FALSE):
                self._byte()
            else:
                self.skip(of, depth + 1)

    def _byte(self) -> int:
        found = self._data[self._at]
        self._at += 1
        return found

    def _varint(self) -> int:
        value = shift = 0
        while True:
            byte = self._byte()
            value |= (byte & 127) << shift
            if byte < 128:
                return value
            shift += 7
            if shift > 63:
                raise NoFooter
