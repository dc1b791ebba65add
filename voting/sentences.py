from django.utils.translation import gettext_lazy as _

SENTENCES = {
    "voting.round_created": _("A voting round was drafted."),
    "voting.round_edited": _("A voting round was changed."),
    "voting.rules_published": _("The rules of a voting round were published."),
    "voting.proposals_confirmed": _("The proposals of a voting round were confirmed."),
    "voting.round_frozen": _("The ballot paper of a voting round was frozen."),
    "voting.round_cancelled": _("A voting round was cancelled."),
    "voting.objection_filed": _("An objection to a result was filed."),
    "voting.objection_decided": _("An objection to a result was decided."),
    "voting.round_final": _("The result of a voting round became final."),
    "voting.round_opened": _("A voting round was opened."),
    "voting.ballot_cast": _("A ballot was cast."),
    "voting.round_closed": _("A voting round was closed."),
    "voting.round_tallied": _("A voting round was tallied."),
    "voting.round_divided": _("The budget of a voting round was divided into tracks."),
    "voting.delegation_asked": _("An organisation asked another to vote for it."),
    "voting.delegation_accepted": _("An organisation agreed to vote for another."),
    "voting.delegation_revoked": _("A delegation was revoked."),
    "voting.preference_changed": _("An organisation changed how it votes."),
    "voting.election_imported": _("A published election was imported."),
}
