"""The chapters of a report that are about money: summary, budget, years, sources."""

from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from funding.budget import Amounts, Budget, public_money, share_bp
from funding.models import Award, Source
from funding.models.plan import PUBLIC_SOURCES
from funding.sentences import alarm_sentence
from reports.formats import written
from reports.structure import Chart, ChartKind, Column, Kind, Section, Series, Table, Value, parts

# As many groups of bars as fit on one printed page.
BARS_PER_CHART = 12


def summary_section(budget: Budget) -> Section:
    """The state of the award in words: what was approved, what is used, what needs attention."""
    total = budget.total
    if not total.approved:
        sentence = _("No finance plan was approved up to this day; %(spent)s are spent so far.")
        return Section("summary", _("Summary"), paragraphs=(sentence % {"spent": _euro(total.spent)},))
    sentence = _(
        "Of %(approved)s approved, %(spent)s are spent and %(committed)s are committed. "
        "%(share)s are used; %(remaining)s remain."
    )
    figures = {
        "approved": _euro(total.approved),
        "spent": _euro(total.spent),
        "committed": _euro(total.committed),
        "remaining": _euro(total.remaining),
        "share": _percent(total.share_bp),
    }
    alarms = [
        f"{each.position} {each.label}: {alarm_sentence(each, budget.tolerance_bp)}" for each in budget.alarms
    ]
    return Section(
        "summary",
        _("Summary"),
        paragraphs=(sentence % figures, *(alarms or [_("No position exceeds its approved amount.")])),
    )


def budget_section(budget: Budget) -> Section:
    """Every position planned, approved, committed, spent, remaining, used; with the flag of the tolerance."""
    title = _("Budget by position")
    if not budget.positions:
        return Section("budget", title, paragraphs=(_("The award has no budget positions yet."),))
    euro = Kind.EURO_CENTS
    columns = (
        Column("position", _("Pos.")),
        Column("label", _("Label")),
        Column("planned", _("Planned"), euro),
        Column("approved", pgettext("money", "Approved"), euro),
        Column("committed", _("Committed"), euro),
        Column("spent", _("Spent"), euro),
        Column("remaining", _("Remaining"), euro),
        Column("used", _("Used"), Kind.PERCENT),
        Column("note", _("Note")),
    )
    rows = tuple(
        (each.position, each.label, *_figures(each.amounts), alarm_sentence(each, budget.tolerance_bp))
        for each in budget.positions
    )
    total = budget.total
    table = Table("budget", title, columns, rows, ("", _("Total"), *_figures(total), ""))
    charts = tuple(
        Chart(
            f"budget_{number}",
            ChartKind.BAR,
            _("Approved and used by position"),
            _(
                "Bars per position: what is approved beside what is spent or committed. The table has the figures."
            ),
            twin="budget",
            categories=tuple(f"{each.position} {each.label}" for each in group),
            series=(
                Series(pgettext("money", "Approved"), tuple(each.amounts.approved for each in group)),
                Series(_("Spent and committed"), tuple(each.amounts.used for each in group)),
            ),
        )
        for number, group in enumerate(parts(budget.positions, BARS_PER_CHART), start=1)
    )
    return Section("budget", title, tables=(table,), charts=charts)


def _figures(amounts: Amounts) -> tuple[Value, ...]:
    return (
        amounts.planned,
        amounts.approved,
        amounts.committed,
        amounts.spent,
        amounts.remaining,
        amounts.share_bp,
    )


def years_section(budget: Budget) -> Section:
    """Plan against actual, per calendar year."""
    title = _("Plan against actual by year")
    if not budget.years:
        return Section("years", title, paragraphs=(_("Nothing is planned or spent yet."),))
    columns = (
        Column("year", _("Year")),
        Column("approved", pgettext("money", "Approved"), Kind.EURO_CENTS),
        Column("spent", _("Spent"), Kind.EURO_CENTS),
        Column("difference", _("Approved less spent"), Kind.EURO_CENTS),
        Column("share", _("Spent of approved"), Kind.PERCENT),
    )
    rows = tuple(
        (str(year), approved, spent, approved - spent, share_bp(spent, approved))
        for year, (approved, spent) in budget.years.items()
    )
    approved_total = sum(approved for approved, _spent in budget.years.values())
    spent_total = sum(spent for _approved, spent in budget.years.values())
    totals = (
        _("Total"),
        approved_total,
        spent_total,
        approved_total - spent_total,
        share_bp(spent_total, approved_total),
    )
    chart = Chart(
        "years",
        ChartKind.BAR,
        title,
        _("Bars per year: what is approved beside what is spent. The table has the figures."),
        twin="years",
        categories=tuple(str(year) for year in budget.years),
        series=(
            Series(
                pgettext("money", "Approved"), tuple(approved for approved, _spent in budget.years.values())
            ),
            Series(_("Spent"), tuple(spent for _approved, spent in budget.years.values())),
        ),
    )
    return Section("years", title, tables=(Table("years", title, columns, rows, totals),), charts=(chart,))


def sources_section(award: Award, budget: Budget) -> Section:
    """Whose money the plan counts on, and how much of what is spent the grant carries."""
    title = _("Funding split")
    plan = sum(budget.sources.values())
    split = Table(
        "sources",
        _("Sources of the plan in force"),
        (
            Column("source", _("Source")),
            Column("amount", pgettext("money", "Approved"), Kind.EURO_CENTS),
            Column("share", _("Share"), Kind.PERCENT),
        ),
        tuple(
            (str(Source(source).label), cents, share_bp(cents, plan))
            for source, cents in budget.sources.items()
            if cents
        ),
        (_("Total"), plan, share_bp(plan, plan)),
    )
    public = sum(budget.sources.get(source, 0) for source in PUBLIC_SOURCES)
    total = budget.total
    carried = public_money(
        award.financing,
        spent=total.spent,
        rate_bp=award.rate_bp,
        maximum=award.maximum_cents,
        own_planned=plan - public,
    )
    actual = Table(
        "carried",
        _("Who carries what is spent"),
        (
            Column("what", _("Part")),
            Column("amount", _("Amount"), Kind.EURO_CENTS),
            Column("share", _("Share"), Kind.PERCENT),
        ),
        (
            (_("Grant"), carried, share_bp(carried, total.spent)),
            (
                _("Own contribution and other money"),
                total.spent - carried,
                share_bp(total.spent - carried, total.spent),
            ),
        ),
        (_("Spent"), total.spent, share_bp(total.spent, total.spent)),
    )
    sentences = [
        _("Funding rate of the notice: %(rate)s; public share of the plan in force: %(plan)s.")
        % {"rate": _percent(award.rate_bp), "plan": _percent(share_bp(public, plan))},
    ]
    if total.in_kind:
        sentences.append(
            _("Contributions in kind come on top and are not counted as spent: %(amount)s.")
            % {"amount": _euro(total.in_kind)}
        )
    return Section("sources", title, tables=(split, actual), paragraphs=tuple(sentences))


def _euro(cents: int) -> str:
    return written(Kind.EURO_CENTS, cents, get_language() or "de")


def _percent(basis_points: int | None) -> str:
    return written(Kind.PERCENT, basis_points, get_language() or "de")
