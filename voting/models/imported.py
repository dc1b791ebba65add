"""Where an imported election came from, with its ballots in one piece."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from voting.models.round import Round


class ImportedElection(models.Model):
    """The file behind an imported round. Its voters are no organisations of the portal."""

    round = models.OneToOneField(Round, models.PROTECT, related_name="imported", verbose_name=_("round"))
    file_name = models.CharField(_("file"), max_length=200)
    sha256 = models.CharField(_("checksum"), max_length=64, unique=True)
    meta = models.JSONField(_("details"))
    # [[voter, [item code, …], [points, …]], …]; rows of a table would take a hundred times the space.
    ballots = models.JSONField(_("ballots"))
    # Codes of the official winners; None where the file names none.
    official = models.JSONField(_("official winners"), null=True)

    class Meta:
        verbose_name = _("imported election")
        verbose_name_plural = _("imported elections")

    def __str__(self) -> str:
        return self.file_name
