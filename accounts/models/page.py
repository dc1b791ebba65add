"""Legal pages whose text the operator writes: imprint, privacy, accessibility."""

import pghistory
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

# A text that still holds this mark stops the start of a portal that is no demo.
PLACEHOLDER = "[[BITTE AUSFÜLLEN]]"


@pghistory.track()
class StaticPage(models.Model):
    slug = models.SlugField(_("address"), unique=True)
    title_de = models.CharField(_("title (German)"), max_length=100)
    title_en = models.CharField(_("title (English)"), max_length=100)
    body_de = models.TextField(_("text (German, Markdown)"))
    body_en = models.TextField(_("text (English, Markdown)"))
    changed_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        verbose_name = _("legal page")
        verbose_name_plural = _("legal pages")
        ordering = ["slug"]

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        """In the reader's language, German unless it is English."""
        return self.title_en if get_language() == "en" else self.title_de

    @property
    def body(self) -> str:
        return self.body_en if get_language() == "en" else self.body_de

    @property
    def has_placeholders(self) -> bool:
        return PLACEHOLDER in self.body_de or PLACEHOLDER in self.body_en
