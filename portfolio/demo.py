"""Demo of the portfolio: use cases in every state, proposals, one running and one finished Schnellboot."""

from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from django.utils import timezone

from accounts.demo import Cast
from accounts.models import Membership, Organisation, User
from accounts.roles import Role
from portfolio.actions import aimodels, projects, proposals, usecases
from portfolio.models import AIModel, ModelProposal, Project, UseCase

D = UseCase.Domain

# Short name of the organisation, title, problem, benefit, data, field, goals, euro per year.
USE_CASES: list[tuple[str, str, str, str, str, str, list[str], int]] = [
    (
        "brenner",
        "Angebote gegen Zeichnungen prüfen",
        "Zwei Konstrukteure vergleichen jede Woche rund 60 Angebote mit den technischen Zeichnungen. Abweichungen bei "
        "Toleranzen und Werkstoffen fallen oft erst in der Fertigung auf.",
        "Ein Sprachmodell, das Maschinenbau-Deutsch und Normen kennt, markiert Abweichungen vorab. Wir rechnen mit "
        "einem Drittel weniger Rückfragen.",
        "11.000 Angebote als PDF seit 2014, 7.500 Zeichnungen als DXF, Deutsch.",
        D.MECHANICAL,
        ["Z2", "Z5"],
        180_000,
    ),
    (
        "brenner",
        "Störmeldungen der Montage auswerten",
        "Störmeldungen werden in freien Sätzen erfasst, jede Schicht schreibt anders. Häufungen bleiben unbemerkt.",
        "Gleiche Ursachen werden erkannt, obwohl sie verschieden beschrieben sind.",
        "38.000 Meldungen seit 2016, Deutsch mit Fachwörtern.",
        D.MECHANICAL,
        ["Z2", "Z4"],
        95_000,
    ),
    (
        "rheinchemie",
        "Sicherheitsdatenblätter abgleichen",
        "Lieferanten ändern Sicherheitsdatenblätter, ohne die Änderung zu kennzeichnen. Wir gleichen 4.000 Blätter im "
        "Jahr von Hand ab.",
        "Änderungen an H- und P-Sätzen werden am selben Tag erkannt und begründet.",
        "26.000 Datenblätter, Deutsch und Englisch, dazu interne Bewertungen.",
        D.CHEMISTRY,
        ["Z4", "Z5"],
        220_000,
    ),
    (
        "rheinchemie",
        "Laborjournale durchsuchbar machen",
        "Wissen aus 30 Jahren Laborjournalen ist nur für die auffindbar, die dabei waren.",
        "Neue Kolleginnen und Kollegen finden frühere Versuche und ihre Ergebnisse in Minuten statt Tagen.",
        "Gescannte Journale, etwa 90.000 Seiten, teilweise handschriftlich.",
        D.CHEMISTRY,
        ["Z1", "Z3"],
        140_000,
    ),
    (
        "kelheim",
        "Rüstanleitungen aus Erfahrungswissen",
        "Die Einrichter gehen in Rente; ihr Wissen steht in Notizen und in Köpfen.",
        "Aus Notizen und Interviews entstehen geprüfte Rüstanleitungen in einfacher Sprache.",
        "1.200 Notizzettel, 40 Stunden Interviews.",
        D.MECHANICAL,
        ["Z1", "Z5"],
        60_000,
    ),
    (
        "papier",
        "Energieverbrauch der Trocknung vorhersagen",
        "Die Trocknung verbraucht zwei Drittel unserer Energie. Schwankungen erkennen wir erst im Nachhinein.",
        "Eine Vorhersage für die nächsten vier Stunden erlaubt es, Strom günstiger einzukaufen.",
        "Messwerte von 800 Sensoren seit 2019, eine pro Sekunde.",
        D.INFRASTRUCTURE,
        ["Z2", "Z4"],
        310_000,
    ),
    (
        "stadtwerke",
        "Bürgeranfragen zuordnen",
        "Anfragen landen im falschen Fachbereich und wandern im Schnitt zweimal weiter.",
        "Ein lokal betriebenes Modell ordnet zu und schlägt eine Antwort vor, die ein Mensch prüft.",
        "52.000 Anfragen, anonymisiert.",
        D.PUBLIC,
        ["Z4", "Z6"],
        75_000,
    ),
    (
        "spedition",
        "Frachtpapiere in elf Sprachen lesen",
        "Frachtpapiere kommen in elf Sprachen und vielen Formaten; Abtippen kostet täglich sechs Stunden.",
        "Die Papiere werden gelesen, geprüft und in unser System übernommen.",
        "140.000 Scans mit geprüften Daten.",
        D.OTHER,
        ["Z2", "Z5"],
        120_000,
    ),
    (
        "medizin",
        "Zulassungsunterlagen vergleichen",
        "Für jede Produktvariante prüfen drei Personen 600 Seiten Zulassungsunterlagen auf Widersprüche.",
        "Widersprüche zwischen Dokumenten werden mit Fundstelle gezeigt.",
        "Unterlagen zu 34 Produkten, Deutsch und Englisch.",
        D.PHARMA,
        ["Z4", "Z5"],
        260_000,
    ),
    (
        "giesserei",
        "Gussfehler am Klang erkennen",
        "Risse werden im Röntgenbild erkannt, das teuer ist und langsam.",
        "Ein Klangmodell sortiert vor; geröntgt wird nur noch der Zweifelsfall.",
        "9.000 Klangproben mit Befund.",
        D.MATERIALS,
        ["Z2", "Z3"],
        150_000,
    ),
    (
        "nordwind",
        "Wartungsberichte von Windparks auswerten",
        "Techniker schreiben Berichte auf dem Telefon, oft in Stichworten und in drei Sprachen.",
        "Wiederkehrende Schäden werden parkübergreifend sichtbar.",
        "61.000 Berichte seit 2012.",
        D.INFRASTRUCTURE,
        ["Z4", "Z5"],
        200_000,
    ),
    (
        "lernwerk",
        "Übungsaufgaben für die Berufsschule",
        "Passende Aufgaben zu neuen Ausbildungsordnungen fehlen oft jahrelang.",
        "Lehrkräfte erhalten geprüfte Entwürfe mit Lösungsweg.",
        "3.000 freie Aufgaben mit Lösungen.",
        D.OTHER,
        ["Z1", "Z3"],
        40_000,
    ),
    (
        "optik",
        "Prüfprotokolle erklären",
        "Unsere Messprotokolle verstehen nur Fachleute; Kundinnen und Kunden fragen nach.",
        "Das Protokoll wird in einen verständlichen Satz übersetzt, ohne etwas hinzuzufügen.",
        "22.000 Protokolle.",
        D.PHYSICS,
        ["Z5"],
        45_000,
    ),
    (
        "saatgut",
        "Sortenbeschreibungen vereinheitlichen",
        "Sortenbeschreibungen aus sechs Ländern verwenden verschiedene Merkmale.",
        "Merkmale werden auf eine gemeinsame Liste abgebildet, Zweifel werden markiert.",
        "8.400 Beschreibungen.",
        D.OTHER,
        ["Z6"],
        30_000,
    ),
]

