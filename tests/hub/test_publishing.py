"""From the plan to the verified commit: through the actions and jobs, against the double."""

import datetime

import pytest
from django.db import IntegrityError, transaction
from django.db import connection as database
from django.utils import timezone

from activity.models import Event
from hub import pushing
from hub.actions import HubRefused
from hub.actions.plans import (
    approve_plan,
    describe_target,
    discard_plan,
    plan_release,
    replan_publication,
    retry_publication,
)
from hub.double.faults import Kind
from hub.kinds import ErrorKind
from hub.models import Connection, Plan, Publication, Target
from hub.preparing import prepare
from hub.tasks import pick_up, prepare_plan, push_publication
from portfolio.models import AIModel, ModelRelease
from tests.hub.doubles import CANARY, REPO
from tests.hub.factories import make_connection, make_model, make_plan, make_publication, make_release


@pytest.fixture
def release(mira, tmp_path):
    return make_release(mira, make_model(), folder=tmp_path / "sources")


@pytest.fixture
def way(db, double, settings):
    settings.HUB_CA_FILE = str(double.ca_file)
    return make_connection(double)


@pytest.fixture
def publication(mira, tariq, release, way):
    return make_publication(mira, tariq, release, way)


def test_a_plan_shows_every_operation_before_anything_is_done(mira, release, way, double):
    plan = make_plan(mira, release, way)
    assert plan.state == Plan.State.READY
    actions = [(op.action.value, op.path) for op in plan.sync_plan().operations]
    assert actions == [
        ("create", ""),
        ("add", "LICENSE.txt"),
        ("add", "MANIFEST.sha256.json"),
        ("add", "README.md"),
        ("add", "model.json"),
        ("tag", ""),
        ("publish", ""),
    ]
    assert plan.bytes_to_send == sum(op.size for op in plan.sync_plan().operations)
    assert double.store.get(REPO) is None


def test_an_approved_plan_is_carried_out_as_one_verified_commit(publication, double, tariq):
    push_publication(publication.pk)
    publication.refresh_from_db()
    assert publication.state == Publication.State.PUBLISHED
    repository = double.store.get(REPO)
    assert double.commits(REPO) == 1
    assert repository.head == publication.commit_oid
    assert not repository.private
    assert repository.tags == {"v1.0.0": publication.commit_oid}
    card = double.store.content(repository.resolve("main").tree["README.md"]).read_text()
    assert card == publication.plan.generated["README.md"]
    assert publication.plan.digest in repository.resolve("main").message
    assert publication.request_ids
    publication.plan.refresh_from_db()
    assert publication.plan.state == Plan.State.DONE
    target = Target.objects.get()
    assert (target.state, target.head) == (Target.State.IN_SYNC, publication.commit_oid)
    assert AIModel.objects.get().status == AIModel.Status.PUBLISHED
    assert Event.objects.filter(verb="hub.published", actor=tariq).count() == 1


def test_the_next_plan_of_a_published_release_has_nothing_to_do(publication, mira, release, way, double):
    push_publication(publication.pk)
    # The card names the model's state nowhere, so publishing changes nothing that would be published.
    assert make_plan(mira, ModelRelease.objects.get(), way).state == Plan.State.IN_SYNC
    assert double.commits(REPO) == 1


def test_a_job_that_is_delivered_twice_publishes_once(publication, double):
    push_publication(publication.pk)
    push_publication(publication.pk)
    assert double.commits(REPO) == 1
    assert Publication.objects.get().attempt == 1


@pytest.mark.parametrize("kind", [Kind.DROP_AFTER, Kind.ERROR_AFTER])
def test_a_lost_answer_is_recovered_with_exactly_one_commit(publication, double, kind):
    double.order("commit", kind)
    push_publication(publication.pk)
    publication.refresh_from_db()
    assert (publication.state, publication.recovered) == (Publication.State.PUBLISHED, True)
    assert double.commits(REPO) == 1


