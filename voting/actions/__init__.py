from cesai.lib.refusals import Refused


class VoteRefused(Refused):
    """A rule of voting forbids what was asked."""
