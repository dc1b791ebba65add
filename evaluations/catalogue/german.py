"""Suites for German: own questions, and what the harness has."""

from evaluations.catalogue.source import SuiteSource, TaskSource

SMOKE = SuiteSource(
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
)

ENGINEERING = SuiteSource(
    slug="domain-maschinenbau",
    number=1,
    title_de="Fachgebiet Maschinenbau",
    title_en="Domain: mechanical engineering",
    summary_de="24 eigene Auswahlfragen aus Werkstoffkunde, Fertigung, Maschinenelementen, Messen und Sicherheit. Ein "
    "erster Blick auf das Fachwissen; für feine Vergleiche sind es zu wenige Fragen.",
    summary_en="24 multiple-choice questions of our own, in German, on materials, manufacturing, machine elements, "
    "measuring and safety. A first look at expert knowledge; for fine comparisons there are too few questions.",
    tasks=(
        TaskSource(
            name="cesai_maschinenbau_de",
            title_de="24 Fragen aus dem Maschinenbau",
            title_en="24 questions on mechanical engineering",
            metrics=("acc", "acc_norm"),
            questions=24,
            language="de",
            licence="CC0-1.0",
            files=("cesai_maschinenbau_de.yaml", "cesai_maschinenbau_de.jsonl"),
            chance=0.25,
        ),
    ),
)

_MMLU = (
    ("business", "Wirtschaft", "business"),
    ("humanities", "Geisteswissenschaften", "humanities"),
    ("medical", "Medizin", "medicine"),
    ("other", "Sonstiges", "other fields"),
    ("social_sciences", "Sozialwissenschaften", "social sciences"),
    ("stem", "Mathematik, Naturwissenschaft und Technik", "mathematics, science and technology"),
)
_INCLUDE = (
    ("driving_license", "Führerschein", "driving licence"),
    ("social_science", "Gesellschaft", "society"),
    ("stem", "Naturwissenschaft und Technik", "science and technology"),
)

CORE = SuiteSource(
    slug="de-core",
    number=1,
    title_de="Kernsuite Deutsch",
    title_en="Core suite German",
    summary_de="Leseverstehen, Grammatik, Allgemeinwissen mit Kulturbezug, hiesige Prüfungen und Alltagsverstand: "
    "die Suite für den Vergleich deutscher Modelle. Alle Aufgaben sind Auswahlfragen, ohne Beispiele in der "
    "Aufforderung.",
    summary_en="Reading, grammar, knowledge with its cultural context, local exams and everyday reasoning: the suite "
    "for comparing German models. All tasks are multiple choice, without examples in the prompt.",
    tasks=(
        TaskSource(
            name="belebele_deu_Latn",
            title_de="Leseverstehen (Belebele)",
            title_en="Reading (Belebele)",
            metrics=("acc", "acc_norm"),
            questions=900,
            language="de",
            licence="CC-BY-SA-4.0",
            dataset="facebook/belebele",
            configuration="deu_Latn",
            chance=0.25,
        ),
        TaskSource(
            name="multiblimp_deu",
            title_de="Grammatik in Satzpaaren (MultiBLiMP)",
            title_en="Grammar in pairs of sentences (MultiBLiMP)",
            metrics=("acc", "acc_norm"),
            questions=2298,
            language="de",
            licence="CC-BY-4.0",
            dataset="jumelet/multiblimp",
            configuration="deu",
            chance=0.5,
        ),
        *(
            TaskSource(
                name=f"global_mmlu_de_{part}",
                title_de=f"Wissen: {german} (Global MMLU Lite)",
                title_en=f"Knowledge: {english} (Global MMLU Lite)",
                metrics=("acc",),
                questions=None,
                language="de",
                licence="Apache-2.0",
                dataset="CohereLabs/Global-MMLU-Lite",
                configuration="de",
                chance=0.25,
            )
            for part, german, english in _MMLU
        ),
        *(
            TaskSource(
                name=f"include_base_44_german_{part}",
                title_de=f"Prüfungen: {german} (INCLUDE)",
                title_en=f"Exams: {english} (INCLUDE)",
                metrics=("acc",),
                questions=None,
                language="de",
                licence="Apache-2.0",
                dataset="CohereForAI/include-base-44",
                configuration="German",
                chance=0.25,
            )
            for part, german, english in _INCLUDE
        ),
        TaskSource(
            name="global_piqa_parallel_cloze_deu_latn",
            title_de="Alltagsverstand (Global PIQA)",
            title_en="Everyday reasoning (Global PIQA)",
            metrics=("acc", "acc_norm"),
            questions=None,
            language="de",
            licence="CC-BY-SA-4.0",
            dataset="mrlbenchmarks/global-piqa-parallel",
            configuration="deu_latn",
            chance=None,
        ),
    ),
)

_OKAPI = (
    (
        "arc_de",
        "Naturkunde der Schule (ARC)",
        "School science (ARC)",
        "alexandrainst/m_arc",
        ("acc", "acc_norm"),
    ),
    (
        "hellaswag_de",
        "Geschichten fortsetzen (HellaSwag)",
        "Continuing stories (HellaSwag)",
        "alexandrainst/m_hellaswag",
        ("acc", "acc_norm"),
    ),
)

LEGACY = SuiteSource(
    slug="de-legacy-nc",
    number=1,
    title_de="Ältere deutsche Aufgaben (nicht kommerziell)",
    title_en="Older German tasks (non-commercial)",
    summary_de="Maschinell übersetzte Aufgaben, mit denen ältere Veröffentlichungen gemessen haben: nur für den Vergleich "
    "mit ihnen. Die Daten dürfen nicht kommerziell genutzt werden.",
    summary_en="Machine-translated tasks that older papers measured with: only for comparing with those. The data must not "
    "be used commercially.",
    tasks=tuple(
        TaskSource(
            name=name,
            title_de=german,
            title_en=english,
            metrics=metrics,
            questions=None,
            language="de",
            licence="CC-BY-NC-4.0",
            dataset=dataset,
            configuration="de",
            # Not every question has four answers.
            chance=None,
            non_commercial=True,
        )
        for name, german, english, dataset, metrics in _OKAPI
    ),
)
