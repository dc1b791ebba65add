"""What the Hub's events say to people, and what each kind of failure means for the reader."""

from django.utils.translation import gettext_lazy as _

from hub.kinds import ErrorKind
from hub.plan import Action, Blocker

SENTENCES = {
    "hub.plan_made": _("planned the publication"),
    "hub.plan_approved": _("approved the publication"),
    "hub.plan_discarded": _("discarded the publication plan"),
    "hub.publication_retried": _("tried the publication again"),
    "hub.published": _("published"),
    "hub.publication_failed": _("could not publish"),
}

# What happened, and what to do. Nothing is ever half-published: one commit carries everything.
FAILURES = {
    ErrorKind.AUTH: _(
        "Access was refused: the Hub does not know the token, or it was revoked or has expired. Nothing was changed "
        "and nothing is lost. Put a new token where the connection expects it, then try again."
    ),
    ErrorKind.FORBIDDEN: _(
        "The token is valid but may not write here. Give its account the right to write in this organisation on the "
        "Hub, then try again."
    ),
    ErrorKind.QUOTA: _(
        "The storage of the organisation on the Hub is used up. Free storage or extend it, then try again."
    ),
    ErrorKind.RATE_LIMITED: _("The Hub asks for a pause. The portal goes on by itself."),
    ErrorKind.CONFLICT: _(
        "The repository was changed on the Hub after this plan was made, so nothing was overwritten. Make a new plan: "
        "it shows what changed."
    ),
    ErrorKind.NOT_FOUND: _(
        "The repository that this model is bound to is no longer on the Hub, or the token may not see it. The portal "
        "does not create a second one. Please look at the Hub first."
    ),
    ErrorKind.REJECTED: _("The Hub did not accept the content. Correct it and make a new plan."),
    ErrorKind.UNREACHABLE: _("The Hub could not be reached. Nothing was changed; it can be tried again."),
    ErrorKind.UNKNOWN: _(
        "The answer of the Hub was lost, and the commit is not there. It can be tried again: a commit that did arrive "
        "is recognised and not made twice."
    ),
    ErrorKind.TOKEN: _(
        "The token was not found where the connection says it lies. Put it there, or correct the connection, then try "
        "again."
    ),
    ErrorKind.FILES: _(
        "Files of the release are missing or are not the approved ones, so nothing was sent. Check the release, then "
        "make a new plan."
    ),
}

BLOCKERS = {
    Blocker.RENAMED: _(
        "The repository has another name on the Hub now. Rename it back there before you go on."
    ),
    Blocker.REPLACED: _(
        "Under this name there is now another repository than the one this model is bound to."
    ),
    Blocker.VANISHED: _(
        "The repository that this model is bound to is gone from the Hub. The portal does not create a second one."
    ),
    Blocker.DISABLED: _("The Hub has disabled this repository."),
    Blocker.TAG_TAKEN: _(
        "A tag with this version already marks other files. A correction of the files is the next version."
    ),
}

OPERATIONS = {
    Action.CREATE: _("Create the repository, private at first"),
    Action.ADOPT: _("Take over a repository that already holds files"),
    Action.GATE: _("Change who may download"),
    Action.ADD: _("Add"),
    Action.REPLACE: _("Replace"),
    Action.DELETE: _("Delete"),
    Action.TAG: _("Set the tag"),
    Action.PUBLISH: _("Make it public"),
    Action.HIDE: _("Make it private"),
}