# Title, what it shall do, titles of use cases, GPU-hours, euro, months. The costs are pairwise distinct.
PROPOSALS: list[tuple[str, str, list[str], int, int, int]] = [
    (
        "Fachsprachmodell Maschinenbau",
        "Ein Domänenmodell für Konstruktion, Fertigung und Instandhaltung in deutscher Sprache, auf einem offenen "
        "europäischen Basismodell, im eigenen Haus betreibbar.",
        ["Angebote gegen Zeichnungen prüfen", "Störmeldungen der Montage auswerten"],
        18_400,
        412_000,
        9,
    ),
    (
        "Stoffdaten-Assistent Chemie",
        "Liest Sicherheitsdatenblätter und Laborjournale, nennt Fundstellen und rechnet nichts dazu.",
        ["Sicherheitsdatenblätter abgleichen", "Laborjournale durchsuchbar machen"],
        15_200,
        356_000,
        10,
    ),
    (
        "Dokumentenleser für Zulassung und Fracht",
        "Versteht Formulare und lange Unterlagen in elf Sprachen und zeigt Widersprüche mit Fundstelle.",
        ["Zulassungsunterlagen vergleichen", "Frachtpapiere in elf Sprachen lesen"],
        21_900,
        498_000,
        12,
    ),
    (
        "Zeitreihenmodell Energie",
        "Sagt Verbrauch und Erzeugung vier Stunden voraus, mit ehrlicher Unsicherheit.",
        ["Energieverbrauch der Trocknung vorhersagen"],
        9_700,
        224_000,
        8,
    ),
    (
        "Wartungsassistent Windenergie",
        "Wertet Wartungsberichte in drei Sprachen parkübergreifend aus.",
        ["Wartungsberichte von Windparks auswerten"],
        8_300,
        197_000,
        8,
    ),
    (
        "Bürgerdialog lokal",
        "Ordnet Anfragen zu und schlägt Antworten vor; läuft ohne Verbindung nach außen.",
        ["Bürgeranfragen zuordnen"],
        6_100,
        148_000,
        7,
    ),
    (
        "Klangprüfung Guss",
        "Erkennt Risse am Klang und sagt, wann sie unsicher ist.",
        ["Gussfehler am Klang erkennen"],
        5_400,
        131_000,
        7,
    ),
    (
        "Rüstwissen in einfacher Sprache",
        "Macht aus Notizen und Interviews geprüfte Anleitungen.",
        ["Rüstanleitungen aus Erfahrungswissen"],
        4_800,
        118_000,
        6,
    ),
    (
        "Aufgabenwerkstatt Berufsschule",
        "Entwirft Übungsaufgaben mit Lösungsweg für die Prüfung durch Lehrkräfte.",
        ["Übungsaufgaben für die Berufsschule"],
        3_900,
        96_000,
        6,
    ),
]

