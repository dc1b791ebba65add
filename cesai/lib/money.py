"""Euro as people type them."""

import re

# 100 billion euro: more than any award or model, less than what a database column holds.
MAX_CENTS = 10_000_000_000_000

_GROUPED = {
    "de": re.compile(r"(\d{1,3}(?:\.\d{3})+)(?:,(\d{1,2}))?", re.ASCII),
    "en": re.compile(r"(\d{1,3}(?:,\d{3})+)(?:\.(\d{1,2}))?", re.ASCII),
}
# Without grouping either mark is the decimal mark: 12,5 and 12.50 mean the same in every language.
_PLAIN = re.compile(r"(\d+)(?:[.,](\d{1,2}))?", re.ASCII)


def parse_euro(text: str, language: str) -> int:
    """`1.234,56 €` in German, `€1,234.56` in English, `1234.5` in both: whole cents, without sign.

    Raises ValueError for anything else. What could be read two ways is read the way `language` groups:
    `1.234` is one thousand two hundred and thirty-four euro in German and refused in English.
    """
    bare = re.sub(r"[\s\u00a0\u202f€]|EUR", "", text)
    match = _GROUPED["en" if language == "en" else "de"].fullmatch(bare) or _PLAIN.fullmatch(bare)
    if not match:
        raise ValueError(text)
    whole, rest = match.groups()
    return int(re.sub(r"\D", "", whole)) * 100 + int((rest or "").ljust(2, "0"))
