"""One object of the demo world for each address that needs one."""

from collections.abc import Callable
from typing import Any

from accounts.models import User
from evaluations.models import Regression, Run
from funding.models import Award, Entry, Programme
from portfolio.models import AIModel, Milestone, ModelProposal, ModelRelease, Project, UseCase
from tests.hub.factories import sample_publication
from tests.portfolio.factories import ProposalFactory
from voting import demo as voting_demo
from voting.actions.rounds import create_round
from voting.models import Round


def _use_case() -> dict[str, Any]:
    """A use case of Jonas's firm that its members and CESAI may read."""
    return {"code": UseCase.objects.get(title="Angebote gegen Zeichnungen prüfen").code}


def _draft() -> dict[str, Any]:
    """A draft of Jonas's firm, hidden from everybody else."""
    return {"code": UseCase.objects.get(title="Ersatzteile am Foto erkennen").code}


def _proposal() -> dict[str, Any]:
    return {"code": ModelProposal.objects.get(title="Fachsprachmodell Maschinenbau").code}


def _chosen_proposal() -> dict[str, Any]:
    return {"code": ModelProposal.objects.filter(status="prioritised").order_by("pk")[0].code}


def _model() -> dict[str, Any]:
    return {"slug": AIModel.objects.order_by("pk")[0].slug}


def _project() -> dict[str, Any]:
    return {"code": Project.objects.order_by("pk")[0].code}


def _milestone() -> dict[str, Any]:
    return {"pk": Milestone.objects.order_by("pk")[0].pk}


def _publication() -> dict[str, Any]:
    return {"pk": sample_publication().pk}


def _plan() -> dict[str, Any]:
    return {"pk": sample_publication().plan_id}


def _release_to_plan() -> dict[str, Any]:
    return {"pk": sample_publication().plan.release_id}


def _decided_round() -> dict[str, Any]:
    return {"slug": Round.objects.get(title=voting_demo.DECIDED).slug}


def _open_round() -> dict[str, Any]:
    """Three organisations have voted; those of Leyla and Stefan have not."""
    return {"slug": Round.objects.get(title=voting_demo.OPEN).slug}


def _receipt() -> dict[str, Any]:
    """The first version of the ballot of Leyla's and Jonas's firm, among others."""
    return _decided_round() | {"version": 1}


def _item_of_decided_round() -> dict[str, Any]:
    found = Round.objects.get(**_decided_round())
    return _decided_round() | {"code": found.items.order_by("code")[0].code}


def _decided_station() -> dict[str, Any]:
    return {"kind": "round", "pk": Round.objects.get(**_decided_round()).pk, "station": "proposal"}


def _award() -> dict[str, Any]:
    return {"code": Award.objects.get().code}


def _entry() -> dict[str, Any]:
    """An entry that nobody has taken back."""
    entries = Entry.objects.filter(reverses__isnull=True, reversed_by__isnull=True)
    return {"pk": entries.order_by("-booked_on", "-pk")[0].pk}


def _release() -> dict[str, Any]:
    return {"pk": ModelRelease.objects.order_by("pk")[0].pk}


def _run() -> dict[str, Any]:
    """The run that waits for its engine."""
    return {"code": Run.objects.order_by("-pk")[0].code}


def _finished_run() -> dict[str, Any]:
    return {"code": Run.objects.order_by("pk")[0].code}


def _make_draft_round() -> Round:
    mira = User.objects.get(email="mira@demo.example.org")
    return create_round(
        by=mira,
        title="Dritte Modellrunde",
        question="Was folgt danach?",
        budget=20_000,
        minimum_approvals=3,
        opens_at=None,
        closes_at=None,
        proposals=ProposalFactory.create_batch(3, by=mira, use_cases=[UseCase.objects.get(**_use_case())]),
    )


def _draft_round() -> dict[str, Any]:
    """A round that nobody has opened yet, so that its form is open."""
    drafts = Round.objects.filter(status=Round.Status.DRAFT)
    return {"slug": (drafts.first() or _make_draft_round()).slug}


def _regression() -> dict[str, Any]:
    """A task that the baseline's next release did worse in, as if it had been measured."""
    run = Run.objects.order_by("pk")[0]
    fields = {
        "metric": "acc",
        "questions": 60,
        "difference": -0.2,
        "low": -0.3,
        "high": -0.1,
        "p": 0.001,
        "q": 0.001,
    }
    task = run.suite_version.tasks.get()
    return {
        "pk": Regression.objects.get_or_create(run=run, task=task, defaults={"before": run, **fields})[0].pk
    }


