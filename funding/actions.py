"""What people do to awards. Pages, admin and API call these and hold no rule of their own."""

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Max, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from activity.actions import record
from cesai.lib.refusals import Refused
from funding.models import Award, BudgetLine, Entry, FinancePlanVersion
from portfolio.models import Project
from portfolio.models.code import next_code


class FundingRefused(Refused):
    """A rule of the award forbids it."""


def _checked(target: Award | Entry) -> None:
    try:
        target.full_clean()
    except ValidationError as error:
        # full_clean names what the database would refuse; the first sentence is enough for the reader.
        field, messages = next(iter(error.message_dict.items()))
        raise FundingRefused(messages[0], field=field) from error


@transaction.atomic
def grant_award(*, by: User, **content: Any) -> Award:
    """Records a grant notice; `content` holds the award's own fields."""
    award = Award(code=next_code("ZW"), **content)
    _checked(award)
    award.save()
    record(by, "funding.award_granted", award)
    return award


@transaction.atomic
def add_plan_version(*, by: User, award: Award, name: str, note: str = "") -> FinancePlanVersion:
    """An empty scenario with the next free number; amounts are added to it until it is approved."""
    Award.objects.select_for_update().get(pk=award.pk)
    last = award.plan_versions.aggregate(last=Max("number"))["last"] or 0
    return FinancePlanVersion.objects.create(
        award=award, number=last + 1, name=name, note=note, created_by=by
    )


@transaction.atomic
def submit_plan(*, by: User, version: FinancePlanVersion, submitted_on: date) -> None:
    """Says that the plan was sent to the funding body on `submitted_on`."""
    if not version.amounts.exists():
        raise FundingRefused(_("This plan has no amounts yet."))
    statuses = FinancePlanVersion.Status
    _move_plan(version, statuses.SCENARIO, status=statuses.SUBMITTED, submitted_on=submitted_on)
    record(by, "funding.plan_submitted", version.award, plan=str(version))


@transaction.atomic
def approve_plan(*, by: User, version: FinancePlanVersion, decided_on: date) -> None:
    """Says that the funding body approved the plan on `decided_on`; from then on it does not change."""
    if decided_on > timezone.localdate():
        raise FundingRefused(_("A plan cannot be approved in the future."), field="decided_on")
    if version.submitted_on and decided_on < version.submitted_on:
        raise FundingRefused(_("A plan is applied for first and approved afterwards."), field="decided_on")
    statuses = FinancePlanVersion.Status
    _move_plan(version, statuses.SUBMITTED, status=statuses.APPROVED, decided_on=decided_on)
    record(by, "funding.plan_approved", version.award, plan=str(version))


def _move_plan(version: FinancePlanVersion, source: str, **changes: Any) -> None:
    if not FinancePlanVersion.objects.filter(pk=version.pk, status=source).update(**changes):
        version.refresh_from_db()
        raise FundingRefused(
            _("“%(plan)s” is in the state “%(state)s”; this step is not possible from there.")
            % {"plan": version, "state": version.get_status_display()}
        )
    version.refresh_from_db()


