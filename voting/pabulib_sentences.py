"""Why a Pabulib file is refused, in the reader's language."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from voting.pabulib import PabulibError, Reason

SENTENCES = {
    Reason.EMPTY: gettext_lazy("the file is empty"),
    Reason.NOT_FOUND: gettext_lazy("the file cannot be read"),
    Reason.TOO_LARGE: gettext_lazy("the file is larger than %(limit)s MB"),
    Reason.BINARY: gettext_lazy("this is not a text file"),
    Reason.NOT_UTF8: gettext_lazy("the text is not UTF-8"),
    Reason.HTML: gettext_lazy("this is a web page, not a Pabulib file"),
    Reason.LINE_TOO_LONG: gettext_lazy(
        "the line is longer than %(limit)s characters; perhaps a quotation mark is not closed"
    ),
    Reason.NO_META: gettext_lazy("a Pabulib file begins with a line META, this one with “%(found)s”"),
    Reason.SECTION_ORDER: gettext_lazy("the section %(section)s stands in the wrong place"),
    Reason.SECTION_MISSING: gettext_lazy("the section %(section)s is missing"),
    Reason.SECTION_EMPTY: gettext_lazy("the section %(section)s has no entries"),
    Reason.COLUMN_MISSING: gettext_lazy("the column %(column)s is missing in %(section)s"),
    Reason.COLUMN_TWICE: gettext_lazy("the column %(column)s stands twice in %(section)s"),
    Reason.TOO_MANY_CELLS: gettext_lazy("the row has %(found)s cells, its header only %(expected)s"),
    Reason.KEY_TWICE: gettext_lazy("the entry %(key)s stands twice in META"),
    Reason.KEY_MISSING: gettext_lazy("the entry %(key)s is missing in META"),
    Reason.BAD_NUMBER: gettext_lazy("%(name)s is not a number: “%(value)s”"),
    Reason.NOT_POSITIVE: gettext_lazy("%(name)s is not greater than zero: “%(value)s”"),
    Reason.BAD_VOTE_TYPE: gettext_lazy("ballots of the type “%(value)s” cannot be tallied here"),
    Reason.ID_MISSING: gettext_lazy("the identifier is missing"),
    Reason.PROJECT_TWICE: gettext_lazy("project %(project)s is listed twice"),
    Reason.VOTER_TWICE: gettext_lazy("voter %(voter)s has two ballots"),
    Reason.UNKNOWN_PROJECT: gettext_lazy("the ballot names project %(project)s, which is not in the list"),
    Reason.CHOSEN_TWICE: gettext_lazy("the ballot names project %(project)s twice"),
    Reason.POINTS_COUNT: gettext_lazy(
        "the ballot has %(projects)s projects but %(points)s numbers of points"
    ),
    Reason.WRONG_COUNT: gettext_lazy("%(key)s says %(expected)s, the file has %(found)s"),
}


def sentence(error: PabulibError, file_name: str) -> str:
    """`FILE: line N: reason`."""
    reason = str(SENTENCES[error.reason]) % error.params
    return _("%(file)s: line %(line)s: %(reason)s") % {
        "file": file_name,
        "line": error.line,
        "reason": reason,
    }