@pytest.mark.parametrize(
    "operation",
    ["create", "info", "refs", "validate_yaml", "preupload", "commit", "tree", "tag_create", "settings"],
)
def test_a_worker_that_dies_at_any_request_is_followed_by_one_that_finishes(
    publication, double, operation, monkeypatch
):
    class Killed(BaseException):
        """Nothing catches this, as nothing catches SIGKILL."""

    def die(*_args, **_options):
        raise Killed

    double.order(operation, Kind.DROP_AFTER)
    with monkeypatch.context() as patched:
        patched.setattr(pushing, "_settle", die)
        try:
            push_publication(publication.pk)
        except Killed:
            _let_the_lease_run_out(publication)
            push_publication(publication.pk)
    publication.refresh_from_db()
    assert publication.state == Publication.State.PUBLISHED
    assert double.commits(REPO) == 1


def _let_the_lease_run_out(publication):
    past = timezone.now() - datetime.timedelta(seconds=1)
    assert Publication.objects.filter(pk=publication.pk, state="running").update(leased_until=past)


def test_a_running_publication_is_not_taken_by_a_second_worker(publication, double):
    assert publication.claim()
    push_publication(publication.pk)
    assert double.store.get(REPO) is None


def test_a_revoked_token_fails_clearly_and_a_new_one_lets_it_be_tried_again(publication, double, mira, way):
    double.tokens.revoke(CANARY)
    push_publication(publication.pk)
    publication.refresh_from_db()
    assert (publication.state, publication.error_kind) == (Publication.State.FAILED, ErrorKind.AUTH)
    assert double.count("create") == 0
    assert Connection.objects.get().refused_at is not None
    double.tokens.add(CANARY, user="portal", role="write", namespaces=("cesai-demo",))
    retry_publication(by=mira, publication=publication)
    push_publication(publication.pk)
    publication.refresh_from_db()
    assert publication.state == Publication.State.PUBLISHED
    assert Connection.objects.get().refused_at is None


def test_a_refused_connection_sends_nothing_more(publication, double, way):
    Connection.objects.update(refused_at=timezone.now())
    push_publication(publication.pk)
    publication.refresh_from_db()
    assert (publication.state, publication.attempt) == (Publication.State.QUEUED, 0)


def test_a_rate_limit_lets_it_wait_until_the_window_opens(publication, double):
    double.order("commit", Kind.RATE_LIMIT, reset=300)
    push_publication(publication.pk)
    publication.refresh_from_db()
    assert (publication.state, publication.error_kind) == (Publication.State.QUEUED, ErrorKind.RATE_LIMITED)
    assert publication.not_before > timezone.now() + datetime.timedelta(seconds=290)
    push_publication(publication.pk)
    assert double.count("commit") == 1


@pytest.mark.parametrize(
    ("kind", "expected"), [(Kind.STORAGE, ErrorKind.QUOTA), (Kind.FORBIDDEN, ErrorKind.FORBIDDEN)]
)
def test_what_only_a_person_can_settle_fails_at_once(publication, double, kind, expected):
    double.order("commit", kind)
    push_publication(publication.pk)
    publication.refresh_from_db()
    assert (publication.state, publication.error_kind) == (Publication.State.FAILED, expected)
    assert publication.may_be_retried
    assert double.commits(REPO) == 0


def test_a_hub_that_stays_silent_is_tried_six_times_and_then_a_person_is_asked(publication, double):
    double.order("info", Kind.ERROR_BEFORE, times=99)
    for attempt in range(1, 7):
        Publication.objects.update(not_before=timezone.now())
        push_publication(publication.pk)
        publication.refresh_from_db()
        assert publication.attempt == attempt
    assert (publication.state, publication.error_kind) == (Publication.State.FAILED, ErrorKind.UNREACHABLE)


