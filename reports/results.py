"""The chapters of a report that are about results: what was measured and what is published."""

from collections.abc import Sequence

from django.utils import timezone
from django.utils.translation import gettext as _

from hub.models import Publication
from reports.structure import Column, Kind, Section, Table


def publications_section(publications: Sequence[Publication]) -> Section:
    """Model releases that anybody can load, with the address and the commit that was verified."""
    title = _("Published models")
    if not publications:
        return Section("publications", title, paragraphs=(_("No model of these projects is published yet."),))
    columns = (
        Column("model", _("Model")),
        Column("version", _("Version")),
        Column("published_on", _("Published on"), Kind.DATE),
        Column("licence", _("Licence")),
        Column("address", _("Address on the Hub"), Kind.LINK),
        Column("commit", _("Commit")),
    )
    rows = tuple(
        (
            each.plan.release.model.name,
            each.plan.release.version,
            timezone.localdate(each.finished_at),
            each.plan.release.model.licence,
            each.web_url,
            each.commit_oid[:12],
        )
        for each in publications
    )
    return Section("publications", title, tables=(Table("publications", title, columns, rows),))
