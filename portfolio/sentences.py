"""What the portfolio's events say to people."""

from django.utils.translation import gettext_lazy as _

SENTENCES = {
    "portfolio.usecase_drafted": _("drafted"),
    "portfolio.usecase_submitted": _("submitted"),
    "portfolio.usecase_withdrawn": _("withdrew"),
    "portfolio.usecase_in_triage": _("took into triage"),
    "portfolio.usecase_queried": _("asked about"),
    "portfolio.usecase_deferred": _("deferred"),
    "portfolio.usecase_rejected": _("rejected"),
    "portfolio.usecase_assessed": _("assessed"),
    "portfolio.proposal_created": _("proposed"),
    "portfolio.proposal_on_ballot": _("put on the ballot"),
    "portfolio.proposal_not_chosen": _("did not choose"),
    "portfolio.proposal_prioritised": _("prioritised"),
    "portfolio.proposal_moved_up": _("moved up"),
    "portfolio.proposal_given_up": _("gave up"),
    "portfolio.proposal_deferred": _("deferred"),
    "portfolio.proposal_rejected": _("rejected"),
    "portfolio.model_commissioned": _("commissioned"),
    "portfolio.release_added": _("added the release"),
    "portfolio.model_in_evaluation": _("began to evaluate"),
    "portfolio.model_published": _("published"),
    "portfolio.project_started": _("started"),
    "portfolio.milestone_added": _("added a milestone to"),
    "portfolio.milestone_reported": _("reported a milestone of"),
    "portfolio.milestone_accepted": _("accepted a milestone of"),
    "portfolio.milestone_returned": _("returned a milestone of"),
    "portfolio.milestone_moved": _("moved a milestone of"),
    "portfolio.light_set": _("set the status light of"),
}
