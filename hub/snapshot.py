"""What a model card says, gathered from the portal at the moment of planning."""

from django.conf import settings

from hub.card import File, Score, Snapshot
from hub.models import Target
from portfolio.models import ModelRelease, Project

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
        released_on=release.created_at.date(),
        base_model=model.base_model,
        notes=release.notes,
        proposal=str(proposal) if proposal else "",
        use_cases=len(use_cases),
        organisations=len(set(use_cases)),
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
    """Results of the release's finished evaluation runs, in a fixed order."""
    return ()
