"""The suites that ship with the portal. A published version is never edited: a change is the next number."""

from dataclasses import dataclass, field
from pathlib import Path

TASKS = Path(__file__).with_name("tasks")


@dataclass(frozen=True)
class TaskSource:
    name: str
    title_de: str
    title_en: str
    metrics: tuple[str, ...]
    questions: int
    language: str
    licence: str
    files: tuple[str, ...]
    chance: float | None = None
    shots: int = 0
    non_commercial: bool = False


@dataclass(frozen=True)
class SuiteSource:
    slug: str
    number: int
    title_de: str
    title_en: str
    summary_de: str
    summary_en: str
    tasks: tuple[TaskSource, ...] = field(default_factory=tuple)
    seed: int = 42
    applies_chat_template: bool = False


SUITES = (
    SuiteSource(
        slug="smoke-de",
        number=1,
        title_de="Schnelltest Deutsch",
        title_en="Quick check German",
        summary_de="60 eigene Auswahlfragen aus Maschinenbau, Recht und Datenschutz, Chemie, Geografie, Sprache und "
        "Normen. Er zeigt in etwa einer Minute, ob ein Modell antwortet und ob es mehr weiß, als Raten ergibt. Für "
        "feine Vergleiche sind es zu wenige Fragen.",
        summary_en="60 multiple-choice questions of our own, in German, on engineering, law and data protection, "
        "chemistry, geography, language and standards. In about a minute it shows whether a model answers and "
        "whether it knows more than guessing. For fine comparisons there are too few questions.",
        tasks=(
            TaskSource(
                name="cesai_smoke_de",
                title_de="60 Fragen aus sechs Gebieten",
                title_en="60 questions from six fields",
                metrics=("acc", "acc_norm"),
                questions=60,
                language="de",
                licence="CC0-1.0",
                files=("cesai_smoke_de.yaml", "cesai_smoke_de.jsonl"),
                chance=0.25,
            ),
        ),
    ),
)
