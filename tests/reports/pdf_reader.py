"""Reads a tagged PDF the way a screen reader does: along its structure tree, not its pixels."""

import io
import re
from collections.abc import Iterator

import pikepdf


class TaggedPdf:
    def __init__(self, content: bytes) -> None:
        self.pdf = pikepdf.open(io.BytesIO(content))
        self._marked = {
            (page.objgen, mark): text for page in self.pdf.pages for mark, text in _marked_text(page).items()
        }

    def rows(self) -> list[list[str]]:
        """The cells of every table row, headings included, in reading order."""
        return [
            [self.text(cell) for cell in _children(row) if _role(cell) in ("/TH", "/TD")]
            for row in self.elements("/TR")
        ]

    def elements(self, role: str) -> Iterator[pikepdf.Object]:
        return (element for element in _walk(self.pdf.Root.StructTreeRoot) if _role(element) == role)

    def text(self, element: pikepdf.Object | None = None) -> str:
        """The text below ``element`` (default: the whole document), with line breaks taken out."""
        found = "".join(self._pieces(self.pdf.Root.StructTreeRoot if element is None else element, None))
        return re.sub(r"[ \n]+", " ", found.replace("\u200b", "")).strip()

    def _pieces(self, element: pikepdf.Object, page: pikepdf.Object | None) -> Iterator[str]:
        page = element.get("/Pg", page)
        for kid in _kids(element):
            if isinstance(kid, int):
                yield self._marked.get((page.objgen, kid), "")
            elif kid.get("/Type") == "/MCR":
                yield self._marked.get((kid.get("/Pg", page).objgen, int(kid.MCID)), "")
            elif kid.get("/Type") != "/OBJR":
                yield from self._pieces(kid, page)


def _role(element: pikepdf.Object) -> str:
    return str(element.get("/S", ""))


def _kids(element: pikepdf.Object) -> list:
    kids = element.get("/K", [])
    return list(kids) if isinstance(kids, pikepdf.Array) else [kids]


def _children(element: pikepdf.Object) -> list[pikepdf.Object]:
    return [kid for kid in _kids(element) if isinstance(kid, pikepdf.Dictionary) and "/S" in kid]


def _walk(element: pikepdf.Object) -> Iterator[pikepdf.Object]:
    yield element
    for child in _children(element):
        yield from _walk(child)


def _marked_text(page: pikepdf.Page) -> dict[int, str]:
    """Text by marked-content number; content outside of marks (page header and footer) is left out."""
    maps = {name: _to_unicode(font) for name, font in page.Resources.get("/Font", {}).items()}
    found: dict[int, str] = {}
    marks: list[int | None] = []
    letters: dict[int, str] = {}
    for operands, operator in pikepdf.parse_content_stream(page):
        match str(operator):
            case "BDC":
                properties = operands[1]
                marks.append(int(properties["/MCID"]) if "/MCID" in properties else None)
            case "BMC":
                marks.append(None)
            case "EMC":
                marks.pop()
            case "Tf":
                letters = maps[str(operands[0])]
            case "TJ" | "Tj":
                mark = next((mark for mark in reversed(marks) if mark is not None), None)
                parts = operands[0] if str(operator) == "TJ" else [operands[0]]
                text = "".join(_decoded(bytes(p), letters) for p in parts if isinstance(p, pikepdf.String))
                if mark is not None:
                    found[mark] = found.get(mark, "") + text
    return found


def _decoded(raw: bytes, letters: dict[int, str]) -> str:
    return "".join(letters[int.from_bytes(raw[i : i + 2])] for i in range(0, len(raw), 2))


def _to_unicode(font: pikepdf.Object) -> dict[int, str]:
    source = font.ToUnicode.read_bytes().decode()
    letters = {}
    for block in re.findall(r"beginbfchar(.*?)endbfchar", source, re.S):
        for code, text in re.findall(r"<([0-9A-F]+)> <([0-9A-F]+)>", block):
            letters[int(code, 16)] = bytes.fromhex(text).decode("utf-16-be")
    return letters
