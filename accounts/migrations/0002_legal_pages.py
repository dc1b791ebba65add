"""The legal pages exist from the first day; their placeholders block a production start until somebody fills them."""

from django.db import migrations

FILL = "[[BITTE AUSFÜLLEN]]"

PAGES = {
    "imprint": (
        "Impressum",
        "Imprint",
        f"## Anbieter\n\n{FILL}: Name und Rechtsform, Anschrift, Vertretungsberechtigte\n\n"
        f"## Kontakt\n\n{FILL}: Telefon, E-Mail\n\n## Register\n\n{FILL}: Registergericht, Nummer, Umsatzsteuer-ID\n",
        f"## Provider\n\n{FILL}: name and legal form, address, representatives\n\n"
        f"## Contact\n\n{FILL}: telephone, e-mail\n\n## Register\n\n{FILL}: register court, number, VAT number\n",
    ),
    "privacy": (
        "Datenschutz",
        "Privacy",
        f"## Verantwortliche Stelle\n\n{FILL}\n\n## Datenschutzbeauftragte Person\n\n{FILL}\n\n"
        "## Was das Portal speichert\n\nName, E-Mail-Adresse, Organisation und Rolle der angemeldeten Personen, und wer "
        "wann was geändert hat. Das Portal setzt nur zwei Cookies, die zum Betrieb nötig sind: einen für die Anmeldung "
        "und einen gegen gefälschte Formulare. Es lädt nichts von fremden Servern.\n\n"
        f"## Rechtsgrundlage und Speicherdauer\n\n{FILL}\n",
        f"## Controller\n\n{FILL}\n\n## Data protection officer\n\n{FILL}\n\n"
        "## What the portal stores\n\nName, e-mail address, organisation and role of the people who sign in, and who "
        "changed what when. The portal sets only two cookies, both needed for its work: one for the sign-in and one "
        "against forged forms. It loads nothing from other servers.\n\n"
        f"## Legal basis and storage period\n\n{FILL}\n",
    ),
    "accessibility": (
        "Barrierefreiheit",
        "Accessibility",
        "Dieses Portal soll für alle nutzbar sein: mit Tastatur, mit Vorleseprogramm, ohne JavaScript, hell und dunkel. "
        "Ziel sind die Anforderungen von EN 301 549 und WCAG 2.2, Stufe AA. Automatische Prüfungen laufen bei jeder "
        f"Änderung.\n\n## Stand und bekannte Mängel\n\n{FILL}\n\n## Kontakt bei Problemen\n\n{FILL}\n\n"
        f"## Schlichtungsstelle\n\n{FILL}\n",
        "This portal is meant to be usable by everyone: by keyboard, with a screen reader, without JavaScript, light and "
        "dark. The goal is EN 301 549 and WCAG 2.2 level AA. Automatic checks run with every change.\n\n"
        f"## State and known defects\n\n{FILL}\n\n## Contact in case of problems\n\n{FILL}\n\n"
        f"## Arbitration body\n\n{FILL}\n",
    ),
    "easy-language": (
        "Leichte Sprache",
        "Easy language",
        "CESAI ist ein Zentrum für Künstliche Intelligenz.\n\nKünstliche Intelligenz heißt kurz: KI.\n\n"
        "Firmen sagen in diesem Portal: Dafür brauchen wir KI.\n\nDann stimmen die Firmen ab:\n\n"
        "- Welche KI wird zuerst gebaut?\n- Was darf sie kosten?\n\nDanach baut ein Team die KI.\n\n"
        "Alle können sehen, was daraus wird.\n\nDas Geld dafür kommt vom Staat. Deshalb zeigt das Portal auch:\n\n"
        f"- Wofür wird das Geld ausgegeben?\n- Was kommt dabei heraus?\n\nSie haben Fragen? {FILL}\n",
        "CESAI is a centre for artificial intelligence.\n\nArtificial intelligence is called AI for short.\n\n"
        "In this portal companies say: we need AI for this.\n\nThen the companies vote:\n\n"
        "- Which AI is built first?\n- How much may it cost?\n\nThen a team builds the AI.\n\n"
        "Everybody can see what becomes of it.\n\nThe money comes from the state. So the portal also shows:\n\n"
        f"- What is the money spent on?\n- What is the result?\n\nDo you have questions? {FILL}\n",
    ),
}


def add_pages(apps, schema_editor):
    page = apps.get_model("accounts", "StaticPage")
    for slug, (title_de, title_en, body_de, body_en) in PAGES.items():
        page.objects.get_or_create(
            slug=slug,
            defaults={"title_de": title_de, "title_en": title_en, "body_de": body_de, "body_en": body_en},
        )


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]
    operations = [migrations.RunPython(add_pages, migrations.RunPython.noop)]