def test_an_edit_at_the_hub_after_the_plan_is_not_overwritten(publication, mira, release, way, double):
    push_publication(publication.pk)
    Target.objects.update(limitations="Neu erkannt.")
    later = Plan.objects.get(pk=make_plan(mira, release, way, limitations="Neu erkannt.").pk)
    Plan.objects.filter(pk=later.pk).update(four_eyes=False)
    later.refresh_from_db()
    second = approve_plan(by=mira, plan=later, digest=later.digest)
    double.order("info", Kind.FOREIGN_COMMIT)
    push_publication(second.pk)
    second.refresh_from_db()
    assert (second.state, second.error_kind) == (Publication.State.FAILED, ErrorKind.CONFLICT)
    assert not second.may_be_retried
    assert "NOTE.md" in double.store.get(REPO).resolve("main").tree
    again = replan_publication(by=mira, publication=second)
    prepare(again)
    again.refresh_from_db()
    assert again.state == Plan.State.READY
    assert "NOTE.md" in again.sync_plan().expected


def test_a_card_edited_at_the_hub_shows_as_drift(publication, mira, release, way, double):
    push_publication(publication.pk)
    with double.store.change(REPO) as repository:
        tree = dict(repository.resolve("main").tree)
        tree["README.md"] = double.store.add_blob(b"edited")
        repository.add_commit(branch="main", tree=tree, title="edit", message="", author="x")
    plan = make_plan(mira, release, way)
    assert plan.sync_plan().drift == ("README.md",)
    assert Target.objects.get().state == Target.State.DRIFTED


def test_a_repository_that_vanished_is_never_created_a_second_time(publication, mira, release, way, double):
    push_publication(publication.pk)
    double.store.delete(REPO)
    plan = make_plan(mira, release, way, limitations="x")
    assert plan.content["blockers"] == ["vanished"]
    Plan.objects.filter(pk=plan.pk).update(four_eyes=False)
    plan.refresh_from_db()
    with pytest.raises(HubRefused):
        approve_plan(by=mira, plan=plan, digest=plan.digest)


def test_files_that_are_no_longer_the_release_are_not_planned(mira, release, way):
    (release.folder / "model.json").write_bytes(b"swapped")
    plan = make_plan(mira, release, way)
    assert (plan.state, plan.error_kind) == (Plan.State.FAILED, ErrorKind.FILES)


def test_files_swapped_after_the_approval_are_not_sent(publication, release, double):
    (release.folder / "model.json").write_bytes(b'{"order": 9}\n')
    push_publication(publication.pk)
    publication.refresh_from_db()
    assert (publication.state, publication.error_kind) == (Publication.State.FAILED, ErrorKind.FILES)
    assert double.commits(REPO) == 0


def test_a_missing_token_is_named_by_its_place_only(mira, release, way):
    Connection.objects.update(token_source="env:NO_SUCH_TOKEN")
    plan = make_plan(mira, release, Connection.objects.get())
    assert (plan.state, plan.error_kind) == (Plan.State.FAILED, ErrorKind.TOKEN)
    assert plan.error_detail == "env:NO_SUCH_TOKEN"


def test_planning_with_a_revoked_token_says_so(mira, release, way, double):
    double.tokens.revoke(CANARY)
    plan = make_plan(mira, release, way)
    assert (plan.state, plan.error_kind) == (Plan.State.FAILED, ErrorKind.AUTH)
    double.tokens.add(CANARY, user="portal", role="write", namespaces=("cesai-demo",))
    assert make_plan(mira, release, way).state == Plan.State.READY
    assert Connection.objects.get().refused_at is None


def test_who_planned_cannot_approve(mira, release, way):
    plan = make_plan(mira, release, way)
    with pytest.raises(HubRefused, match="second person"):
        approve_plan(by=mira, plan=plan, digest=plan.digest)
    with pytest.raises(IntegrityError), transaction.atomic():
        Plan.objects.filter(pk=plan.pk).update(approved_by=mira, approved_at=timezone.now(), state="approved")


def test_without_four_eyes_one_person_is_enough(mira, release, way, settings):
    settings.HUB_FOUR_EYES = False
    plan = make_plan(mira, release, way)
    assert approve_plan(by=mira, plan=plan, digest=plan.digest).state == Publication.State.QUEUED


