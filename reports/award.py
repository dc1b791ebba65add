"""The report on an award: what a funding body wants to open. Builds the one structure that every format shows."""

from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override

from funding.compute import usage_of
from funding.models import Award
from funding.statement import budget_of
from reports import money, queries, results, work
from reports.structure import Fact, Kind, Report


def award_report(award: Award, as_of: date, language: str) -> Report:
    """The report on `award` as of a day, in "de" or "en"; a constant number of statements.

    `award` comes with `programme__funder`, `recipient` and `rule_pack`. Who may read it was decided before: every
    reader of an award reads the same report.
    """
    with override(language):
        budget = budget_of(award, as_of)
        projects = queries.projects_of(award, as_of)
        milestones = queries.milestones_of(projects)
        scores = list(queries.scores_of(projects, as_of))
        publications = list(queries.publications_of(projects, as_of))
        return Report(
            key="award",
            language=language,
            as_of=as_of,
            title=_("Report on award %(reference)s") % {"reference": award.reference},
            subtitle=award.title,
            facts=_facts(award, as_of),
            sections=(
                money.summary_section(budget),
                money.budget_section(budget),
                money.years_section(budget),
                money.sources_section(award, budget),
                work.projects_section(projects),
                work.milestones_section(projects, milestones, as_of),
                results.scores_section(scores),
                results.compute_section(usage_of(award, as_of)),
                results.publications_section(publications),
                work.method_section(budget),
            ),
        )


def _facts(award: Award, as_of: date) -> tuple[Fact, ...]:
    def text(key: str, label: str, value: Any) -> Fact:
        return Fact(key, label, str(value))

    return (
        text("programme", _("Programme"), award.programme),
        text("funder", _("Funding body"), award.programme.funder),
        text("legal_basis", _("Legal basis"), award.programme.legal_basis),
        text("reference", _("File reference"), award.reference),
        text("code", _("Code in the portal"), award.code),
        text("recipient", _("Recipient"), award.recipient),
        Fact("granted_on", _("Date of the notice"), award.granted_on, Kind.DATE),
        Fact("starts_on", _("Approval period from"), award.starts_on, Kind.DATE),
        Fact("ends_on", _("Approval period until"), award.ends_on, Kind.DATE),
        text("financing", _("Kind of financing"), award.get_financing_display()),
        Fact("rate", _("Funding rate"), award.rate_bp, Kind.PERCENT),
        Fact("maximum", _("Maximum grant"), award.maximum_cents, Kind.EURO_CENTS),
        text("rule_pack", _("Auxiliary provisions"), award.rule_pack),
        Fact("as_of", _("As of"), as_of, Kind.DATE),
    )
