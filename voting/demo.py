"""Two rounds of the demo: one that twelve invented organisations decided, and one that is open now.

In the open one a colleague has prepared a draft that waits for the voting representative, and one organisation has
entrusted its vote to another.
"""

from datetime import timedelta

from django.utils import timezone

from accounts.demo import Cast
from accounts.models import Membership, User
from accounts.roles import Role
from portfolio.models import ModelProposal
from voting.actions import ballots, delegations, drafts, results, rounds, steps
from voting.models import Round, RoundVoter

MACHINES = "Fachsprachmodell Maschinenbau"
CHEMISTRY = "Stoffdaten-Assistent Chemie"
DOCUMENTS = "Dokumentenleser für Zulassung und Fracht"
ENERGY = "Zeitreihenmodell Energie"
WIND = "Wartungsassistent Windenergie"
CITIZENS = "Bürgerdialog lokal"
SOUND = "Klangprüfung Guss"
SETUP = "Rüstwissen in einfacher Sprache"
TASKS = "Aufgabenwerkstatt Berufsschule"
BASELINE = "N-Gramm-Basislinie Deutsch"

DECIDED = "Erste Modellrunde"
OPEN = "Zweite Modellrunde"

EARLY = "Alle zwölf Häuser haben abgestimmt und auf weitere Änderungen verzichtet."

# What each organisation approved in the decided round.
BALLOTS = {
    "brenner": [MACHINES, SOUND, SETUP, BASELINE],
    "kelheim": [MACHINES, SETUP, TASKS, BASELINE],
    "giesserei": [MACHINES, SOUND, ENERGY],
    "optik": [MACHINES, DOCUMENTS, BASELINE],
    "rheinchemie": [CHEMISTRY, ENERGY, DOCUMENTS, BASELINE],
    "saatgut": [CHEMISTRY, DOCUMENTS, BASELINE],
    "medizin": [DOCUMENTS, CHEMISTRY, BASELINE],
    "spedition": [DOCUMENTS, CITIZENS, BASELINE],
    "papier": [ENERGY, MACHINES, CHEMISTRY, SOUND],
    "nordwind": [WIND, ENERGY, MACHINES],
    "stadtwerke": [CITIZENS, WIND, SETUP],
    "lernwerk": [TASKS, SETUP, CITIZENS],
}
# What some have approved in the open round so far.
SO_FAR = {
    "kelheim": [SOUND, TASKS, DOCUMENTS],
    "nordwind": [WIND, SOUND, DOCUMENTS, TASKS],
    "lernwerk": [TASKS, DOCUMENTS, ENERGY],
}
# What Jonas has prepared for his firm; its voting representative has not cast it yet.
DRAFT = [SOUND, SETUP, DOCUMENTS]
# Who votes for whom.
ENTRUSTED = ("papier", "nordwind")


def load(cast: Cast) -> None:
    """Loads both rounds through the actions of the portal; does nothing when they exist."""
    if Round.objects.exists():
        return
    now = timezone.now()
    first = rounds.create_round(
        by=cast.mira,
        title=DECIDED,
        question="Welche Modelle soll CESAI als Erste bauen? Genehmigen Sie alle Vorschläge, die Ihrem Haus nützen würden.",
        budget=45_000,
        minimum_approvals=3,
        objection_days=0,
        opens_at=now,
        closes_at=now + timedelta(days=14),
        proposals=list(
            ModelProposal.objects.filter(status=ModelProposal.Status.UNDER_REVIEW).order_by("code")
        ),
    )
    steps.open_round(by=cast.mira, voting_round=first)
    _vote(first, BALLOTS)
    # The dates of a published round cannot be set back, not even for a demo: it ends early, and says why.
    steps.close_round(by=cast.mira, voting_round=first, reason=EARLY)
    results.tally_round(by=cast.mira, voting_round=first)
    second = rounds.create_round(
        by=cast.mira,
        title=OPEN,
        question="Welche der übrigen Vorschläge sollen im nächsten Halbjahr gebaut werden?",
        budget=24_000,
        minimum_approvals=3,
        delegation=True,
        opens_at=now,
        closes_at=now + timedelta(days=21),
        proposals=list(
            ModelProposal.objects.filter(status=ModelProposal.Status.UNDER_REVIEW).order_by("code")
        ),
    )
    steps.open_round(by=cast.mira, voting_round=second)
    _vote(second, SO_FAR)
    codes = dict(second.items.values_list("title", "code"))
    prepared = [codes[title] for title in DRAFT if title in codes]
    drafts.save_draft(by=cast.jonas, voting_round=second, approvals=prepared)
    giver, holder = ENTRUSTED
    asked = delegations.ask_delegate(
        by=_representative(giver),
        voting_round=second,
        delegate=RoundVoter.objects.get(round=second, organisation__slug=holder),
    )
    delegations.accept_delegation(by=_representative(holder), delegation=asked)


def _representative(slug: str) -> User:
    return (
        Membership.objects.select_related("user")
        .get(organisation__slug=slug, role=Role.VOTING_REPRESENTATIVE)
        .user
    )


def _vote(voting_round: Round, ballots_by_slug: dict[str, list[str]]) -> None:
    codes = dict(voting_round.items.values_list("title", "code"))
    for slug, titles in ballots_by_slug.items():
        ballots.cast_ballot(
            by=_representative(slug),
            voting_round=voting_round,
            approvals=[codes[title] for title in titles],
        )
