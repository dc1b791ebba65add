"""What people do with evaluations. Pages, admin, API and commands call these and hold no rule of their own."""

from cesai.lib.refusals import Refused


class EvaluationRefused(Refused):
    """A rule of the evaluations forbids it."""
