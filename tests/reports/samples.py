"""Reports that no project has, to show what every format must survive."""

import datetime
from decimal import Decimal

from reports.structure import Chart, ChartKind, Column, Fact, Kind, Report, Section, Series, Span, Table

HOSTILE = (
    '#read("/etc/passwd")',
    "*x* _y_ $z$ `w` \\n",
    "<script>alert(1)</script>",
    "=cmd()|' /C calc'!A0",
    '@SUM(1+1)*cmd|" /C calc"!A0',
    "+1 234",
    "-2+3",
    '"quoted"; and, separated',
)
LONG_WORD = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"

COLUMNS = (
    Column("position", "Position"),
    Column("label", "Bezeichnung"),
    Column("planned", "Plan", Kind.EURO_CENTS),
    Column("share", "Anteil", Kind.PERCENT),
    Column("paid_on", "Bezahlt am", Kind.DATE),
    Column("hours", "GPU-Stunden", Kind.INTEGER),
    Column("score", "Wert", Kind.DECIMAL),
)


def row(number: int, label: str) -> tuple:
    """Amounts change sign and grow to more than 150 million euro over 500 rows."""
    return (
        f"{number:04}",
        label,
        (-1) ** number * (number * 31_415_926 + number),
        number * 101,
        datetime.date(2026, 1, 1) + datetime.timedelta(days=number),
        number * 1_001,
        Decimal(number).scaleb(-4),
    )


def report(labels=("Personal", "Rechenzeit"), language="de", **changes) -> Report:
    rows = tuple(row(number, label) for number, label in enumerate(labels))
    table = Table(
        "budget",
        "Ausgaben nach Position",
        COLUMNS,
        rows,
        ("", "Summe", sum(r[2] for r in rows), None, None, sum(r[5] for r in rows), None),
    )
    chart = Chart(
        "plan_actual",
        ChartKind.BAR,
        "Plan und Ist",
        "Je Position ein Balken",
        twin="budget",
        categories=tuple(labels[:5]),
        series=(Series("Plan", tuple(r[2] for r in rows[:5])), Series("Ist", (None,) * len(rows[:5]))),
    )
    day = datetime.date(2026, 3, 1)
    milestones = Table(
        "milestones", "Meilensteine", (Column("name", "Name"), Column("hub", "Hub", Kind.LINK)), ()
    )
    gantt = Chart(
        "plan",
        ChartKind.GANTT,
        "Zeitplan",
        "Ein Projekt mit einem Meilenstein",
        twin="milestones",
        spans=(
            Span("SB-1", day, datetime.date(2027, 1, 10), datetime.date(2026, 12, 1)),
            Span("M1", day, day, note="erreicht"),
        ),
    )
    values = {
        "key": "award",
        "language": language,
        "as_of": datetime.date(2026, 10, 31),
        "title": "Bericht über die Zuwendung",
        "subtitle": "Beispiel",
        "facts": (
            Fact("reference", "Aktenzeichen", "37.01-2026/0815"),
            Fact("maximum", "Höchstbetrag", 13_500_000_000, Kind.EURO_CENTS),
            Fact("rate", "Förderquote", 9_000, Kind.PERCENT),
        ),
        "sections": (
            Section("finance", "Finanzen", "Alle Beträge in Euro.", (table,), (chart,)),
            Section("projects", "Projekte", "", (milestones,), (gantt,), ("Noch kein Ergebnis.",)),
        ),
    }
    return Report(**(values | changes))


def empty_report(language="de") -> Report:
    return Report("award", language, datetime.date(2026, 1, 1), "Leerer Bericht")