SAMPLES: dict[str, Callable[[], dict[str, Any]]] = {
    "admin:portfolio_usecase_change": lambda: {
        "object_id": UseCase.objects.get(title="Angebote gegen Zeichnungen prüfen").pk
    },
    "page": lambda: {"slug": "imprint"},
    "portfolio:usecase_detail": _use_case,
    "portfolio:usecase_edit": _draft,
    "portfolio:usecase_submit": _draft,
    "portfolio:usecase_withdraw": _draft,
    "portfolio:proposal_detail": _proposal,
    "portfolio:project_start": _chosen_proposal,
    "portfolio:model_detail": _model,
    "portfolio:release_create": _model,
    "portfolio:project_detail": _project,
    "portfolio:project_light": _project,
    "portfolio:milestone_create": _project,
    "portfolio:milestone_report": _milestone,
    "portfolio:milestone_forecast": _milestone,
    "portfolio:milestone_decide": _milestone,
    "voting:round_detail": _open_round,
    "voting:round_edit": _draft_round,
    "voting:round_publish": _open_round,
    "voting:round_confirm": _open_round,
    "voting:round_freeze": _open_round,
    "voting:round_close": _open_round,
    "voting:round_cancel": _open_round,
    "voting:round_tally": _open_round,
    "voting:round_finalise": _open_round,
    "voting:objection_file": _decided_round,
    "voting:objection_decide": lambda: _decided_round() | {"number": 1},
    "voting:ballot_cast": _open_round,
    "voting:round_divide": _open_round,
    "voting:draft_edit": _open_round,
    "voting:draft_release": _open_round,
    "voting:draft_discard": _open_round,
    "voting:delegation_create": _open_round,
    "voting:delegation_accept": lambda: _open_round() | {"pk": 0},
    "voting:delegation_revoke": lambda: _open_round() | {"pk": 0},
    "voting:receipt_detail": _receipt,
    "voting:receipt_pdf": _receipt,
    "voting:receipt_text": _receipt,
    "voting:board_list": _decided_round,
    "voting:board_check": _decided_round,
    "voting_api:draft": _open_round,
    "voting_api:draft_release": _open_round,
    "voting_api:delegation_list": _open_round,
    "voting_api:delegation": lambda: _open_round() | {"pk": 0},
    "voting_api:board": _decided_round,
    "voting:round_result": _decided_round,
    "voting:round_walk": _decided_round,
    "voting:round_payments": _decided_round,
    "voting:winner_withdraw": _item_of_decided_round,
    "voting:reserve_promote": _item_of_decided_round,
    "voting_api:payment_list": _decided_round,
    "voting_api:reserve_list": _decided_round,
    "voting:round_kit": _decided_round,
    "voting_api:round_detail": _open_round,
    "voting_api:ballot": _open_round,
    "voting_api:round_step": _open_round,
    "voting_api:objection_list": _decided_round,
    "voting_api:objection_decide": lambda: _decided_round() | {"number": 1},
    "voting_api:round_result": _decided_round,
    "portfolio_api:usecase_detail": _use_case,
    "portfolio_api:usecase_submit": _draft,
    "hub:plan_create": _release_to_plan,
    "hub:plan_detail": _plan,
    "hub:plan_card": _plan,
    "hub:plan_approve": _plan,
    "hub:plan_discard": _plan,
    "hub:publication_detail": _publication,
    "hub:publication_retry": _publication,
    "hub:publication_replan": _publication,
    "hub_api:plan_detail": _plan,
    "hub_api:plan_approve": _plan,
    "hub_api:plan_discard": _plan,
    "hub_api:publication_detail": _publication,
    "hub_api:publication_retry": _publication,
    "evaluations:answer_list": _finished_run,
    "evaluations:regression_acknowledge": _regression,
    "evaluations:run_export": lambda: _finished_run() | {"extension": "csv"},
    "evaluations:score_export": lambda: {"extension": "csv"},
    "evaluations:suite_export": lambda: {"slug": "smoke-de", "number": 1, "extension": "csv"},
    "evaluations:suite_leaderboard": lambda: {"slug": "smoke-de", "number": 1},
    "evaluations_api:answer_list": _finished_run,
    "evaluations_api:regression_acknowledge": _regression,
    "evaluations_api:suite_leaderboard": lambda: {"slug": "smoke-de", "number": 1},
    "evaluations:run_request": _release,
    "evaluations:release_scores": _release,
    "evaluations:suite_detail": lambda: {"slug": "smoke-de"},
    "evaluations:run_detail": _run,
    "evaluations:run_log": _run,
    "evaluations:run_cancel": _run,
    "evaluations:engine_pause": lambda: {"slug": "local"},
    "evaluations:engine_resume": lambda: {"slug": "local"},
    "evaluations_api:engine_pause": lambda: {"slug": "local"},
    "evaluations_api:engine_resume": lambda: {"slug": "local"},
    "evaluations_api:price_set": lambda: {"code": "local"},
    "evaluations_api:budget_set": _project,
    "evaluations:run_check": _run,
    "evaluations:run_replay": _run,
    "evaluations:run_release": _run,
    "evaluations:run_reject": _run,
    "evaluations:run_hand_in": _run,
    "evaluations:reference_detail": _release,
    "evaluations:scores_import": _release,
    "evaluations_api:run_detail": _run,
    "evaluations_api:run_cancel": _run,
    "evaluations_api:run_check": _run,
    "evaluations_api:run_replay": _run,
    "evaluations_api:run_stages": _run,
    "evaluations_api:run_release": _run,
    "evaluations_api:run_reject": _run,
    "evaluations_api:run_hand_in": _run,
    "evaluations_api:reference_hand_in": _release,
    "evaluations_api:scores_import": _release,
    "funding:programme_detail": lambda: {"slug": Programme.objects.get().slug},
    "funding:award_detail": _award,
    "funding:award_compute": _award,
    "funding:entry_list": _award,
    "funding:entry_create": _award,
    "funding:entry_reverse": _entry,
    "funding_api:award_detail": _award,
    "funding_api:award_budget": _award,
    "funding_api:entry_list": _award,
    "reports:award_report": _award,
    "reports:thread_station": _decided_station,
    "reports:award_export": lambda: _award() | {"extension": "pdf"},
    "reports_api:award_report": _award,
}
