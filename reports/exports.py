"""One report as a file in each format; all of them show the same structure."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from reports import csv, json, pdf, xlsx
from reports.structure import Report


@dataclass(frozen=True, slots=True)
class Format:
    extension: str
    label: Any
    content_type: str
    render: Callable[[Report], bytes]


FORMATS = {
    each.extension: each
    for each in (
        Format("pdf", _("PDF"), "application/pdf", pdf.render),
        Format(
            "xlsx",
            _("Excel (XLSX)"),
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            xlsx.render,
        ),
        Format("zip", _("All tables as CSV (ZIP)"), "application/zip", csv.render_all),
        Format("json", _("Data (JSON)"), "application/json", json.render),
    )
}


def file_name(code: str, report: Report, extension: str, table: str = "") -> str:
    """`zw-2026-0001-2026-06-30.pdf`: award, day and, for a single table, its key."""
    middle = f"-{table}" if table else ""
    return f"{code.lower()}-{report.as_of.isoformat()}{middle}.{extension}"
