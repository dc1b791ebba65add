from voting.views.ballots import ballot_cast, draft_discard, draft_edit, draft_release, preference_edit
from voting.views.delegations import delegation_accept, delegation_create, delegation_revoke
from voting.views.objections import objection_decide, objection_file
from voting.views.receipts import board_check, board_list, receipt_detail, receipt_pdf, receipt_text
from voting.views.results import round_kit, round_payments, round_result, round_walk
from voting.views.rounds import round_create, round_detail, round_edit, round_list
from voting.views.steps import (
    round_cancel,
    round_close,
    round_confirm,
    round_finalise,
    round_freeze,
    round_publish,
    round_tally,
)
from voting.views.successions import reserve_promote, winner_withdraw
from voting.views.tracks import round_divide

__all__ = [
    "ballot_cast",
    "board_check",
    "board_list",
    "delegation_accept",
    "delegation_create",
    "delegation_revoke",
    "draft_discard",
    "draft_edit",
    "draft_release",
    "objection_decide",
    "objection_file",
    "preference_edit",
    "receipt_detail",
    "receipt_pdf",
    "receipt_text",
    "reserve_promote",
    "round_cancel",
    "round_close",
    "round_confirm",
    "round_create",
    "round_detail",
    "round_divide",
    "round_edit",
    "round_finalise",
    "round_freeze",
    "round_kit",
    "round_list",
    "round_payments",
    "round_publish",
    "round_result",
    "round_tally",
    "round_walk",
    "winner_withdraw",
]
