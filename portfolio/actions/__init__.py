"""What people do to the portfolio. Pages, admin, API and commands call these and hold no rule of their own."""

from cesai.lib.refusals import Refused


class PortfolioRefused(Refused):
    """A rule of the portfolio forbids it."""
