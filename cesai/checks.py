"""What stops the start of a portal in production."""

from typing import Any

from django.conf import settings
from django.core.checks import Error, Tags, register

# The pages that the law asks for; the footer links them.
LEGAL_PAGES = ("imprint", "privacy", "accessibility")


@register(Tags.security, deploy=True)
def demo_is_off(app_configs: Any, **kwargs: Any) -> list[Error]:
    if settings.DEMO or settings.DEBUG:
        return [Error("DEMO and DEBUG must be off on a portal that others can reach.", id="cesai.E001")]
    return []


@register(Tags.database, deploy=True)
def legal_pages_are_filled(app_configs: Any, databases: Any = None, **kwargs: Any) -> list[Error]:
    """Needs the database: `manage.py check --deploy --database default`, which `deploy/` runs before the start."""
    from accounts.models import StaticPage

    if not databases:
        return []
    pages = {page.slug: page for page in StaticPage.objects.all()}
    unfilled = [
        slug for slug in sorted({*LEGAL_PAGES, *pages}) if slug not in pages or pages[slug].has_placeholders
    ]
    if unfilled:
        names = ", ".join(unfilled)
        return [
            Error(
                f"Legal pages still hold placeholders: {names}. Fill them in under /admin/.", id="cesai.E002"
            )
        ]
    return []
