from django.utils.translation import gettext_lazy as _

SENTENCES = {
    "voting.round_created": _("A voting round was drafted."),
    "voting.round_edited": _("A voting round was changed."),
    "voting.round_opened": _("A voting round was opened."),
    "voting.ballot_cast": _("A ballot was cast."),
    "voting.round_closed": _("A voting round was closed."),
    "voting.round_tallied": _("A voting round was tallied."),
    "voting.election_imported": _("A published election was imported."),
}
