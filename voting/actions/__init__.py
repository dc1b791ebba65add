from cesai.lib.refusals import Refused


class VoteRefused(Refused):
    """A rule of voting forbids what was asked."""


class Stale(VoteRefused):
    """Somebody else was faster: what the reader changed is not what stands there any more."""

    status = 409
