"""What a model card says, gathered from the portal at the moment of planning."""

from decimal import Decimal

from django.conf import settings
from django.utils import timezone, translation

from evaluations.models import Run
from evaluations.models import Score as ScoreRow
from evaluations.models.run import State
from evaluations.presenting import metric_label
from hub.card import File, Score, Snapshot
from hub.models import Target
from portfolio.models import ModelProposal, ModelRelease, Project
from voting.models import Round

OPERATOR = "CESAI – Center for Sovereign AI"


def snapshot(release: ModelRelease, target: Target) -> Snapshot:
    """The card's content for one release at one place. Reads the database and nothing else."""
    model = release.model
    projects = Project.objects.filter(model=model).select_related("organisation").order_by("iteration", "pk")
    teams = list(dict.fromkeys(project.organisation.name for project in projects))
    proposal = model.proposal
    use_cases = list(proposal.use_cases.values_list("organisation_id", flat=True)) if proposal else []
    return Snapshot(
        name=model.name,
        version=release.version,
        summary=model.summary,
        licence=model.licence,
        developed_by=", ".join(teams) or OPERATOR,
        commissioned_by=OPERATOR,
        funded_by=target.connection.funding_note,
        contact=target.connection.contact,
        portal_url=settings.SITE_URL.rstrip("/") + model.get_absolute_url(),
        released_on=timezone.localdate(release.created_at),
        base_model=model.base_model,
        notes=release.notes,
        proposal=str(proposal) if proposal else "",
        use_cases=len(use_cases),
        organisations=len(set(use_cases)),
        voted_in=_round_of(proposal),
        intended_use=target.intended_use,
        out_of_scope=target.out_of_scope,
        training_data=target.training_data,
        limitations=target.limitations,
        scores=scores(release),
        files=tuple(
            File(path, described["size"], described["sha256"])
            for path, described in sorted(release.manifest.items())
        ),
    )


def scores(release: ModelRelease) -> tuple[Score, ...]:
    """Every score of the newest finished run of each suite, in a fixed order, with its provenance."""
    runs: dict[int, Run] = {}
    finished = Run.objects.filter(release=release, state=State.SUCCEEDED).select_related(
        "suite_version__suite"
    )
    for run in finished.order_by("finished_at", "pk"):
        runs[run.suite_version.suite_id] = run
    rows = (
        ScoreRow.objects.filter(run__in=runs.values())
        .select_related("run__suite_version__suite", "task")
        .order_by("run__suite_version__suite__slug", "task__name", "metric")
    )
    return tuple(_score(row) for row in rows)


def _score(row: ScoreRow) -> Score:
    version = row.run.suite_version
    assert row.run.finished_at is not None
    return Score(
        task=row.task.name,
        task_name=row.task.title_en,
        task_name_de=row.task.title_de,
        dataset=f"cesai/{version.suite.slug}",
        dataset_name=f"{version.suite.title_en}, version {version.number}",
        metric=row.metric,
        metric_name=_in("en", row.metric),
        metric_name_de=_in("de", row.metric),
        # The shortest text of the number that the database holds: the card can say nothing else.
        value=Decimal(repr(row.value)),
        stderr=None if row.stderr is None else Decimal(repr(row.stderr)),
        samples=row.questions,
        run=row.run.code,
        run_url=settings.SITE_URL.rstrip("/") + row.run.get_absolute_url(),
        measured_on=timezone.localdate(row.run.finished_at),
        harness=f"{version.harness} {version.harness_version}",
        seed=version.seed,
        shots=row.task.shots,
    )


def _in(language: str, metric: str) -> str:
    with translation.override(language):
        return metric_label(metric)


def _round_of(proposal: ModelProposal | None) -> str:
    """The voting round that the proposal won; empty for a model that no vote asked for."""
    won = (
        Round.objects.filter(items__proposal=proposal, items__outcome__won=True)
        if proposal
        else Round.objects.none()
    )
    return won.order_by("pk").values_list("title", flat=True).first() or ""