BASELINE = "N-Gramm-Basislinie Deutsch"


def load(cast: Cast) -> None:
    """Fills the portfolio through its own actions; does nothing when it was filled before."""
    if UseCase.objects.exists():
        return
    by_title = _use_cases(cast)
    for title, summary, titles, gpu_hours, euro, months in PROPOSALS:
        proposals.propose_model(
            by=cast.mira,
            use_cases=[by_title[each] for each in titles],
            title=title,
            summary=summary,
            base_model="Teuken-7B (offen, europäisch)",
            cost_gpu_hours=gpu_hours,
            cost_cents=euro * 100,
            months=months,
        )
    _further_states(cast, by_title)
    _baseline(cast)


def _use_cases(cast: Cast) -> dict[str, UseCase]:
    made = {}
    for slug, title, problem, benefit, data, domain, goals, euro in USE_CASES:
        organisation = Organisation.objects.get(slug=slug)
        use_case = usecases.draft_usecase(
            by=_submitter(cast, organisation),
            organisation=organisation,
            title=title,
            problem=problem,
            benefit=benefit,
            data_available=data,
            domain=domain,
            goals=goals,
            expected_value_cents=euro * 100,
        )
        usecases.submit_usecase(by=use_case.submitter, use_case=use_case)
        made[title] = use_case
    return made


def _submitter(cast: Cast, organisation: Organisation) -> User:
    known = {"brenner": cast.jonas, "rheinchemie": cast.stefan, "kelheim": cast.ines, "ias": cast.paul}
    if organisation.slug in known:
        return known[organisation.slug]
    return Membership.objects.get(organisation=organisation, role=Role.VOTING_REPRESENTATIVE).user


def _further_states(cast: Cast, by_title: dict[str, UseCase]) -> None:
    use_case = by_title["Sortenbeschreibungen vereinheitlichen"]
    usecases.take_into_triage(by=cast.mira, use_case=use_case)
    usecases.defer_usecase(
        by=cast.mira,
        use_case=use_case,
        reason="Die Merkmalsliste der sechs Länder wird bis Sommer neu gefasst. Danach greifen wir den Fall wieder auf.",
    )
    draft = usecases.draft_usecase(
        by=cast.jonas,
        organisation=cast.brenner,
        title="Ersatzteile am Foto erkennen",
        problem="Kunden schicken Fotos statt Teilenummern.",
        benefit="Die Teilenummer wird vorgeschlagen.",
        domain=D.MECHANICAL,
        goals=["Z5"],
    )
    asked = usecases.draft_usecase(
        by=cast.stefan,
        organisation=cast.rheinchemie,
        title="Rezepturen auf Patente prüfen",
        problem="Vor jeder neuen Rezeptur prüfen wir Patente von Hand.",
        benefit="Treffer werden mit Fundstelle gezeigt.",
        domain=D.CHEMISTRY,
        goals=["Z4"],
        confidentiality=UseCase.Confidentiality.CONFIDENTIAL,
    )
    usecases.submit_usecase(by=cast.stefan, use_case=asked)
    usecases.ask_submitter(
        by=cast.mira,
        use_case=asked,
        question="Welche Patentdatenbanken dürfen Sie nutzen, und in welchen Sprachen?",
    )
    assert draft.status == UseCase.Status.DRAFT