@transaction.atomic
def book_entry(
    *,
    by: User,
    award: Award,
    line: BudgetLine,
    kind: str,
    booked_on: date,
    payee: str,
    reason: str,
    amount_cents: int,
    project: Project | None = None,
    settles: Entry | None = None,
    outside_reason: str = "",
    document_name: str = "",
    document_sha256: str = "",
) -> Entry:
    """Books one entry for good.

    Only a planned payment may lie in the future. A date outside the approval period needs a reason in words; a
    payment never settles more than is open of its commitment.
    """
    if kind != Entry.Kind.PLAN and booked_on > timezone.localdate():
        raise FundingRefused(_("Only a planned payment can lie in the future."), field="booked_on")
    if amount_cents <= 0:
        raise FundingRefused(
            _("Please enter an amount above zero. To correct an entry, take it back."), field="amount_cents"
        )
    if line.award_id != award.pk:
        raise FundingRefused(_("This position belongs to another award."), field="line")
    outside_reason = outside_reason.strip()
    if award.covers(booked_on):
        outside_reason = ""
    elif not outside_reason:
        raise FundingRefused(
            _(
                "The date lies outside the approval period (%(start)s to %(end)s). Please change it or give a reason."
            )
            % {"start": award.starts_on.strftime("%d.%m.%Y"), "end": award.ends_on.strftime("%d.%m.%Y")},
            field="booked_on",
        )
    if settles is not None:
        _check_settlement(settles, line=line, kind=kind, amount_cents=amount_cents)
    return _booked(
        by,
        award=award,
        line=line,
        kind=kind,
        booked_on=booked_on,
        payee=payee.strip(),
        reason=reason.strip(),
        amount_cents=amount_cents,
        project=project,
        settles=settles,
        outside_reason=outside_reason,
        document_name=document_name.strip(),
        document_sha256=document_sha256.strip().lower(),
    )


def _check_settlement(commitment: Entry, *, line: BudgetLine, kind: str, amount_cents: int) -> None:
    if kind != Entry.Kind.ACTUAL:
        raise FundingRefused(_("Only a payment can settle a commitment."), field="settles")
    # Two payments at once must not both see the same open amount.
    commitment = Entry.objects.select_for_update().get(pk=commitment.pk)
    if commitment.kind != Entry.Kind.COMMITMENT or commitment.line_id != line.pk:
        raise FundingRefused(_("A payment settles a commitment of its own position."), field="settles")
    if amount_cents > open_cents(commitment):
        raise FundingRefused(_("This is more than what is open of the commitment."), field="amount_cents")


def open_cents(commitment: Entry) -> int:
    """What is still to be paid of a commitment; 0 for one that was taken back."""
    if hasattr(commitment, "reversed_by"):
        return 0
    return commitment.amount_cents - (commitment.payments.aggregate(cents=Sum("amount_cents"))["cents"] or 0)


@transaction.atomic
def reverse_entry(*, by: User, entry: Entry, booked_on: date, reason: str) -> Entry:
    """Takes `entry` back with a mirror entry; both stay visible. A commitment with payments stays."""
    if not reason.strip():
        raise FundingRefused(_("Please give the reason in words."), field="reason")
    entry = Entry.objects.select_for_update(of=("self",)).select_related("award").get(pk=entry.pk)
    if entry.reverses_id or hasattr(entry, "reversed_by"):
        raise FundingRefused(_("This entry has already been taken back, or takes another one back itself."))
    if booked_on > timezone.localdate():
        raise FundingRefused(_("An entry cannot be taken back in the future."), field="booked_on")
    if booked_on < entry.booked_on and entry.kind != Entry.Kind.PLAN:
        raise FundingRefused(_("An entry cannot be taken back before it was booked."), field="booked_on")
    if entry.kind == Entry.Kind.COMMITMENT and open_cents(entry) != entry.amount_cents:
        raise FundingRefused(_("Payments settle this commitment. Please take them back first."))
    outside = "" if entry.award.covers(booked_on) else reason.strip()
    return _booked(
        by,
        award=entry.award,
        line=entry.line,
        kind=entry.kind,
        booked_on=booked_on,
        payee=entry.payee,
        reason=reason.strip(),
        amount_cents=-entry.amount_cents,
        project=entry.project,
        settles=entry.settles,
        reverses=entry,
        outside_reason=outside,
    )


def _booked(by: User, **content: Any) -> Entry:
    entry = Entry(created_by=by, **content)
    _checked(entry)
    try:
        with transaction.atomic():
            entry.save()
    except IntegrityError as error:
        # The page has checked all of this; only a second person at the same instant gets here.
        raise FundingRefused(
            _("Somebody else has just booked on this. Please look at the award again.")
        ) from error
    record(by, "funding.entry_booked", entry.award, entry=entry.pk, amount_cents=entry.amount_cents)
    return entry
