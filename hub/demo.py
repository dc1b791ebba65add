"""Demo of publishing: a connection to the Hub double, and a plan that waits for a second person."""

from accounts.demo import Cast
from hub.actions.plans import describe_target, plan_release
from hub.models import Connection
from portfolio.models import ModelRelease

NAMESPACE = "cesai-demo"
TOKEN_SOURCE = "file:hub/token"  # noqa: S105  the place, not the token


def load(cast: Cast) -> None:
    """Makes the connection and plans the publication of the first release; does nothing when it was done before."""
    connection, fresh = Connection.objects.get_or_create(
        name="Hub-Double (Demo)",
        defaults={
            "namespace": NAMESPACE,
            "token_source": TOKEN_SOURCE,
            "funding_note": "Demo-Zuwendung, Aktenzeichen 00-DEMO (frei erfunden)",
            "contact": "portal@demo.example.org",
        },
    )
    release = ModelRelease.objects.select_related("model").order_by("pk").first()
    if not fresh or release is None:
        return
    target = describe_target(
        by=cast.mira,
        model=release.model,
        connection=connection,
        repository=release.model.slug,
        intended_use="Vergleichsmaßstab für Evaluierungen deutscher Sprachmodelle.",
        out_of_scope="Jede Nutzung als Assistent: Das Modell setzt nur kurze Wortfolgen fort.",
        training_data="Eigene, frei lizenzierte deutsche Sätze; sie liegen der Veröffentlichung bei.",
        limitations="Kennt nur Wortfolgen aus den Trainingssätzen und versteht nichts.",
    )
    plan_release(by=cast.mira, release=release, target=target)
