"""Sentences for the verbs of events; each app registers its own when it starts."""

from collections.abc import Mapping

from activity.models import SENTENCES


def register(sentences: Mapping[str, object]) -> None:
    """Adds lazy sentences by verb. Raises ValueError when two apps claim one verb."""
    if twice := SENTENCES.keys() & sentences.keys():
        raise ValueError(f"Verbs registered twice: {', '.join(sorted(twice))}")
    SENTENCES.update(sentences)
