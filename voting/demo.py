"""Two rounds of the demo: one that twelve invented organisations decided, and one that is open now."""

from datetime import timedelta

from django.utils import timezone

from accounts.demo import Cast
from accounts.models import Membership
from accounts.roles import Role
from portfolio.models import ModelProposal
from voting.actions import ballots, results, rounds
from voting.models import Round

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
        opens_at=now,
        closes_at=now + timedelta(days=14),
        proposals=list(
            ModelProposal.objects.filter(status=ModelProposal.Status.UNDER_REVIEW).order_by("code")
        ),
    )
    rounds.open_round(by=cast.mira, voting_round=first)
    _vote(first, BALLOTS)
    rounds.close_round(by=cast.mira, voting_round=first)
    results.tally_round(by=cast.mira, voting_round=first)
    # The demo is loaded in a second; the round looks as if it had taken its two weeks.
    Round.objects.filter(pk=first.pk).update(
        opens_at=now - timedelta(days=28), closes_at=now - timedelta(days=14)
    )
    second = rounds.create_round(
        by=cast.mira,
        title=OPEN,
        question="Welche der übrigen Vorschläge sollen im nächsten Halbjahr gebaut werden?",
        budget=24_000,
        minimum_approvals=3,
        opens_at=now,
        closes_at=now + timedelta(days=21),
        proposals=list(
            ModelProposal.objects.filter(status=ModelProposal.Status.UNDER_REVIEW).order_by("code")
        ),
    )
    rounds.open_round(by=cast.mira, voting_round=second)
    _vote(second, SO_FAR)


def _vote(voting_round: Round, ballots_by_slug: dict[str, list[str]]) -> None:
    codes = dict(voting_round.items.values_list("title", "code"))
    for slug, titles in ballots_by_slug.items():
        member = Membership.objects.select_related("user").get(
            organisation__slug=slug, role=Role.VOTING_REPRESENTATIVE
        )
        ballots.cast_ballot(
            by=member.user,
            voting_round=voting_round,
            approvals=[codes[title] for title in titles],
        )
