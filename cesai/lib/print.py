"""Printed pages by Typst: without system fonts or network, and the same bytes for the same data.

A template gets data only, and its root is its own folder: nothing that a person typed can become markup or read a file.
"""

import datetime
import json
import re
import struct
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from django.conf import settings

if TYPE_CHECKING:
    import typst

FONTS = settings.BASE_DIR / "reports" / "typst" / "fonts"

# A run longer than this without a place to break would leave its table cell.
_UNBREAKABLE = re.compile(r"[^\s\u200b]{25,}")
_ZERO_WIDTH_SPACE = "\u200b"


def printed(
    template: Path, name: str, data: Mapping[str, Any], moment: datetime.datetime, standards: Sequence[Any]
) -> bytes:
    """`data` as the template's input `name`; every text in it is covered by the fonts."""
    text = json.dumps(_all_covered(data), ensure_ascii=False, sort_keys=True)
    return compiled(template, {name: text}, moment, standards)


def compiled(
    template: Path, inputs: Mapping[str, str], moment: datetime.datetime, standards: Sequence[Any]
) -> bytes:
    """One PDF that declares `standards`; `moment`, to the second, is the time that it carries instead of the clock's."""
    # The compiler takes 7 MB of every process that holds it, and few ever print.
    import typst

    compiler = typst.Compiler(
        template,
        root=template.parent,
        font_paths=_fonts(),
        ignore_system_fonts=True,
        sys_inputs=dict(inputs),
    )
    # One document is asked for, so one bytes object comes back.
    return cast(
        bytes,
        compiler.compile(
            format="pdf", pdf_standards=list(standards), timestamp=moment.replace(microsecond=0)
        ),
    )


def _all_covered(value: Any) -> Any:
    if isinstance(value, str):
        return covered(value)
    if isinstance(value, Mapping):
        return {name: _all_covered(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_all_covered(each) for each in value]
    return value


def clean(text: str) -> str:
    """``text`` as the fonts can set it: long runs get places to break, foreign characters a code."""
    return _UNBREAKABLE.sub(_breakable, covered(text))


def _breakable(run: re.Match[str]) -> str:
    text = run.group()
    # A German compound breaks by hyphenation; only what is no word needs help.
    if text.isalpha() and len(text) <= 60:
        return text
    return _ZERO_WIDTH_SPACE.join(text[start : start + 12] for start in range(0, len(text), 12))


def covered(text: str) -> str:
    """Archive PDFs must not hold a character without a glyph, so such a one is named: [U+1F600]."""
    glyphs = _glyphs()
    return "".join(
        char if ord(char) in glyphs or char == "\n" else " " if char.isspace() else f"[U+{ord(char):04X}]"
        for char in text
    )


@cache
def _fonts() -> "typst.Fonts":
    import typst

    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[FONTS])


@cache
def _glyphs() -> frozenset[int]:
    """The code points that every font of the report can set."""
    return frozenset.intersection(*(_code_points(path) for path in sorted(FONTS.glob("*.ttf"))))


def _code_points(path: Path) -> frozenset[int]:
    """Read the character map (subtable format 12, OpenType specification "cmap") of a TrueType font."""
    font = path.read_bytes()
    tables = struct.unpack_from(">H", font, 4)[0]
    offset = next(
        start
        for tag, _, start, _ in (struct.unpack_from(">4sIII", font, 12 + 16 * n) for n in range(tables))
        if tag == b"cmap"
    )
    for number in range(struct.unpack_from(">H", font, offset + 2)[0]):
        start = offset + struct.unpack_from(">HHI", font, offset + 4 + 8 * number)[2]
        if struct.unpack_from(">H", font, start)[0] == 12:
            groups = struct.unpack_from(">I", font, start + 12)[0]
            return frozenset(
                code
                for first, last, _ in struct.iter_unpack(">III", font[start + 16 : start + 16 + 12 * groups])
                for code in range(first, last + 1)
            )
    raise ValueError(f"{path.name} has no character map of format 12")
