"""Demo of funding: one programme, one award with its plans, ten months of entries. All figures are invented."""

from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256

from django.utils import timezone

from accounts.demo import Cast
from funding import actions
from funding.models import (
    Award,
    BudgetLine,
    Entry,
    FinancePlanVersion,
    PlannedAmount,
    Programme,
    RulePack,
    RulePackVersion,
)
from portfolio.models import Project

MILLION = 100_000_000
THOUSAND = 100_000

# Position, label, and euro cents of the approved plan in its four years: 150 million euro in all.
PLAN: list[tuple[str, str, tuple[int, int, int, int]]] = [
    (
        "0812",
        "Beschäftigte E12 bis E15",
        (21 * MILLION // 10, 42 * MILLION // 10, 44 * MILLION // 10, 43 * MILLION // 10),
    ),
    (
        "0822",
        "Beschäftigte E1 bis E11",
        (7 * MILLION // 10, 14 * MILLION // 10, 15 * MILLION // 10, 14 * MILLION // 10),
    ),
    ("0831", "Gegenstände bis 800 Euro", (20 * THOUSAND, 20 * THOUSAND, 10 * THOUSAND, 10 * THOUSAND)),
    ("0834", "Mieten und Rechnerkosten", (6 * MILLION, 24 * MILLION, 28 * MILLION, 22 * MILLION)),
    ("0835", "Vergabe von Aufträgen (Schnellboote)", (3 * MILLION, 14 * MILLION, 16 * MILLION, 12 * MILLION)),
    (
        "0843",
        "Sonstige allgemeine Verwaltungsausgaben",
        (400 * THOUSAND, 500 * THOUSAND, 550 * THOUSAND, 550 * THOUSAND),
    ),
    ("0844", "Dienstreisen", (10 * THOUSAND, 10 * THOUSAND, 10 * THOUSAND, 10 * THOUSAND)),
    (
        "0850",
        "Gegenstände über 800 Euro",
        (12 * MILLION // 10, 9 * MILLION // 10, 5 * MILLION // 10, 3 * MILLION // 10),
    ),
]

# Months after the start, day, position, kind, payee, reason, cents.
BOOKINGS: list[tuple[int, int, str, str, str, str, int]] = [
    (0, 20, "0850", "actual", "Bürotechnik Hürth (Demo)", "Server für die Entwicklungsumgebung", 41_286_540),
    (1, 6, "0831", "actual", "Bürotechnik Hürth (Demo)", "Bildschirme und Zubehör", 3_894_275),
    (
        1,
        24,
        "0843",
        "actual",
        "Stadtwerke Musterstadt (Demo)",
        "Strom und Nebenkosten, erstes Quartal",
        1_218_033,
    ),
    (2, 11, "0844", "actual", "Reisestelle CESAI", "Reisen der Aufbauphase", 1_437_690),
    (3, 15, "0850", "actual", "Netzwerkhaus Köln (Demo)", "Netzwerktechnik", 12_907_418),
    (4, 22, "0843", "actual", "Kanzlei am Dom (Demo)", "Prüfung der Nutzungsbedingungen", 2_856_000),
    (5, 12, "0831", "actual", "Bürotechnik Hürth (Demo)", "Arbeitsplätze des zweiten Teams", 2_758_841),
    (6, 18, "0844", "actual", "Reisestelle CESAI", "Besuche bei Pilotanwendern", 3_462_115),
    (
        7,
        9,
        "0843",
        "actual",
        "Stadtwerke Musterstadt (Demo)",
        "Strom und Nebenkosten, zweites Quartal",
        1_301_977,
    ),
    (8, 14, "0850", "actual", "Bürotechnik Hürth (Demo)", "Sicherungssystem", 9_640_000),
]

# Orders with the payments on them: position, payee, reason, cents, month, [(month, day, reason, cents)].
ORDERS: list[tuple[str, str, str, int, int, list[tuple[int, int, str, int]]]] = [
    (
        "0834",
        "Rechenzentrum Rhein (Demo)",
        "Rahmenvertrag GPU-Kapazität, erstes Jahr",
        420_000_000,
        1,
        [
            (3, 30, "GPU-Stunden, erstes Quartal", 61_234_050),
            (6, 30, "GPU-Stunden, zweites Quartal", 98_770_125),
            (9, 15, "GPU-Stunden, drittes Quartal", 112_450_300),
        ],
    ),
]

# The same for orders of a Schnellboot; months count from the start of the project.
PROJECT_ORDERS: list[tuple[str, str, int, list[tuple[int, int, str, int]]]] = [
    (
        "0835",
        "Entwicklung und Erprobung",
        84_000_000,
        [(1, 20, "Meilenstein Datensammlung", 21_000_000), (3, 18, "Meilenstein erste Fassung", 25_200_000)],
    ),
    ("0834", "Rechenzeit für Training und Messung", 9_600_000, [(2, 27, "GPU-Stunden", 3_318_745)]),
    ("0835", "Unabhängige Prüfung der Trainingsdaten", 4_165_000, [(2, 10, "Prüfbericht", 4_165_000)]),
]


@dataclass(frozen=True)
class _Months:
    """Days by number of months after `start`, the first of a month."""

    start: date

    def day(self, months: int, day: int) -> date:
        index = self.start.year * 12 + self.start.month - 1 + months
        return date(index // 12, index % 12 + 1, min(day, 28))


def load(cast: Cast) -> None:
    """Fills funding through its own actions; does nothing when it was filled before."""
    if Programme.objects.exists():
        return
    today = timezone.localdate()
    calendar = _Months(_Months(today.replace(day=1)).day(-10, 1))
    award = _award(cast, calendar)
    _plans(cast, award, calendar)
    _salaries(cast, award, calendar)
    for months, day, position, kind, payee, reason, cents in BOOKINGS:
        _book(cast, award, position, kind, calendar.day(months, day), payee, reason, cents)
    for position, payee, reason, cents, month, payments in ORDERS:
        _order(cast, award, calendar, position, payee, reason, cents, month, payments)
    for project in Project.objects.select_related("organisation").order_by("pk"):
        _project(cast, award, project, today)
    _special_cases(cast, award, calendar, today)


def _award(cast: Cast, calendar: _Months) -> Award:
    packs = {
        "anbest-p-nrw": ("ANBest-P NRW (Demo)", 2, RulePackVersion.Unit.MONTHS),
        "anbest-p-bund": ("ANBest-P Bund (Demo)", 6, RulePackVersion.Unit.WEEKS),
    }
    for slug, (name, use_by, unit) in packs.items():
        pack = RulePack.objects.create(slug=slug, name=name)
        RulePackVersion.objects.create(
            pack=pack,
            valid_from=date(2020, 1, 1),
            source="Nebenbestimmungen zur Projektförderung; gilt, was im Bescheid steht",
            use_by=use_by,
            use_by_unit=unit,
            line_tolerance_bp=2_000,
            interim_proof_months=4,
            final_proof_months=6,
        )
    programme = Programme.objects.create(
        slug="strukturwandel-demo",
        name="Demo: Strukturwandel Rheinisches Revier",
        funder=cast.bezirksregierung,
        legal_basis="Demo nach dem Muster der Rahmenrichtlinie NRW zum InvKG, Fördersatz 90 %",
        purpose="Aufbau eines Zentrums für souveräne KI. Erfundenes Beispiel: kein Bescheid, keine echten Zahlungen.",
    )
    award = actions.grant_award(
        by=cast.petra,
        reference="37.01.02-DEMO/0815",
        title="Aufbau und Betrieb des CESAI",
        programme=programme,
        recipient=cast.cesai,
        granted_on=calendar.start - timedelta(days=20),
        starts_on=calendar.start,
        ends_on=calendar.day(48, 1) - timedelta(days=1),
        financing=Award.Financing.SHARE,
        rate_bp=9_000,
        maximum_cents=135 * MILLION,
        rule_pack=RulePack.objects.get(slug="anbest-p-nrw"),
    )
    for position, label, _years in PLAN:
        BudgetLine.objects.create(award=award, position=position, label=label)
    return award


def _plans(cast: Cast, award: Award, calendar: _Months) -> None:
    approved = {
        (position, calendar.start.year + place): cents
        for position, _label, years in PLAN
        for place, cents in enumerate(years)
    }
    first = _plan(cast, award, "Antrag: 150 Mio. Euro", "90 % öffentlich, 10 % Eigenanteil", approved)
    actions.submit_plan(by=cast.petra, version=first, submitted_on=calendar.start - timedelta(days=120))
    actions.approve_plan(by=cast.petra, version=first, decided_on=award.granted_on)
    _scenario(cast, award, calendar.start.year)
    shift = 80 * THOUSAND
    last = calendar.start.year + 3
    changed = approved | {
        ("0843", last): approved["0843", last] - shift,
        ("0844", last): approved["0844", last] + shift,
    }
    change = _plan(
        cast,
        award,
        "Änderungsantrag Dienstreisen",
        "80.000 Euro von 0843 nach 0844, Summe unverändert",
        changed,
    )
    actions.submit_plan(by=cast.petra, version=change, submitted_on=calendar.day(8, 20))


def _plan(
    cast: Cast, award: Award, name: str, note: str, amounts: dict[tuple[str, int], int]
) -> FinancePlanVersion:
    version = actions.add_plan_version(by=cast.petra, award=award, name=name, note=note)
    lines = {line.position: line for line in award.budget_lines.all()}
    PlannedAmount.objects.bulk_create(
        PlannedAmount(
            version=version,
            line=lines[position],
            year=year,
            amount_cents=cents,
            federal_cents=cents * 9 // 10,
            own_cents=cents - cents * 9 // 10,
        )
        for (position, year), cents in amounts.items()
    )
    return version


def _scenario(cast: Cast, award: Award, year: int) -> None:
    """Another figure that is talked about: 130 million public money, which is 90 % of 144.4 million."""
    version = actions.add_plan_version(
        by=cast.petra,
        award=award,
        name="Szenario: 130 Mio. Euro öffentliche Mittel",
        note="Nicht beantragt. 130 Mio. Euro sind 90 % von 144,4 Mio. Euro; private Mittel ergänzen den Eigenanteil.",
    )
    PlannedAmount.objects.create(
        version=version,
        line=award.budget_lines.get(position="0834"),
        year=year,
        amount_cents=14_444_444_444,
        federal_cents=13_000_000_000,
        own_cents=1_000_000_000,
        private_cents=444_444_444,
    )


def _salaries(cast: Cast, award: Award, calendar: _Months) -> None:
    for month in range(10):
        for position, first, step in (("0812", 11_843_217, 948_360), ("0822", 3_905_482, 310_775)):
            _book(
                cast,
                award,
                position,
                Entry.Kind.ACTUAL,
                calendar.day(month, 27),
                "Lohnlauf CESAI",
                f"Gehälter {calendar.day(month, 1):%m/%Y}",
                first + month * step,
            )


def _project(cast: Cast, award: Award, project: Project, today: date) -> None:
    calendar = _Months(project.starts_on.replace(day=1))
    payee = str(project.organisation)
    for position, reason, cents, payments in PROJECT_ORDERS:
        paid = [payment for payment in payments if calendar.day(payment[0], payment[1]) <= today]
        if project.starts_on <= today:
            _order(
                cast, award, calendar, position, payee, f"{project.code}: {reason}", cents, 0, paid, project
            )


def _special_cases(cast: Cast, award: Award, calendar: _Months, today: date) -> None:
    twice = _book(
        cast,
        award,
        "0843",
        Entry.Kind.ACTUAL,
        calendar.day(5, 4),
        "Stadtwerke Musterstadt (Demo)",
        "Strom und Nebenkosten, erstes Quartal",
        1_218_033,
    )
    actions.reverse_entry(
        by=cast.petra, entry=twice, booked_on=calendar.day(5, 11), reason="Rechnung war doppelt gebucht"
    )
    actions.book_entry(
        by=cast.petra,
        award=award,
        line=award.budget_lines.get(position="0843"),
        kind=Entry.Kind.ACTUAL,
        booked_on=calendar.start - timedelta(days=12),
        payee="Notariat Hürth (Demo)",
        reason="Beurkundung",
        amount_cents=214_200,
        outside_reason="Vorzeitiger Maßnahmenbeginn laut Bescheid erlaubt",
    )
    _book(
        cast,
        award,
        "0822",
        Entry.Kind.IN_KIND,
        calendar.day(4, 15),
        "Institut für Angewandte Sprache",
        "Überlassene Arbeitsräume, bewertet nach Mietspiegel",
        4_800_000,
    )
    for days, position, payee, reason, cents in (
        (9, "0834", "Rechenzentrum Rhein (Demo)", "GPU-Stunden, Abschlag", 38_000_000),
        (40, "0850", "Netzwerkhaus Köln (Demo)", "Erweiterung Speicher", 17_250_000),
        (75, "0835", "Ausschreibung läuft", "Zweites Schnellboot", 96_000_000),
    ):
        _book(cast, award, position, Entry.Kind.PLAN, today + timedelta(days=days), payee, reason, cents)


def _order(
    cast: Cast,
    award: Award,
    calendar: _Months,
    position: str,
    payee: str,
    reason: str,
    cents: int,
    month: int,
    payments: list[tuple[int, int, str, int]],
    project: Project | None = None,
) -> None:
    order = _book(
        cast,
        award,
        position,
        Entry.Kind.COMMITMENT,
        calendar.day(month, 5),
        payee,
        reason,
        cents,
        project=project,
    )
    for months, day, what, part in payments:
        _book(
            cast,
            award,
            position,
            Entry.Kind.ACTUAL,
            calendar.day(months, day),
            payee,
            what,
            part,
            project=project,
            settles=order,
        )


def _book(
    cast: Cast,
    award: Award,
    position: str,
    kind: str,
    day: date,
    payee: str,
    reason: str,
    cents: int,
    *,
    project: Project | None = None,
    settles: Entry | None = None,
) -> Entry:
    document = f"Demo-Beleg {day:%Y-%m-%d} {payee} {reason}"
    return actions.book_entry(
        by=cast.petra,
        award=award,
        line=award.budget_lines.get(position=position),
        kind=kind,
        booked_on=day,
        payee=payee,
        reason=reason,
        amount_cents=cents,
        project=project,
        settles=settles,
        document_name=f"{document}.txt" if kind != Entry.Kind.PLAN else "",
        document_sha256=sha256(document.encode()).hexdigest() if kind != Entry.Kind.PLAN else "",
    )
