"""One suite for the official languages of the European Union."""

from evaluations.catalogue.source import SuiteSource, TaskSource

# Language, German and English name, code in Belebele, code in MultiBLiMP, its pairs of sentences by the harness's
# own list. Belebele has no Irish, MultiBLiMP no Maltese; it counts Croatian among Serbo-Croatian.
_LANGUAGES: tuple[tuple[str, str, str, str, str, int], ...] = (
    ("bg", "Bulgarisch", "Bulgarian", "bul_Cyrl", "bul", 2458),
    ("cs", "Tschechisch", "Czech", "ces_Latn", "ces", 4256),
    ("da", "Dänisch", "Danish", "dan_Latn", "dan", 50),
    ("de", "Deutsch", "German", "deu_Latn", "deu", 2298),
    ("el", "Griechisch", "Greek", "ell_Grek", "ell", 1096),
    ("en", "Englisch", "English", "eng_Latn", "eng", 770),
    ("es", "Spanisch", "Spanish", "spa_Latn", "spa", 2541),
    ("et", "Estnisch", "Estonian", "est_Latn", "est", 2575),
    ("fi", "Finnisch", "Finnish", "fin_Latn", "fin", 2570),
    ("fr", "Französisch", "French", "fra_Latn", "fra", 2548),
    ("ga", "Irisch", "Irish", "", "gle", 28),
    ("hr", "Kroatisch", "Croatian", "hrv_Latn", "hbs", 3286),
    ("hu", "Ungarisch", "Hungarian", "hun_Latn", "hun", 845),
    ("it", "Italienisch", "Italian", "ita_Latn", "ita", 2999),
    ("lt", "Litauisch", "Lithuanian", "lit_Latn", "lit", 1180),
    ("lv", "Lettisch", "Latvian", "lvs_Latn", "lav", 3032),
    ("mt", "Maltesisch", "Maltese", "mlt_Latn", "", 0),
    ("nl", "Niederländisch", "Dutch", "nld_Latn", "nld", 2331),
    ("pl", "Polnisch", "Polish", "pol_Latn", "pol", 3272),
    ("pt", "Portugiesisch", "Portuguese", "por_Latn", "por", 3048),
    ("ro", "Rumänisch", "Romanian", "ron_Latn", "ron", 2056),
    ("sk", "Slowakisch", "Slovak", "slk_Latn", "slk", 4145),
    ("sl", "Slowenisch", "Slovenian", "slv_Latn", "slv", 4483),
    ("sv", "Schwedisch", "Swedish", "swe_Latn", "swe", 201),
)


def _reading(language: str, german: str, english: str, code: str) -> TaskSource:
    return TaskSource(
        name=f"belebele_{code}",
        title_de=f"Leseverstehen: {german} (Belebele)",
        title_en=f"Reading: {english} (Belebele)",
        metrics=("acc", "acc_norm"),
        questions=900,
        language=language,
        licence="CC-BY-SA-4.0",
        dataset="facebook/belebele",
        configuration=code,
        chance=0.25,
    )


def _grammar(language: str, german: str, english: str, code: str, pairs: int) -> TaskSource:
    return TaskSource(
        name=f"multiblimp_{code}",
        title_de=f"Grammatik: {german} (MultiBLiMP)",
        title_en=f"Grammar: {english} (MultiBLiMP)",
        metrics=("acc", "acc_norm"),
        questions=pairs,
        language=language,
        licence="CC-BY-4.0",
        dataset="jumelet/multiblimp",
        configuration=code,
        chance=0.5,
    )


CORE = SuiteSource(
    slug="eu24-core",
    number=1,
    title_de="Kernsuite der 24 Amtssprachen",
    title_en="Core suite of the 24 official languages",
    summary_de="Leseverstehen und Grammatik in den Amtssprachen der Europäischen Union, je Sprache mit denselben Texten. "
    "Irisch fehlt beim Lesen, Maltesisch bei der Grammatik; Dänisch und Irisch haben dort sehr wenige Satzpaare.",
    summary_en="Reading and grammar in the official languages of the European Union, with the same texts in each language. "
    "Irish is missing in reading, Maltese in grammar; Danish and Irish have very few pairs of sentences there.",
    tasks=(
        *(_reading(key, de, en, code) for key, de, en, code, _other, _pairs in _LANGUAGES if code),
        *(_grammar(key, de, en, code, pairs) for key, de, en, _other, code, pairs in _LANGUAGES if code),
    ),
)