def _baseline(cast: Cast) -> None:
    """A model that predates the first vote: an honest measure for those that come, with a finished project."""
    use_case = usecases.draft_usecase(
        by=cast.paul,
        organisation=cast.ias,
        title="Vergleichsmaßstab für deutsche Sprachmodelle",
        problem="Ohne einfachen Maßstab lässt sich nicht sagen, was ein neues Modell wirklich leistet.",
        benefit="Jedes Modell wird mit einer Basislinie verglichen, die jeder nachrechnen kann.",
        data_available="Eigene, frei lizenzierte Sätze.",
        domain=D.SOFTWARE,
        goals=["Z1", "Z7"],
        confidentiality=UseCase.Confidentiality.PUBLIC,
    )
    usecases.submit_usecase(by=cast.paul, use_case=use_case)
    proposals.propose_model(
        by=cast.mira,
        use_cases=[use_case],
        title=BASELINE,
        summary="Ein N-Gramm-Modell, kein großes Sprachmodell: der kleinste ehrliche Maßstab.",
        kind=ModelProposal.Kind.DOMAIN,
        licence="CC0-1.0",
        cost_gpu_hours=40,
        cost_cents=900_000,
        months=6,
    )


def commission_baseline(
    cast: Cast, files: dict[str, Path], serve_command: list[str], served_name: str
) -> AIModel:
    """From the won proposal to a model with its running project and first release; called once the vote is loaded."""
    proposal = ModelProposal.objects.get(title=BASELINE)
    if existing := AIModel.objects.filter(proposal=proposal).first():
        return existing
    model = aimodels.commission_model(by=cast.mira, proposal=proposal, name="Basislinie Deutsch")
    today = timezone.localdate()
    start = _months_before(today, 5)
    project = projects.start_project(
        by=cast.mira,
        model=model,
        organisation=cast.ias,
        lead=cast.paul,
        title="Basislinie Deutsch",
        starts_on=start,
        results_on=start + timedelta(days=214),
        team_size=8,
    )
    _milestones(cast, project, today)
    with TemporaryDirectory() as folder:
        readme = Path(folder) / "LICENSE.txt"
        readme.write_text("CC0 1.0 Universal\nhttps://creativecommons.org/publicdomain/zero/1.0/\n")
        aimodels.add_release(
            by=cast.mira,
            model=model,
            version="1.0.0",
            notes="Erste Fassung: gelernt aus eigenen, frei lizenzierten Sätzen.",
            files={**files, "LICENSE.txt": readme},
            serve_command=serve_command,
            served_name=served_name,
        )
    return model


def _milestones(cast: Cast, project: Project, today: date) -> None:
    plan = [
        ("Datensammlung geprüft und freigegeben", 30, "Protokoll der Datenprüfung, Fassung 1.2"),
        ("Erste messbare Fassung", 75, "Messlauf im Portal"),
        ("Betrieb beim Pilotanwender", 120, ""),
        ("Dokumentation vollständig", 190, ""),
    ]
    for title, days, evidence in plan:
        milestone = projects.add_milestone(
            by=cast.paul,
            project=project,
            title=title,
            baseline_on=project.starts_on + timedelta(days=days),
            criteria="Abnahme durch CESAI nach den Unterlagen",
        )
        if evidence:
            reached = min(milestone.baseline_on + timedelta(days=4), today)
            projects.report_milestone(
                by=cast.paul, milestone=milestone, reached_on=reached, evidence=evidence, today=today
            )
            projects.accept_milestone(by=cast.mira, milestone=milestone)
        elif days == 120:
            projects.report_milestone(
                by=cast.paul,
                milestone=milestone,
                reached_on=min(milestone.baseline_on, today),
                evidence="Rückmeldung der Pilotanwender, Ordner 7",
                today=today,
            )


def _months_before(day: date, months: int) -> date:
    index = day.year * 12 + day.month - 1 - months
    return date(index // 12, index % 12 + 1, 1)