def test_only_the_shown_plan_can_be_approved(mira, tariq, release, way):
    plan = make_plan(mira, release, way)
    with pytest.raises(HubRefused, match="shown"):
        approve_plan(by=tariq, plan=plan, digest="0" * 64)
    Plan.objects.update(expires_at=timezone.now())
    plan.refresh_from_db()
    with pytest.raises(HubRefused, match="too old"):
        approve_plan(by=tariq, plan=plan, digest=plan.digest)
    assert not Publication.objects.exists()


def test_a_plan_is_approved_once(mira, tariq, release, way):
    plan = make_plan(mira, release, way)
    stale = Plan.objects.get(pk=plan.pk)
    approve_plan(by=tariq, plan=plan, digest=plan.digest)
    with pytest.raises(HubRefused):
        approve_plan(by=tariq, plan=stale, digest=plan.digest)
    assert Publication.objects.count() == 1


def test_a_model_has_one_open_plan(mira, release, way):
    plan = make_plan(mira, release, way)
    with pytest.raises(HubRefused, match="open plan"):
        plan_release(by=mira, release=release, target=plan.target)
    discard_plan(by=mira, plan=plan)
    assert plan_release(by=mira, release=release, target=plan.target).state == Plan.State.PREPARING


@pytest.mark.parametrize(
    "fields", [{"status": AIModel.Status.PLANNED}, {"status": AIModel.Status.WITHDRAWN}, {"licence": " "}]
)
def test_a_model_that_is_not_ready_is_not_planned(mira, way, tmp_path, fields):
    release = make_release(mira, make_model(**fields), folder=tmp_path)
    with pytest.raises(HubRefused):
        make_plan(mira, release, way)


def test_two_models_cannot_share_a_name_on_the_hub(mira, release, way, tmp_path):
    make_plan(mira, release, way)
    other = make_model("anderes")
    with pytest.raises(HubRefused, match="Another model"):
        describe_target(by=mira, model=other, connection=way, repository="werkstatt")


def test_the_name_of_a_published_model_stays(publication, mira, way):
    push_publication(publication.pk)
    with pytest.raises(HubRefused, match="stays"):
        describe_target(by=mira, model=AIModel.objects.get(), connection=way, repository="neu")


def test_a_token_cannot_be_entered_as_the_place_of_a_token(way):
    with pytest.raises(IntegrityError), transaction.atomic():
        Connection.objects.update(token_source=CANARY)


def test_jobs_start_after_the_commit(
    mira, tariq, release, way, django_capture_on_commit_callbacks, monkeypatch
):
    sent = []
    monkeypatch.setattr(prepare_plan, "apply_async", lambda *a, **o: sent.append("prepare"))
    monkeypatch.setattr(push_publication, "apply_async", lambda *a, **o: sent.append("push"))
    with django_capture_on_commit_callbacks(execute=True):
        make_publication(mira, tariq, release, way)
    assert sent == ["prepare", "push"]


def test_what_was_left_lying_is_picked_up(publication, mira, release, way, monkeypatch):
    sent = []
    monkeypatch.setattr(push_publication, "delay", sent.append)
    pick_up()
    assert sent == [publication.pk]
    assert publication.claim()
    pick_up()
    assert sent == [publication.pk]
    _let_the_lease_run_out(publication)
    pick_up()
    assert sent == [publication.pk] * 2


def test_the_token_is_nowhere_in_the_database(publication, double, caplog):
    double.order("commit", Kind.REVOKE)
    caplog.set_level("DEBUG")
    push_publication(publication.pk)
    found = []
    with database.cursor() as cursor:
        tables = [
            name for name in database.introspection.table_names() if name.startswith(("hub_", "activity_"))
        ]
        assert len(tables) >= 9
        for table in tables:
            cursor.execute(f'SELECT count(*) FROM "{table}" t WHERE t::text LIKE %s', [f"%{CANARY}%"])
            found += [table] if cursor.fetchone()[0] else []
    assert found == []
    assert CANARY not in caplog.text
