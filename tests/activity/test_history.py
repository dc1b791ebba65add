"""The audit history: written by the database, told to people."""

from pghistory.models import Events

from activity.history import history_of
from portfolio.actions.proposals import propose_model
from portfolio.actions.usecases import draft_usecase
from portfolio.models import UseCase
from tests.portfolio.factories import DraftFactory, MilestoneFactory, ProjectFactory


def test_a_change_in_the_browser_names_actor_address_and_values(client, jonas, cast):
    use_case = DraftFactory()
    client.force_login(jonas)
    client.post(f"/use-cases/{use_case.code}/submit/")
    newest, _created = history_of(use_case)
    assert (newest.who, newest.what) == ("Jonas Brenner", "Changed")
    status = next(change for change in newest.changes if change.field == "status")
    assert (status.before, status.after) == ("Draft", "Submitted")
    context = Events.objects.tracks(use_case).order_by("-pgh_id").values_list("pgh_context", flat=True)[0]
    assert context["user"] == jonas.pk
    assert context["url"] == f"/use-cases/{use_case.code}/submit/"
    assert context["method"] == "POST"
    assert context["request"]


def test_a_change_by_sql_is_recorded_too(use_case_draft):
    UseCase.objects.filter(pk=use_case_draft.pk).update(title="Anders")
    (change,) = history_of(use_case_draft)[0].changes
    assert (change.field, change.after) == ("title", "Anders")
    assert history_of(use_case_draft)[0].who == "The portal"


def test_values_are_shown_as_people_write_them(jonas, brenner, mira, paul, cast):
    use_case = draft_usecase(
        by=jonas, organisation=brenner, title="x", problem="x", benefit="x", domain="other"
    )
    use_case.goals = ["Z1", "Z4"]
    use_case.expected_value_cents = 18_000_050
    use_case.problem = "lang " * 100
    use_case.save(update_fields=["goals", "expected_value_cents", "problem"])
    shown = {change.field: (change.before, change.after) for change in history_of(use_case)[0].changes}
    assert shown["programme goals"] == ("–", "Z1, Z4")
    assert shown["expected value per year"] == ("–", "€180,000.50")
    assert shown["problem"][1].endswith("…")
    assert len(shown["problem"][1]) == 201


def test_dates_are_shown_in_the_readers_format(settings, cast):
    from django.utils import translation

    milestone = MilestoneFactory(project=ProjectFactory())
    before = milestone.forecast_on
    milestone.forecast_on = before.replace(month=12, day=24, year=2027)
    milestone.save(update_fields=["forecast_on"])
    with translation.override("de"):
        (change,) = history_of(milestone)[0].changes
    assert (change.field, change.after) == ("erwartet für", "24.12.2027")
    assert change.before == f"{before:%d.%m.%Y}"


def test_a_proposal_of_euro_shows_euro(mira, cast):
    use_case = DraftFactory()
    use_case.to_submitted()
    UseCase.objects.filter(pk=use_case.pk).update(status="submitted", submitted_at=use_case.created_at)
    proposal = propose_model(
        by=mira,
        use_cases=[UseCase.objects.get(pk=use_case.pk)],
        title="x",
        summary="x",
        cost_gpu_hours=1,
        cost_cents=100,
    )
    proposal.cost_cents = 12_345
    proposal.save(update_fields=["cost_cents"])
    (change,) = history_of(proposal)[0].changes
    assert (change.before, change.after) == ("€1.00", "€123.45")


def test_two_statements_whatever_the_length(django_assert_num_queries, use_case_draft):
    for number in range(12):
        UseCase.objects.filter(pk=use_case_draft.pk).update(title=f"Fassung {number}")
    with django_assert_num_queries(1):
        assert len(history_of(use_case_draft, limit=5)) == 5


def test_passwords_are_never_in_the_history(jonas):
    jonas.set_password("ein-langes-geheimnis")
    jonas.full_name = "Jonas B."
    jonas.save()
    changes = history_of(jonas)[0].changes
    assert [change.field for change in changes] == ["name"]
