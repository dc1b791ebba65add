"""The named cast: people and organisations of the demo, and of the tests. All of them are invented."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import date

from django.contrib.auth.hashers import make_password

from accounts.models import Membership, Organisation, User
from accounts.roles import Role

K = Organisation.Kind
S = Organisation.SizeClass

# slug: name, kind, size class, sector, seat, in the Rheinisches Revier
ORGANISATIONS: dict[str, tuple[str, str, str, str, str, bool]] = {
    "cesai": ("CESAI", K.OPERATOR, S.NONE, "Künstliche Intelligenz", "Hürth", True),
    "bezirksregierung": (
        "Bezirksregierung (Demo)",
        K.FUNDER,
        S.NONE,
        "Öffentliche Verwaltung",
        "Köln",
        False,
    ),
    "brenner": ("Brenner Maschinenbau GmbH", K.COMPANY, S.MEDIUM, "Maschinenbau", "Düren", True),
    "rheinchemie": ("Rheinchemie Labor AG", K.COMPANY, S.MIDCAP, "Chemie", "Bergheim", True),
    "kelheim": ("Kelheim Werkzeugbau KG", K.COMPANY, S.SMALL, "Werkzeugbau", "Kelheim", False),
    "nordwind": ("Nordwind Energietechnik GmbH", K.COMPANY, S.MEDIUM, "Energietechnik", "Aurich", False),
    "papier": ("Papierfabrik Jülich GmbH", K.COMPANY, S.MEDIUM, "Papier", "Jülich", True),
    "spedition": ("Spedition Hofmann GmbH & Co. KG", K.COMPANY, S.SMALL, "Logistik", "Euskirchen", True),
    "medizin": ("Weser Medizintechnik GmbH", K.COMPANY, S.MEDIUM, "Medizintechnik", "Minden", False),
    "stadtwerke": ("Stadtwerke Erkelenz AöR", K.PUBLIC, S.NONE, "Versorgung", "Erkelenz", True),
    "optik": ("Feinoptik Jena eG", K.COMPANY, S.SMALL, "Optik", "Jena", False),
    "giesserei": ("Gießerei Sauerland GmbH", K.COMPANY, S.MEDIUM, "Metallerzeugung", "Olpe", False),
    "lernwerk": ("Lernwerk Start-up UG", K.STARTUP, S.MICRO, "Bildung", "Köln", False),
    "saatgut": ("Saatgut Uckermark eG", K.COMPANY, S.SMALL, "Landwirtschaft", "Prenzlau", False),
    "ias": ("Institut für Angewandte Sprache", K.RESEARCH, S.NONE, "Forschung", "Aachen", True),
}

# key: name, [(organisation, role)]
PEOPLE: dict[str, tuple[str, list[tuple[str, Role]]]] = {
    "mira": ("Mira Vogel", [("cesai", Role.PROGRAMME_MANAGER)]),
    "tariq": ("Tariq Haddad", [("cesai", Role.PROGRAMME_MANAGER)]),
    "jonas": ("Jonas Brenner", [("brenner", Role.STAKEHOLDER)]),
    "leyla": ("Leyla Demir", [("brenner", Role.VOTING_REPRESENTATIVE)]),
    "stefan": (
        "Stefan Krüger",
        [("rheinchemie", Role.STAKEHOLDER), ("rheinchemie", Role.VOTING_REPRESENTATIVE)],
    ),
    "ines": ("Ines Auer", [("kelheim", Role.VOTING_REPRESENTATIVE)]),
    "paul": ("Paul Lindner", [("ias", Role.PROJECT_LEAD)]),
    "greta": ("Greta Sommer", [("ias", Role.EXPERT_REVIEWER)]),
    "petra": ("Petra Wolff", [("cesai", Role.FINANCE)]),
    "samir": ("Samir Nasser", [("cesai", Role.COMPLIANCE)]),
    "frank": ("Frank Peters", [("bezirksregierung", Role.FUNDER)]),
    "anke": ("Anke Hoffmann", [("bezirksregierung", Role.AUDITOR)]),
    "sven": ("Sven Adler", [("cesai", Role.SYSADMIN)]),
    "gast": ("Gabi Gast", []),
}
# Firms beyond the cast; each has one voting representative, `wahl.<short name>@…`.
FURTHER_ORGANISATIONS = (
    "nordwind",
    "papier",
    "spedition",
    "medizin",
    "stadtwerke",
    "optik",
    "giesserei",
    "lernwerk",
    "saatgut",
)
SINCE = date(2026, 1, 1)
PASSWORD = "schnellboot-demo-2026"  # noqa: S105  printed by every demo, refused elsewhere


@dataclass(frozen=True)
class Cast:
    """Everybody by first name, every organisation by short name."""

    mira: User
    tariq: User
    jonas: User
    leyla: User
    stefan: User
    ines: User
    paul: User
    greta: User
    petra: User
    samir: User
    frank: User
    anke: User
    sven: User
    gast: User
    cesai: Organisation
    bezirksregierung: Organisation
    brenner: Organisation
    rheinchemie: Organisation
    kelheim: Organisation
    ias: Organisation


def load(password: str | None = PASSWORD) -> Cast:
    """Creates whoever is missing and returns all; may run again. `password` None: nobody can sign in with one.

    A handful of statements for everybody together, because nearly every test begins with it.
    """
    organisations = _organisations()
    people = _people(password)
    held = set(Membership.objects.values_list("user__email", "organisation__slug", "role"))
    Membership.objects.bulk_create(
        Membership(user=people[email], organisation=organisations[slug], role=role, starts_on=SINCE)
        for email, slug, role in _memberships()
        if (email, slug, role) not in held
    )
    cast = {key: people[_address(key)] for key in PEOPLE}
    named = {slug: each for slug, each in organisations.items() if slug not in FURTHER_ORGANISATIONS}
    assert {field.name for field in fields(Cast)} == cast.keys() | named.keys()
    return Cast(**cast, **named)  # type: ignore[arg-type]


def _address(key: str) -> str:
    return f"{key}@demo.example.org"


def _memberships() -> Iterator[tuple[str, str, Role]]:
    for key, (_name, roles) in PEOPLE.items():
        for slug, role in roles:
            yield _address(key), slug, role
    for slug in FURTHER_ORGANISATIONS:
        yield _address(f"wahl.{slug}"), slug, Role.VOTING_REPRESENTATIVE


def _organisations() -> dict[str, Organisation]:
    known = {each.slug: each for each in Organisation.objects.filter(slug__in=ORGANISATIONS)}
    Organisation.objects.bulk_create(
        known.setdefault(
            slug,
            Organisation(
                slug=slug,
                name=name,
                kind=kind,
                size_class=size,
                sector=sector,
                seat=seat,
                in_rheinisches_revier=revier,
            ),
        )
        for slug, (name, kind, size, sector, seat, revier) in ORGANISATIONS.items()
        if slug not in known
    )
    return known


def _people(password: str | None) -> dict[str, User]:
    """By address. Only people of the cast get an address that is confirmed, and with it the way to a password."""
    from allauth.account.models import EmailAddress

    # Hashed once: fourteen slow hashes of the same known password would protect nobody.
    hashed = make_password(password)
    wanted = {
        _address(key): User(email=_address(key), password=hashed, full_name=name)
        for key, (name, _) in PEOPLE.items()
    }
    wanted |= {
        _address(f"wahl.{slug}"): User(
            email=_address(f"wahl.{slug}"),
            password=make_password(None),
            full_name=f"Stimmführung {ORGANISATIONS[slug][0]}",
        )
        for slug in FURTHER_ORGANISATIONS
    }
    known = {user.email: user for user in User.objects.filter(email__in=wanted)}
    fresh = User.objects.bulk_create(user for email, user in wanted.items() if email not in known)
    EmailAddress.objects.bulk_create(
        EmailAddress(user=user, email=user.email, verified=True, primary=True)
        for user in fresh
        if not user.email.startswith("wahl.")
    )
    return known | {user.email: user for user in fresh}
