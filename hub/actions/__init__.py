"""What people do about publications. Pages, admin, API and commands call these and hold no rule of their own."""

from cesai.lib.refusals import Refused


class HubRefused(Refused):
    """A rule of publishing forbids it."""
