"""Where an object stands on the thread from the use case to the report, and what lies beside it.

A model proposal and the model made from it are the spine: every kind of object knows the proposals and the models it
belongs to, and every station is found from those. The whole strip is one statement, a UNION ALL with one branch per
station, each branch restricted to what the reader may see.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, IntegerField, Q, QuerySet, TextField, Value, Window
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from evaluations.models import Run
from funding.models import Award, Entry
from hub.models import Publication
from portfolio.models import AIModel, ModelProposal, Project, UseCase
from voting.models import Round, RoundItem

# A round has dozens of proposals: the strip shows the newest, says how many more there are and links the list of them.
SHOWN = 3


@dataclass(frozen=True, slots=True)
class Link:
    label: str
    url: str
    current: bool = False


@dataclass(frozen=True, slots=True)
class Station:
    """`key` is the kind of object, `kind` its noun in the reader's language.

    `links` holds at most three objects, the newest first; it is empty where the thread has not got there, or not for
    this reader. `label`, `url` and `current` are those of the first link, `more` counts the others and `more_url` is
    the address of them all, as `components/thread.html` shows them.
    """

    key: str
    kind: Any
    links: tuple[Link, ...] = ()
    total: int = 0
    more_url: str = ""

    @property
    def label(self) -> str:
        return self.links[0].label if self.links else ""

    @property
    def url(self) -> str:
        return self.links[0].url if self.links else ""

    @property
    def current(self) -> bool:
        return bool(self.links) and self.links[0].current

    @property
    def more(self) -> int:
        return max(0, self.total - 1)


@dataclass(frozen=True, slots=True)
class _Kind:
    """How one kind of object hangs on the spine.

    `proposals` and `models` are lookups from ModelProposal and AIModel to the key of such an object; `find` gives the
    objects of this kind that belong to a set of proposals and a set of models; `label`, `name` and `argument` name the
    columns for the link's text, for the words beside it in a list, and for the argument of the address `url`.
    """

    key: str
    noun: Any
    rows: type
    proposals: str
    models: str
    find: Callable[[QuerySet, QuerySet], Q]
    label: str
    name: str
    argument: str
    url: str


KINDS = (
    _Kind(
        "use-case",
        _("Use case"),
        UseCase,
        proposals="use_cases",
        models="proposal__use_cases",
        find=lambda proposals, models: Q(
            pk__in=ModelProposal.use_cases.through.objects.filter(modelproposal__in=proposals).values(
                "usecase"
            )
        ),
        label="code",
        name="title",
        argument="code",
        url="portfolio:usecase_detail",
    ),
    _Kind(
        "proposal",
        _("Model proposal"),
        ModelProposal,
        proposals="pk",
        models="proposal",
        find=lambda proposals, models: Q(pk__in=proposals),
        label="code",
        name="title",
        argument="code",
        url="portfolio:proposal_detail",
    ),
    _Kind(
        "round",
        _("Voting round"),
        Round,
        proposals="round_items__round",
        models="proposal__round_items__round",
        find=lambda proposals, models: Q(
            pk__in=RoundItem.objects.filter(proposal__in=proposals).values("round")
        ),
        label="title",
        name="question",
        argument="slug",
        url="voting:round_detail",
    ),
    _Kind(
        "model",
        _("Model"),
        AIModel,
        proposals="model",
        models="pk",
        find=lambda proposals, models: Q(pk__in=models),
        label="name",
        name="summary",
        argument="slug",
        url="portfolio:model_detail",
    ),
    _Kind(
        "project",
        _("Schnellboot"),
        Project,
        proposals="model__projects",
        models="projects",
        find=lambda proposals, models: Q(model__in=models),
        label="code",
        name="title",
        argument="code",
        url="portfolio:project_detail",
    ),
    _Kind(
        "run",
        _("Evaluation run"),
        Run,
        proposals="model__releases__runs",
        models="releases__runs",
        find=lambda proposals, models: Q(release__model__in=models),
        label="code",
        name="release__model__name",
        argument="code",
        url="evaluations:run_detail",
    ),
    _Kind(
        "publication",
        _("Publication"),
        Publication,
        proposals="model__releases__plans__publication",
        models="releases__plans__publication",
        find=lambda proposals, models: Q(plan__release__model__in=models),
        label="plan__target__repository",
        name="plan__release__model__name",
        argument="pk",
        url="hub:publication_detail",
    ),
    _Kind(
        "report",
        _("Report"),
        Award,
        proposals="model__projects__entries__award",
        models="projects__entries__award",
        find=lambda proposals, models: Q(
            pk__in=Entry.objects.filter(project__model__in=models).values("award")
        ),
        label="reference",
        name="title",
        argument="code",
        url="reports:award_report",
    ),
)


BY_KEY = {each.key: each for each in KINDS}


def stations(kind: str, pk: int, user: User) -> list[Station]:
    """The whole thread through the object of `kind` with key `pk`, in its order; one statement.

    At its own station the object stands alone. Raises KeyError for a kind that is not on the thread.
    """
    origin = BY_KEY[kind]
    first, *others = (_branch(place, each, user, _at(each, origin, pk)) for place, each in enumerate(KINDS))
    found: dict[int, list[tuple[str, str, int]]] = defaultdict(list)
    totals: dict[int, int] = {}
    for place, key, label, argument, total in first.union(*others, all=True):
        found[place].append((label, argument, key))
        totals[place] = total
    return [
        Station(
            each.key,
            each.noun,
            tuple(
                Link(label, reverse(each.url, args=[argument]), each is origin)
                for label, argument, _key in sorted(found[place], key=lambda row: -row[2])
            ),
            totals.get(place, 0),
            reverse("reports:thread_station", args=[kind, pk, each.key]),
        )
        for place, each in enumerate(KINDS)
    ]


def objects_at(station: str, kind: str, pk: int, user: User) -> tuple[QuerySet, Link]:
    """All objects of one station on the thread through an object, for this reader, and a link back to that object.

    Rows are dictionaries: `id`, `thread_label` (a code or reference), `thread_name` (words) and `thread_argument`, which
    `address_of` takes. Raises KeyError for a kind or a station that is not on the thread, DoesNotExist where the reader
    may not see the object that the thread runs through.
    """
    origin, wanted = BY_KEY[kind], BY_KEY[station]
    here = _told(origin, origin.rows.objects.visible_to(user)).get(pk=pk)  # type: ignore[attr-defined]
    rows = wanted.rows.objects.visible_to(user).filter(_at(wanted, origin, pk))  # type: ignore[attr-defined]
    return _told(wanted, rows), Link(here["thread_label"], address_of(kind, here["thread_argument"]))


def address_of(kind: str, argument: str) -> str:
    return reverse(BY_KEY[kind].url, args=[argument])


def _told(kind: _Kind, rows: QuerySet) -> QuerySet:
    return rows.values(
        "id",
        thread_label=Cast(F(kind.label), TextField()),
        thread_name=F(kind.name),
        thread_argument=Cast(F(kind.argument), TextField()),
    )


def _at(kind: _Kind, origin: _Kind, pk: int) -> Q:
    if kind is origin:
        return Q(pk=pk)
    proposals = ModelProposal.objects.filter(**{origin.proposals: pk}).values("pk")
    models = AIModel.objects.filter(**{origin.models: pk}).values("pk")
    return kind.find(proposals, models)


def _branch(place: int, kind: _Kind, user: User, which: Q) -> QuerySet:
    """Rows of (station, key, label, argument of the address, how many there are in all)."""
    rows = kind.rows.objects.visible_to(user).filter(which)  # type: ignore[attr-defined]
    return (
        rows.order_by("-pk")
        .annotate(
            thread_place=Value(place, IntegerField()),
            thread_label=Cast(F(kind.label), TextField()),
            thread_argument=Cast(F(kind.argument), TextField()),
            thread_total=Window(Count("pk")),
        )
        .values_list("thread_place", "pk", "thread_label", "thread_argument", "thread_total")[:SHOWN]
    )
