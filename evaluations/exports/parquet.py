"""Flat tables as Apache Parquet, with the standard library.

Written after the format's own description (Parquet format 2.11, Thrift definition `parquet.thrift`, and the Thrift compact
protocol): one row group, one page per column, PLAIN values, every column optional, gzip. A library that writes this
needs some 30 MB installed; the tests read the files with such a library.
"""

import gzip
import struct
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

from evaluations.exports.tables import Kind, Table

MAGIC = b"PAR1"
CREATED_BY = "cesai-portal"

# Physical types, encodings and codecs by their numbers in parquet.thrift.
BOOLEAN, INT64, DOUBLE, BYTE_ARRAY = 0, 2, 5, 6
PLAIN, RLE = 0, 3
GZIP = 2
DATA_PAGE = 0
OPTIONAL = 1
UTF8, TIMESTAMP_MICROS = 0, 10

PHYSICAL = {
    Kind.TEXT: BYTE_ARRAY,
    Kind.INTEGER: INT64,
    Kind.NUMBER: DOUBLE,
    Kind.YES_NO: BOOLEAN,
    Kind.MOMENT: INT64,
}
CONVERTED = {Kind.TEXT: UTF8, Kind.MOMENT: TIMESTAMP_MICROS}
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def render(table: Table) -> bytes:
    """The file; equal tables give equal bytes."""
    out = bytearray(MAGIC)
    chunks = []
    columns = list(zip(*table.rows, strict=True)) or [()] * len(table.columns)
    for column, values in zip(table.columns, columns, strict=True):
        page = _levels(values) + _plain(column.kind, [each for each in values if each is not None])
        packed = gzip.compress(page, mtime=0)
        header = _struct(
            (1, I32, DATA_PAGE),
            (2, I32, len(page)),
            (3, I32, len(packed)),
            (5, STRUCT, _struct((1, I32, len(values)), (2, I32, PLAIN), (3, I32, RLE), (4, I32, RLE))),
        )
        start = len(out)
        out += header + packed
        chunks.append(
            _struct(
                (2, I64, start),
                (
                    3,
                    STRUCT,
                    _struct(
                        (1, I32, PHYSICAL[column.kind]),
                        (2, LIST, (I32, [PLAIN, RLE])),
                        (3, LIST, (BINARY, [column.name.encode()])),
                        (4, I32, GZIP),
                        (5, I64, len(values)),
                        (6, I64, len(header) + len(page)),
                        (7, I64, len(header) + len(packed)),
                        (9, I64, start),
                    ),
                ),
            )
        )
    footer = _footer(table, chunks, len(out) - len(MAGIC))
    return bytes(out) + footer + struct.pack("<I", len(footer)) + MAGIC


def _footer(table: Table, chunks: list[bytes], size: int) -> bytes:
    schema = [_struct((4, BINARY, b"schema"), (5, I32, len(table.columns)))]
    for column in table.columns:
        fields: list[tuple[int, int, Any]] = [
            (1, I32, PHYSICAL[column.kind]),
            (3, I32, OPTIONAL),
            (4, BINARY, column.name.encode()),
        ]
        if column.kind in CONVERTED:
            fields.append((6, I32, CONVERTED[column.kind]))
        if column.kind == Kind.TEXT:
            fields.append((10, STRUCT, _struct((1, STRUCT, _struct()))))
        if column.kind == Kind.MOMENT:
            micros = _struct((2, STRUCT, _struct()))
            fields.append((10, STRUCT, _struct((8, STRUCT, _struct((1, TRUE, None), (2, STRUCT, micros))))))
        schema.append(_struct(*fields))
    rows = len(table.rows)
    group = _struct((1, LIST, (STRUCT, chunks)), (2, I64, size), (3, I64, rows))
    return _struct(
        (1, I32, 1),
        (2, LIST, (STRUCT, schema)),
        (3, I64, rows),
        (4, LIST, (STRUCT, [group])),
        (6, BINARY, CREATED_BY.encode()),
    )


def _levels(values: Sequence[Any]) -> bytes:
    """Which values are there: runs of 1 and of 0, each as its length and one byte, behind the length of it all."""
    runs = b"".join(
        _varint(sum(1 for _each in run) << 1) + bytes([present])
        for present, run in groupby(value is not None for value in values)
    )
    return struct.pack("<I", len(runs)) + runs


def _plain(kind: Kind, values: list[Any]) -> bytes:
    if kind == Kind.TEXT:
        texts = [str(value).encode("utf-8", "replace") for value in values]
        return b"".join(struct.pack("<I", len(text)) + text for text in texts)
    if kind == Kind.NUMBER:
        return struct.pack(f"<{len(values)}d", *values)
    if kind == Kind.YES_NO:
        packed = bytearray((len(values) + 7) // 8)
        for place, value in enumerate(values):
            packed[place // 8] |= bool(value) << place % 8
        return bytes(packed)
    if kind == Kind.MOMENT:
        values = [_micros(value) for value in values]
    return struct.pack(f"<{len(values)}q", *values)


def _micros(moment: datetime) -> int:
    passed = moment - EPOCH
    return (passed.days * 86_400 + passed.seconds) * 1_000_000 + passed.microseconds


# Types of the Thrift compact protocol.
TRUE, I32, I64, BINARY, LIST, STRUCT = 1, 5, 6, 8, 9, 12


def _struct(*fields: tuple[int, int, Any]) -> bytes:
    """A Thrift structure of (number, type, value), numbers rising."""
    out = bytearray()
    last = 0
    for number, kind, value in fields:
        out.append((number - last) << 4 | kind)
        out += _value(kind, value)
        last = number
    out.append(0)
    return bytes(out)


def _value(kind: int, value: Any) -> bytes:
    if kind == TRUE:
        return b""
    if kind in (I32, I64):
        return _varint(value << 1 if value >= 0 else (-value << 1) - 1)
    if kind == BINARY:
        return _varint(len(value)) + value
    if kind == LIST:
        element, items = value
        size = bytes([len(items) << 4 | element]) if len(items) < 15 else bytes([0xF0 | element])
        if len(items) >= 15:
            size += _varint(len(items))
        return size + b"".join(_value(element, item) for item in items)
    return bytes(value)


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)
