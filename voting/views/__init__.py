from voting.views.ballots import ballot_cast, draft_discard, draft_edit, draft_release, preference_edit
from voting.views.results import round_kit, round_result
from voting.views.rounds import (
    round_close,
    round_create,
    round_detail,
    round_edit,
    round_list,
    round_open,
    round_tally,
)

__all__ = [
    "ballot_cast",
    "draft_discard",
    "draft_edit",
    "draft_release",
    "preference_edit",
    "round_close",
    "round_create",
    "round_detail",
    "round_edit",
    "round_kit",
    "round_list",
    "round_open",
    "round_result",
    "round_tally",
]
