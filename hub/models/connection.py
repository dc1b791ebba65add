"""The way to a Hub: where it is, under whose name CESAI publishes there, and where the token lies."""

import re

import pghistory
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator, URLValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

TOKEN_SOURCE = re.compile(r"(env:[A-Z][A-Z0-9_]*|file:\S+)")
name_on_hub = RegexValidator(
    r"^[A-Za-z0-9][A-Za-z0-9._-]{0,95}$", _("Letters, digits, “.”, “_” and “-” only, as on the Hub.")
)


def is_token_source(value: str) -> None:
    """A place where a token lies, never a token: what stands here is shown to people and kept in backups."""
    if not TOKEN_SOURCE.fullmatch(value):
        raise ValidationError(_("Write env:NAME or file:PATH. The token itself must not stand here."))


@pghistory.track()
class Connection(models.Model):
    name = models.CharField(_("name"), max_length=100, unique=True)
    endpoint = models.CharField(
        _("address of the interface"),
        max_length=200,
        blank=True,
        validators=[URLValidator(schemes=["https"])],
        help_text=_("https only. Empty: the Hub of this portal's configuration (HF_ENDPOINT)."),
    )
    web_address = models.CharField(
        _("address for people"),
        max_length=200,
        blank=True,
        validators=[URLValidator(schemes=["http", "https"])],
        help_text=_("Where readers open published models, if that is another address."),
    )
    namespace = models.CharField(_("organisation on the Hub"), max_length=96, validators=[name_on_hub])
    region = models.CharField(
        _("region"),
        max_length=4,
        blank=True,
        choices=[("eu", _("European Union")), ("us", _("United States"))],
    )
    token_source = models.CharField(
        _("where the token lies"),
        max_length=250,
        validators=[is_token_source],
        help_text=_(
            "env:NAME, or file:PATH below the data folder of the portal. The token itself is never kept in the database."
        ),
    )
    funding_note = models.CharField(
        _("funding note on model cards"),
        max_length=300,
        blank=True,
        help_text=_("Who paid for the models, in the words that the award prescribes."),
    )
    contact = models.CharField(_("contact on model cards"), max_length=200, blank=True)
    # Set by the first 401; while it stands, nothing is sent with this token.
    refused_at = models.DateTimeField(_("access refused since"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("connection to a Hub")
        verbose_name_plural = _("connections to Hubs")
        ordering = ["name", "pk"]
        constraints = [
            models.CheckConstraint(
                name="connection_by_https",
                condition=models.Q(endpoint="") | models.Q(endpoint__startswith="https://"),
                violation_error_message=_("A Hub is only spoken to over https."),
            ),
            models.CheckConstraint(
                name="connection_holds_no_token",
                condition=models.Q(token_source__regex=r"^(env:[A-Z][A-Z0-9_]*|file:\S+)$"),  # noqa: S106
                violation_error_message=_("The token itself must not stand here."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def address(self) -> str:
        """Where the interface is spoken to."""
        return self.endpoint or settings.HUB_ENDPOINT

    def web_url(self, repo_id: str, revision: str = "") -> str:
        """Where a person reads the repository, at a commit if one is given."""
        known = self.web_address or self.endpoint or settings.HUB_WEB_ADDRESS or settings.HUB_ENDPOINT
        address = f"{known.rstrip('/')}/{repo_id}"
        return f"{address}/tree/{revision}" if revision else address
