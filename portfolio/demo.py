"""Demo of the portfolio: use cases in every state, proposals, one running and one finished Schnellboot."""

from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from django.utils import timezone

from accounts.demo import Cast
from accounts.models import Membership, Organisation, User
from accounts.roles import Role
from portfolio.actions import aimodels, projects, proposals, usecases
from portfolio.demo_texts import PROPOSALS, USE_CASES, D
from portfolio.models import AIModel, ModelProposal, Project, UseCase

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
