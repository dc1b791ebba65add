"""What people do about a result that the gates did not let through."""

import shutil
from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from activity.actions import record
from evaluations.actions import EvaluationRefused
from evaluations.engines import launcher_of
from evaluations.ingest import accept, examine
from evaluations.models import Decision, Run
from evaluations.models.run import State
from evaluations.results import SOFT, Doubtful
from evaluations.sentences import REASONS
from evaluations.zips import ZipRefused, unpack

HANDED_IN_FOR = (State.QUARANTINED, State.LOST)


def check_again(*, by: User, run: Run) -> None:
    """All gates once more, on the same files. Refused with the gate that still does not hold."""
    _must_be(run, State.QUARANTINED)
    doubt = run.reason
    try:
        result = examine(run, _place(run))
        if result.doubts:
            raise result.doubts[0]
    except Doubtful as still:
        Run.objects.filter(pk=run.pk, state=State.QUARANTINED).update(
            reason=still.reason, detail=str(still)[:2000]
        )
        run.refresh_from_db()
        raise EvaluationRefused(
            _("The result stays in quarantine: %(reason)s") % {"reason": REASONS[still.reason]}
        ) from still
    with transaction.atomic():
        if not accept(run, result):
            raise EvaluationRefused(_("%(run)s is no longer in quarantine.") % {"run": run})
        Decision.objects.create(run=run, kind=Decision.Kind.CHECKED, doubt=doubt, by=by)


def release_result(*, by: User, run: Run, reason: str) -> None:
    """Scores in spite of a doubt that is for people to judge. A gate about truth or origin can never be put aside.

    Refused to whoever requested the run, and while any other gate does not hold.
    """
    _must_be(run, State.QUARANTINED)
    if run.reason not in SOFT:
        raise EvaluationRefused(
            _("This doubt cannot be put aside by a person: %(reason)s Only another result can.")
            % {"reason": REASONS.get(run.reason, run.reason)}
        )
    if by == run.requested_by:
        raise EvaluationRefused(_("You requested this run; somebody else has to release its result."))
    reason = _needed(reason)
    try:
        result = examine(run, _place(run))
    except Doubtful as doubt:
        raise EvaluationRefused(
            _("The result stays in quarantine: %(reason)s") % {"reason": REASONS[doubt.reason]}
        ) from doubt
    doubts = ", ".join(sorted({doubt.reason for doubt in result.doubts})) or run.reason
    with transaction.atomic():
        # Before the scores: the database asks who decided while the run is still in quarantine.
        Decision.objects.create(run=run, kind=Decision.Kind.RELEASED, doubt=doubts[:40], reason=reason, by=by)
        if not accept(run, result):
            raise EvaluationRefused(_("%(run)s is no longer in quarantine.") % {"run": run})
        record(by, "evaluations.run_released", run, reason=reason)


@transaction.atomic
def reject_result(*, by: User, run: Run, reason: str) -> None:
    """The result never becomes a score; the run can be requested anew."""
    _must_be(run, State.QUARANTINED)
    reason, doubt = _needed(reason), run.reason
    if not run.move_to(State.REJECTED, by=by, note=reason):
        raise EvaluationRefused(_("%(run)s is no longer in quarantine.") % {"run": run})
    Decision.objects.create(run=run, kind=Decision.Kind.REJECTED, doubt=doubt, reason=reason, by=by)
    record(by, "evaluations.run_rejected", run, reason=reason)


def hand_in_result(*, by: User, run: Run, archive: Path) -> None:
    """A result that could not be fetched, as a zip of the folder `result`. Nothing is stored unless every gate holds."""
    if run.state not in HANDED_IN_FOR:
        raise EvaluationRefused(
            _("A result can be handed in only for a run that is lost or in quarantine. %(run)s is not.")
            % {"run": run}
        )
    place = _place(run)
    staged = place.with_name(".handed-in")
    shutil.rmtree(staged, ignore_errors=True)
    try:
        unpack(archive, staged)
        result = examine(run, staged)
        if result.doubts:
            raise result.doubts[0]
        with transaction.atomic():
            doubt = run.reason
            if not accept(run, result):
                raise EvaluationRefused(_("%(run)s has changed in the meantime.") % {"run": run})
            Decision.objects.create(run=run, kind=Decision.Kind.HANDED_IN, doubt=doubt, by=by)
            record(by, "evaluations.result_handed_in", run)
            earlier = place.with_name("result-before")
            shutil.rmtree(earlier, ignore_errors=True)
            if place.exists():
                place.rename(earlier)
            staged.rename(place)
    except ZipRefused as refusal:
        raise EvaluationRefused(str(refusal)) from refusal
    except Doubtful as doubt:
        raise EvaluationRefused(
            _("The result was not taken: %(reason)s") % {"reason": REASONS[doubt.reason]}
        ) from doubt
    finally:
        shutil.rmtree(staged, ignore_errors=True)


def _place(run: Run) -> Path:
    return launcher_of(run.engine).folder(run.key) / "result"


def _must_be(run: Run, state: State) -> None:
    if run.state != state:
        raise EvaluationRefused(_("%(run)s is not in quarantine.") % {"run": run})


def _needed(reason: str) -> str:
    if not reason.strip():
        raise EvaluationRefused(_("Please give the reason of your decision."), field="reason")
    return reason.strip()
