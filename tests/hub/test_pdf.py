import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader
from pypdf.generic import Destination

from hub import pdf

SECRET = "the cellar is under the stairs"


def page(body: str, head: str = "") -> str:
    return f'<!doctype html><html lang="fr"><head><title>Essai</title>{head}</head><body>{body}</body></html>'


def text_of(data: bytes) -> str:
    return "\n".join(one.extract_text() for one in PdfReader(BytesIO(data)).pages)


@pytest.fixture
def requests_seen() -> Iterator[tuple[str, list[str]]]:
    """A web server on this machine and the paths that were asked of it."""
    seen: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(SECRET.encode())

        def log_message(self, *_args: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"127.0.0.1:{server.server_port}", seen
    server.shutdown()
    thread.join()
    server.server_close()


HOSTILE = [
    '<img src="file://{file}">',
    '<object data="file://{file}">{host}</object>',
    '<embed src="http://{host}/embed">',
    '<img src="http://{host}/picture.png">',
    '<img src="//{host}/picture.png">',
    '<img src="ftp://{host}/picture.png">',
    '<link rel="stylesheet" href="http://{host}/style.css">',
    '<link rel="stylesheet" href="file://{file}">',
    '<link rel="attachment" href="file://{file}"><p>attached</p>',
    '<style>@import url("http://{host}/import.css"); @import "file://{file}";</style>',
    '<style>p {{ background: url(http://{host}/background.png) }}</style><p>painted</p>',
    '<style>@font-face {{ font-family: Thief; src: url(http://{host}/font.ttf) }} p {{ font-family: Thief }}</style><p>typed</p>',
    '<svg width="9" height="9"><image href="http://{host}/inside.png" width="9" height="9"/><use href="file://{file}#x"/></svg>',
    '<img src="data:image/svg+xml,<svg xmlns=\'http://www.w3.org/2000/svg\'><image href=\'http://{host}/nested.png\'/></svg>">',
    '<img src="/static/../../{file}">',
    '<img src="/static/%2e%2e/%2e%2e/%2e%2e/%2e%2e/{file}">',
    '<img src="gopher://{host}/1">',
    '<iframe src="http://{host}/frame"></iframe>',
]  # fmt: skip


@pytest.mark.parametrize("reference", HOSTILE)
def test_nothing_is_fetched(reference: str, requests_seen: tuple[str, list[str]], tmp_path: Path) -> None:
    host, seen = requests_seen
    secret = tmp_path / "secret.txt"
    secret.write_text(SECRET)

    data = pdf.render(page("<p>bonjour</p>" + reference.format(host=host, file=secret)))

    assert seen == []
    assert "bonjour" in text_of(data)
    assert SECRET not in text_of(data)
    assert PdfReader(BytesIO(data)).attachments == {}
    assert SECRET.encode() not in data


def test_the_web_server_of_these_tests_would_notice(requests_seen: tuple[str, list[str]]) -> None:
    host, seen = requests_seen
    pdf.URLFetcher().fetch(f"http://{host}/noticed").read()
    assert seen == ["/noticed"]


def test_our_static_files_are_printed() -> None:
    picture = pdf.OwnFilesOnly().fetch(pdf.BASE_URL.rstrip("/") + "/static/hub/icons.svg")
    assert picture.read().startswith(b"<svg")


@pytest.mark.parametrize(
    "url",
    [
        "cabas://documents/static/hub/none.svg",
        "cabas://documents/media/a.png",
        "cabas://elsewhere/static/hub/icons.svg",
    ],
)
def test_other_paths_are_refused(url: str) -> None:
    with pytest.raises(ValueError, match="documents load nothing"):
        pdf.OwnFilesOnly().fetch(url)


def test_pictures_within_the_page_are_printed() -> None:
    from distribution.typeset.qr import qr

    with_code = pdf.render(page(f'<img alt="" src="{qr("https://cabas.example/commandes/K7M2PX/")}">'))
    assert len(PdfReader(BytesIO(with_code)).pages[0].images) == 1


def test_same_html_same_bytes() -> None:
    html = page("<h1>Feuille de récolte</h1><p>☐ ✓ ≈ 1 kg, 12,50 €</p>")
    assert pdf.render(html) == pdf.render(html)


def test_title_language_and_author() -> None:
    reader = PdfReader(BytesIO(pdf.render(page("<p>x</p>", '<meta name="author" content="Les Cabas du Bocage">'))))
    assert reader.metadata is not None
    assert reader.metadata.title == "Essai"
    assert reader.metadata.author == "Les Cabas du Bocage"
    assert reader.root_object["/Lang"] == "fr"


def test_only_our_own_fonts_are_embedded() -> None:
    reader = PdfReader(BytesIO(pdf.render(page("<p style='font-family:DejaVu Sans'>☐ é <b>ŒUF ⚖</b></p>"))))
    fonts = reader.pages[0]["/Resources"]["/Font"].get_object()
    names = {str(font.get_object()["/BaseFont"]).partition("+")[2] for font in fonts.values()}
    assert names == {"DejaVu-Sans", "DejaVu-Sans-Bold"}


def test_merged_files_keep_their_page_numbers_and_have_bookmarks() -> None:
    style = "<style>@page{@bottom-right{content:'page ' counter(page) '/' counter(pages)}}section{break-before:page}</style>"
    files = [
        pdf.render(page(f"{style}<section>{name}</section>" * count).replace("Essai", name.title()))
        for name, count in (("premier", 2), ("second", 1))
    ]

    merged = PdfReader(BytesIO(pdf.merge(files)))

    assert [one.extract_text().split() for one in merged.pages] == [
        ["premier", "page", "1/2"], ["premier", "page", "2/2"], ["second", "page", "1/1"],
    ]  # fmt: skip
    bookmarks = [one for one in merged.outline if isinstance(one, Destination)]
    assert [one.title for one in bookmarks] == ["Premier", "Second"]
    assert [merged.get_destination_page_number(one) for one in bookmarks] == [0, 2]
    assert merged.metadata is not None
    assert merged.metadata.title == "Premier"
    assert str(merged.root_object["/Lang"]) == "fr"
    assert pdf.merge(files) == pdf.merge(files)


def test_an_empty_packet_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one document"):
        pdf.merge([])
