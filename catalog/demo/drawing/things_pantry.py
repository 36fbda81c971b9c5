"""Things to eat and drink, and the vessels they come in or are served from."""

from __future__ import annotations

from catalog.demo.drawing.brush import (
    LIGHT,
    Thing,
    at,
    darker,
    lighter,
    line,
    mix,
    motif,
    n,
    oval,
    poly,
    rect,
    repeat,
    shape,
    taper,
)

PAPER = "#fbf4e4"
OLIVE_WOOD = "#b9793f"


def label(
    x: float, y: float, w: float, h: float, emblem: str, ink: str, accent: str, paper: str = PAPER
) -> str:
    """Return a paper label centred on (x, y): frame, emblem and two lines for the name."""
    size = min(w, h * 0.9) / 160
    frame = line(rect(x - w / 2 + 9, y - h / 2 + 9, w - 18, h - 18, 3), ink, 2.5, 0.55)
    words = line(f"M{n(x - w * 0.24)} {n(y + h * 0.27)}h{n(w * 0.48)}", ink, h * 0.035) + line(
        f"M{n(x - w * 0.14)} {n(y + h * 0.36)}h{n(w * 0.28)}", ink, h * 0.02, 0.6
    )
    return (
        shape(rect(x - w / 2, y - h / 2, w, h, 5), paper)
        + frame
        + at(motif(emblem, ink, accent), x, y - h * 0.11, size)
        + words
    )


def jar(
    body: str = "#e0a02c",
    lid: str = "#f0e2c0",
    emblem: str = "bee",
    ink: str = "#5b3416",
    accent: str = "#d98a1f",
    paper: str = PAPER,
    w: float = 330,
    h: float = 420,
) -> Thing:
    r, neck = 54, w * 0.78
    glass = (
        f"M{n(-neck / 2)} {n(-h)}Q{n(-neck / 2)} {n(-h + 26)} {n(-w / 2 + 18)} {n(-h + 44)}Q{n(-w / 2)} {n(-h + 60)} {n(-w / 2)} {n(-h + 92)}"
        f"V{-r}Q{n(-w / 2)} 0 {n(-w / 2 + r)} 0H{n(w / 2 - r)}Q{n(w / 2)} 0 {n(w / 2)} {-r}V{n(-h + 92)}"
        f"Q{n(w / 2)} {n(-h + 60)} {n(w / 2 - 18)} {n(-h + 44)}Q{n(neck / 2)} {n(-h + 26)} {n(neck / 2)} {n(-h)}z"
    )
    lw, lh = neck + 26, 74
    cap = rect(-lw / 2, -h - lh + 6, lw, lh, 12)
    ridges = line(
        "".join(f"M{x} {n(-h - lh + 24)}v{lh - 30}" for x in range(int(-lw / 2) + 20, int(lw / 2) - 10, 22)),
        darker(lid, 0.3),
        2.5,
        0.5,
    )
    gleam = shape(rect(-w / 2 + 22, -h + 90, 20, h - 150, 10), "#ffffff", opacity=0.45)
    svg = (
        shape(glass, body, "cyl")
        + shape(rect(-w / 2 + 14, -h + 74, w - 28, 10, 5), lighter(body, 0.6), opacity=0.5)
        + label(0, -h * 0.42, w * 0.72, h * 0.5, emblem, ink, accent, paper)
        + gleam
        + shape(cap, lid, "cyl")
        + ridges
        + shape(oval(0, -h - lh + 12, lw / 2 - 4, 13), lighter(lid, 0.45))
    )
    return Thing(svg, w, h + lh, (0, -h * 0.5), 2.1, chips=(body, lid, accent))


def pot(
    body: str = "#f4ece2",
    lid: str = "#c9a06a",
    emblem: str = "flower",
    ink: str = "#5a2530",
    accent: str = "#c98a78",
    w: float = 360,
    h: float = 210,
) -> Thing:
    """A low cosmetics jar."""
    svg = (
        shape(taper(-h, w * 0.98, 0, w, 40), body, "cyl")
        + label(0, -h * 0.47, w * 0.56, h * 0.72, emblem, ink, accent, lighter(body, 0.6))
        + shape(rect(-w / 2 - 6, -h - 92, w + 12, 98, 16), lid, "cyl")
        + shape(oval(0, -h - 84, w / 2 - 2, 18), lighter(lid, 0.4))
        + line(f"M{n(-w / 2 - 4)} {n(-h - 16)}h{n(w + 8)}", darker(lid, 0.35), 3, 0.5)
    )
    return Thing(svg, w, h + 92, (0, -h * 0.6), 2.2, chips=(body, lid, accent))


def bottle(
    body: str = "#5c6b2f",
    cap: str = "#2d2a26",
    emblem: str = "olive",
    ink: str = "#3c4320",
    accent: str = "#8d9440",
    paper: str = PAPER,
    w: float = 216,
    h: float = 620,
    kind: str = "oil",
    glass: float = 1,
) -> Thing:
    """kind: oil (long neck), round (pump or screw cap), square (perfume), dropper."""
    if kind == "oil":
        neck, sh = 74, h * 0.66
        d = (
            f"M{n(-neck / 2)} {n(-h)}V{n(-sh - 40)}C{n(-neck / 2)} {n(-sh + 20)} {n(-w / 2)} {n(-sh + 10)} {n(-w / 2)} {n(-sh + 96)}"
            f"V-26Q{n(-w / 2)} 0 {n(-w / 2 + 26)} 0H{n(w / 2 - 26)}Q{n(w / 2)} 0 {n(w / 2)} -26V{n(-sh + 96)}"
            f"C{n(w / 2)} {n(-sh + 10)} {n(neck / 2)} {n(-sh + 20)} {n(neck / 2)} {n(-sh - 40)}V{n(-h)}z"
        )
        top = shape(rect(-neck / 2 - 6, -h - 54, neck + 12, 96, 8), cap, "cyl") + shape(
            oval(0, -h - 50, neck / 2 + 2, 7), lighter(cap, 0.35)
        )
        lab, ht = label(0, -h * 0.29, w * 0.82, h * 0.36, emblem, ink, accent, paper), h + 54
    elif kind == "square":
        d = rect(-w / 2, -h, w, h, 26)
        top = (
            shape(rect(-34, -h - 26, 68, 34, 4), "#cdb27a", "cyl")
            + shape(rect(-58, -h - 142, 116, 122, 14), cap, "cyl")
            + shape(oval(0, -h - 134, 50, 9), lighter(cap, 0.35))
        )
        lab, ht = label(0, -h * 0.45, w * 0.58, h * 0.52, emblem, ink, accent, paper), h + 142
    else:
        r = 54
        d = (
            f"M-56 {n(-h)}V{n(-h + 22)}Q{n(-w / 2)} {n(-h + 34)} {n(-w / 2)} {n(-h + 34 + r)}V-34Q{n(-w / 2)} 0 {n(-w / 2 + 34)} 0"
            f"H{n(w / 2 - 34)}Q{n(w / 2)} 0 {n(w / 2)} -34V{n(-h + 34 + r)}Q{n(w / 2)} {n(-h + 34)} 56 {n(-h + 22)}V{n(-h)}z"
        )
        top, ht = _closure(kind, cap, h), h + 150
        lab = label(0, -h * 0.42, w * 0.78, h * 0.5, emblem, ink, accent, paper)
    inner = shape(rect(-w / 2 + 12, -h * 0.16, w - 24, h * 0.13, 20), darker(body, 0.3), opacity=0.35)
    gleam = shape(rect(-w / 2 + 20, -h * 0.55, 15, h * 0.48, 8), "#ffffff", opacity=0.42)
    svg = top + shape(d, body, "cyl", glass) + inner + lab + gleam
    return Thing(svg, w, ht, (0, -h * 0.36), 2.0, chips=(body, cap, accent))


def _closure(kind: str, cap: str, h: float) -> str:
    if kind == "pump":
        return (
            shape(rect(-10, -h - 120, 20, 90, 4), lighter(cap, 0.3), "cyl")
            + shape(rect(-62, -h - 44, 124, 50, 8), cap, "cyl")
            + shape(_nozzle(h), cap, "down")
        )
    if kind == "dropper":
        return (
            shape(rect(-60, -h - 60, 120, 66, 8), cap, "cyl")
            + shape(
                f"M-30 {n(-h - 56)}V{n(-h - 120)}Q-30 {n(-h - 150)} 0 {n(-h - 150)}Q30 {n(-h - 150)} 30 {n(-h - 120)}V{n(-h - 56)}z",
                darker(cap, 0.5),
                "cyl",
            )
            + "".join(line(f"M-28 {n(-h - y)}h56", lighter(cap, 0.2), 2.5, 0.4) for y in (74, 88, 102))
        )
    return shape(rect(-70, -h - 100, 140, 106, 14), cap, "cyl") + shape(
        oval(0, -h - 92, 62, 10), lighter(cap, 0.35)
    )


def _nozzle(h: float) -> str:
    y = -h - 150
    return f"M-24 {n(y + 34)}H30Q44 {n(y + 34)} 44 {n(y + 16)}Q44 {n(y)} 28 {n(y)}H-70Q-116 {n(y)} -122 {n(y + 40)}H-98Q-94 {n(y + 24)} -70 {n(y + 26)}z"


def tin(
    body: str = "#7a3b2e",
    lid: str = "#e6cfa0",
    emblem: str = "tea",
    ink: str = "#2d4436",
    accent: str = "#6d8f58",
    paper: str = PAPER,
    w: float = 310,
    h: float = 440,
) -> Thing:
    band = lighter(body, 0.22)
    svg = (
        shape(taper(-h, w, 0, w, 12), body, "cyl")
        + shape(oval(0, -2, w / 2, 16), darker(body, 0.35), opacity=0.5)
        + shape(rect(-w / 2, -40, w, 10), band)
        + label(0, -h * 0.44, w * 0.66, h * 0.56, emblem, ink, accent, paper)
        + shape(rect(-w / 2 - 5, -h - 66, w + 10, 92, 8), lid, "cyl")
        + line(f"M{n(-w / 2 - 4)} {n(-h + 10)}h{n(w + 8)}", darker(lid, 0.4), 3, 0.5)
        + shape(oval(0, -h - 64, w / 2 + 3, 22), lighter(lid, 0.4), "flat")
        + shape(oval(0, -h - 68, w / 2 - 24, 14), lighter(lid, 0.15))
    )
    return Thing(svg, w, h + 70, (0, -h * 0.5), 2.0, chips=(body, lid, accent))


def canister(
    body: str = "#b9a84a",
    emblem: str = "olive",
    ink: str = "#3c4320",
    accent: str = "#7d8437",
    w: float = 330,
    h: float = 520,
    paper: str = PAPER,
) -> Thing:
    """A square oil tin with a spout, seen on its edge."""
    left = poly(-w / 2, -h + 36, w * 0.14, -h + 56, w * 0.14, 0, -w / 2, -24)
    right = poly(w * 0.14, -h + 56, w / 2, -h + 28, w / 2, -30, w * 0.14, 0)
    top = poly(-w / 2, -h + 36, -w * 0.12, -h, w / 2, -h + 28, w * 0.14, -h + 56)
    art = at(label(0, 0, w * 0.5, h * 0.62, emblem, ink, accent, paper), -w * 0.18, -h * 0.45)
    svg = (
        shape(left, body, "flat")
        + f'<g transform="skewY(2)">{art}</g>'
        + shape(right, darker(body, 0.28), "down")
        + shape(top, lighter(body, 0.4))
        + shape(rect(w * 0.06, -h - 24, 54, 52, 8), "#c8482f", "cyl")
        + shape(oval(w * 0.06 + 27, -h - 22, 25, 8), "#e2735b")
        + line(f"M{n(-w * 0.3)} {n(-h + 26)}q10 -46 60 -44", darker(body, 0.35), 10)
        + line(f"M{n(w * 0.14)} {n(-h + 56)}V0", lighter(body, 0.5), 3, 0.8)
    )
    return Thing(svg, w, h, (-w * 0.15, -h * 0.5), 1.9, chips=(body, "#c8482f", accent))


def pouch(
    body: str = "#3d2119",
    emblem: str = "bean",
    ink: str = "#3d2119",
    accent: str = "#c9772b",
    paper: str = PAPER,
    w: float = 370,
    h: float = 540,
    window: str = "",
) -> Thing:
    """A stand-up bag with a folded top; `window` shows the contents' colour."""
    d = (
        f"M{n(-w / 2 + 16)} {n(-h)}H{n(w / 2 - 16)}C{n(w / 2 - 20)} {n(-h * 0.66)} {n(w / 2 + 6)} {n(-h * 0.4)} {n(w / 2 - 2)} -26"
        f"Q{n(w / 2 - 6)} 0 {n(w / 2 - 40)} 0H{n(-w / 2 + 40)}Q{n(-w / 2 + 6)} 0 {n(-w / 2 + 2)} -26"
        f"C{n(-w / 2 - 6)} {n(-h * 0.4)} {n(-w / 2 + 20)} {n(-h * 0.66)} {n(-w / 2 + 16)} {n(-h)}z"
    )
    fold = rect(-w / 2 + 10, -h - 8, w - 20, 62, 6)
    tie = rect(-w / 2 - 2, -h + 44, w + 4, 16, 5)
    creases = line(
        f"M{n(-w / 2 + 34)} {n(-h + 70)}q-14 90 0 190M{n(w / 2 - 34)} {n(-h + 70)}q16 120 -2 230",
        darker(body, 0.4),
        5,
        0.35,
    )
    pane = ""
    if window:
        pane = shape(oval(0, -h * 0.13, w * 0.26, h * 0.07), window, "ball")
    svg = (
        shape(d, body, "cyl")
        + creases
        + label(0, -h * 0.48, w * 0.62, h * 0.46, emblem, ink, accent, paper)
        + pane
        + shape(fold, lighter(body, 0.14), "down")
        + shape(tie, accent)
    )
    return Thing(svg, w, h, (0, -h * 0.52), 1.9, chips=(body, accent, window or paper))


def carton(
    body: str = "#efe3cf",
    emblem: str = "star",
    ink: str = "#27333d",
    accent: str = "#c9772b",
    w: float = 330,
    h: float = 420,
    depth: float = 110,
    paper: str = "",
    band: str = "",
) -> Thing:
    """A box on its corner: front, side and top."""
    x0, x1 = -w / 2, w / 2 - depth * 0.5
    front = poly(x0, -h, x1, -h + 16, x1, 0, x0, -14)
    side = poly(x1, -h + 16, x1 + depth, -h - 16, x1 + depth, -38, x1, 0)
    top = poly(x0, -h, x0 + depth, -h - 34, x1 + depth, -h - 16, x1, -h + 16)
    cx, fw = (x0 + x1) / 2, x1 - x0
    stripe = (
        shape(poly(x0, -h * 0.2, x1, -h * 0.2 + 14, x1, -h * 0.1 + 8, x0, -h * 0.1 - 4), band) if band else ""
    )
    art = label(cx, -h * 0.52, fw * 0.66, h * 0.56, emblem, ink, accent, paper or lighter(body, 0.5))
    svg = (
        shape(front, body, "flat")
        + stripe
        + f'<g transform="translate(0 {n(-cx * 0.05)}) skewY(2.6)">{art}</g>'
        + shape(side, darker(body, 0.3), "down")
        + shape(top, lighter(body, 0.45))
        + line(f"M{n(x1)} {n(-h + 16)}V0", lighter(body, 0.6), 3, 0.6)
    )
    return Thing(svg, w + depth * 0.5, h + 34, (cx, -h * 0.55), 2.0, chips=(body, accent, ink))


def choc(
    wrap: str = "#7d2f3a",
    emblem: str = "cocoa",
    ink: str = "#3d2119",
    accent: str = "#c9772b",
    w: float = 300,
    h: float = 470,
    cocoa: str = "#4b2a1d",
) -> Thing:
    """A chocolate bar half out of its wrapper, leaning back."""
    cells = "".join(
        shape(
            rect(-w / 2 + 20 + c * (w - 40) / 3 + 4, -h - 96 + r * 84, (w - 40) / 3 - 8, 76, 8),
            lighter(cocoa, 0.1),
            "flat",
        )
        for r in range(2)
        for c in range(3)
    )
    foil = (
        f"M{n(-w / 2 + 8)} {n(-h + 66)}"
        + "".join(f"l{n((w - 16) / 10)} {-34 if i % 2 == 0 else 30}" for i in range(10))
        + f"V{n(-h + 130)}H{n(-w / 2 + 8)}z"
    )
    svg = (
        shape(rect(-w / 2 + 16, -h - 104, w - 32, 240, 10), cocoa, "flat")
        + cells
        + shape(foil, "#e9dcc2", "flat")
        + shape(rect(-w / 2, -h + 92, w, h - 92, 8), wrap, "flat")
        + label(0, -h * 0.38, w * 0.72, h * 0.48, emblem, ink, accent)
        + shape(rect(-w / 2, -34, w, 12), accent)
    )
    return Thing(svg, w, h + 104, (0, -h + 30), 1.9, chips=(cocoa, wrap, accent))


def packet(
    body: str = "#c6453a",
    emblem: str = "wheat",
    ink: str = "#5b3416",
    accent: str = "#d98a1f",
    w: float = 470,
    h: float = 250,
    food: str = "#d9a559",
    paper: str = PAPER,
) -> Thing:
    """A long packet lying on its side with three biscuits in front."""
    d = f"M{n(-w / 2)} {n(-h)}q16 {n(h / 2)} 0 {n(h)}H{n(w / 2)}q-16 {n(-h / 2)} 0 {n(-h)}z"
    ends = "".join(
        line(
            f"M{n(s * (w / 2 - 16))} {n(-h + 10)}q{-8 * s} {n(h / 2)} 0 {n(h - 20)}",
            darker(body, 0.35),
            4,
            0.5,
        )
        for s in (1, -1)
    )
    cookie = (
        shape(oval(0, 0, 74, 30), darker(food, 0.25))
        + shape(oval(0, -12, 74, 30), food, "ball")
        + "".join(
            shape(oval(x, y, 5, 3), darker(food, 0.35))
            for x, y in ((-36, -12), (-10, -22), (18, -8), (40, -16), (-8, -2))
        )
    )
    svg = (
        shape(d, body, "down")
        + ends
        + label(0, -h * 0.52, w * 0.52, h * 0.7, emblem, ink, accent, paper)
        + repeat(
            "ck",
            cookie,
            [
                f"translate({n(-w * 0.34)} 44)",
                f"translate({n(-w * 0.1)} 66) scale(.95)",
                f"translate({n(-w * 0.24)} 22) scale(.9)",
            ],
        )
    )
    return Thing(svg, w, h, (-w * 0.12, -h * 0.4), 2.0, chips=(body, food, accent))


# --- vessels ----------------------------------------------------------------------------------------


def cup(
    body: str = "#c9d8cf",
    rim: str = "",
    inside: str = "",
    tea: str = "#b9722c",
    w: float = 330,
    h: float = 250,
    handle: bool = False,
    band: str = "",
    pattern: str = "",
) -> Thing:
    d = (
        f"M{n(-w / 2)} {n(-h)}C{n(-w / 2)} {n(-h * 0.3)} {n(-w * 0.36)} -26 {n(-w * 0.2)} -20V0H{n(w * 0.2)}V-20"
        f"C{n(w * 0.36)} -26 {n(w / 2)} {n(-h * 0.3)} {n(w / 2)} {n(-h)}z"
    )
    grip = (
        line(f"M{n(w / 2 - 12)} {n(-h * 0.84)}q96 -10 88 64q-8 74 -118 76", darker(body, 0.12), 26)
        if handle
        else ""
    )
    stripe = (
        line(f"M{n(-w * 0.485)} {n(-h * 0.76)}Q0 {n(-h * 0.62)} {n(w * 0.485)} {n(-h * 0.76)}", band, 14)
        if band
        else ""
    )
    svg = (
        grip
        + shape(d, body, "cyl")
        + stripe
        + _pattern(pattern, w, h, band or darker(body, 0.5))
        + shape(oval(0, -h, w / 2, w * 0.1), rim or lighter(body, 0.45))
        + shape(oval(0, -h + 3, w / 2 - 13, w * 0.082), inside or darker(body, 0.1), "deep")
        + shape(oval(0, -h + 12, w / 2 - 30, w * 0.06), tea)
        + shape(oval(-w * 0.14, -h + 8, w * 0.1, w * 0.016), lighter(tea, 0.5), opacity=0.7)
    )
    return Thing(svg, w, h, (-w * 0.12, -h * 0.8), 2.1, chips=(body, rim or lighter(body, 0.45), band or tea))


def _pattern(name: str, w: float, h: float, ink: str) -> str:
    if name == "dots":
        return "".join(
            shape(oval(x * w * 0.15 + (r % 2) * w * 0.07, -h * 0.62 + r * h * 0.16, 8), ink)
            for x in range(-2, 3)
            for r in range(2)
        )
    if name == "crackle":
        return line(
            f"M{n(-w * 0.4)} {n(-h * 0.7)}l60 40l40 -20l50 70M{n(w * 0.1)} {n(-h * 0.8)}l20 60l60 20l-30 60M{n(-w * 0.2)} {n(-h * 0.3)}l50 -40",
            ink,
            2.5,
            0.4,
        )
    if name == "drip":
        return shape(
            f"M{n(-w / 2)} {n(-h)}C{n(-w / 2)} {n(-h * 0.8)} {n(-w * 0.48)} {n(-h * 0.62)} {n(-w * 0.43)} {n(-h * 0.55)}Q{n(-w * 0.3)} {n(-h * 0.7)} {n(-w * 0.22)} {n(-h * 0.42)}"
            f"Q{n(-w * 0.1)} {n(-h * 0.7)} 0 {n(-h * 0.6)}Q{n(w * 0.12)} {n(-h * 0.3)} {n(w * 0.2)} {n(-h * 0.6)}Q{n(w * 0.34)} {n(-h * 0.66)} {n(w * 0.43)} {n(-h * 0.5)}"
            f"C{n(w * 0.48)} {n(-h * 0.62)} {n(w / 2)} {n(-h * 0.8)} {n(w / 2)} {n(-h)}z",
            ink,
            "cyl",
        )
    return at(motif(name, ink, ink), 0, -h * 0.42, h / 250) if name else ""


def bowl(
    body: str = "#f2f0ea",
    ink: str = "#2d5d9a",
    pattern: str = "tide",
    w: float = 500,
    h: float = 230,
    food: str = "",
    rim: str = "",
) -> Thing:
    d = (
        f"M{n(-w / 2)} {n(-h)}C{n(-w * 0.47)} {n(-h * 0.35)} {n(-w * 0.3)} -34 {n(-w * 0.19)} -28L{n(-w * 0.17)} 0H{n(w * 0.17)}L{n(w * 0.19)} -28"
        f"C{n(w * 0.3)} -34 {n(w * 0.47)} {n(-h * 0.35)} {n(w / 2)} {n(-h)}z"
    )
    art = (
        "".join(
            at(motif(pattern, ink, ink), x, -h * 0.5 - abs(x) * 0.12, 0.82 - abs(x) / 900)
            for x in (-w * 0.27, 0, w * 0.27)
        )
        if pattern not in ("", "drip", "dots", "crackle")
        else _pattern(pattern, w, h, ink)
    )
    svg = (
        shape(d, body, "cyl")
        + art
        + line(f"M{n(-w * 0.2)} -40Q0 -30 {n(w * 0.2)} -40", ink, 4, 0.7)
        + shape(oval(0, -h, w / 2, w * 0.1), rim or ink)
        + shape(oval(0, -h, w / 2 - 8, w * 0.092), lighter(body, 0.5))
        + shape(oval(0, -h + 4, w / 2 - 20, w * 0.08), darker(body, 0.08), "deep")
        + (shape(oval(0, -h + 12, w / 2 - 44, w * 0.058), food, "flat") if food else "")
    )
    return Thing(svg, w, h, (-w * 0.18, -h * 0.7), 1.9, chips=(body, ink, food or lighter(body)))


def teapot(
    body: str = "#8b4a32",
    lid: str = "",
    w: float = 420,
    h: float = 330,
    pattern: str = "",
    ink: str = "#3d2119",
) -> Thing:
    lid = lid or lighter(body, 0.12)
    d = (
        f"M{n(-w * 0.2)} {n(-h)}C{n(-w * 0.56)} {n(-h * 0.94)} {n(-w * 0.6)} {n(-h * 0.2)} {n(-w * 0.26)} 0H{n(w * 0.26)}"
        f"C{n(w * 0.6)} {n(-h * 0.2)} {n(w * 0.56)} {n(-h * 0.94)} {n(w * 0.2)} {n(-h)}z"
    )
    spout = f"M{n(-w * 0.42)} {n(-h * 0.3)}C{n(-w * 0.66)} {n(-h * 0.36)} {n(-w * 0.6)} {n(-h * 0.78)} {n(-w * 0.76)} {n(-h * 0.88)}L{n(-w * 0.66)} {n(-h * 0.94)}C{n(-w * 0.5)} {n(-h * 0.84)} {n(-w * 0.54)} {n(-h * 0.62)} {n(-w * 0.36)} {n(-h * 0.62)}z"
    svg = (
        line(
            f"M{n(w * 0.4)} {n(-h * 0.82)}C{n(w * 0.74)} {n(-h * 1.02)} {n(w * 0.8)} {n(-h * 0.24)} {n(w * 0.42)} {n(-h * 0.24)}",
            darker(body, 0.18),
            28,
        )
        + shape(spout, body, "down")
        + shape(d, body, "ball")
        + (at(motif(pattern, ink, ink), 0, -h * 0.44, h / 280) if pattern else "")
        + shape(oval(0, -h, w * 0.22, 20), darker(lid, 0.35))
        + shape(
            f"M{n(-w * 0.22)} {n(-h - 2)}Q0 {n(-h - 74)} {n(w * 0.22)} {n(-h - 2)}Q0 {n(-h + 30)} {n(-w * 0.22)} {n(-h - 2)}z",
            lid,
            "ball",
        )
        + shape(oval(0, -h - 56, 24, 20), lid, "ball")
    )
    return Thing(svg, w * 1.4, h + 76, (-w * 0.05, -h * 0.8), 1.8, chips=(body, lid, ink))


def gaiwan(body: str = "#f4f2ec", ink: str = "#2d5d9a", pattern: str = "flower", w: float = 330) -> Thing:
    """A lidded tea bowl on a saucer."""
    base = cup(body, inside=body, w=w, h=230, pattern="", tea=body).svg
    svg = (
        shape(oval(0, -10, w * 0.66, 40), darker(body, 0.22))
        + shape(oval(0, -20, w * 0.66, 40), body, "flat")
        + line(f"M{n(-w * 0.56)} -18Q0 22 {n(w * 0.56)} -18", ink, 3, 0.6)
        + at(base, 0, -18)
        + "".join(at(motif(pattern, ink, ink), x, -136, 0.9 - abs(x) / 500) for x in (-88, 0, 88))
        + shape(
            f"M{n(-w * 0.46)} -252Q{n(-w * 0.3)} -330 0 -336Q{n(w * 0.3)} -330 {n(w * 0.46)} -252Q0 -214 {n(-w * 0.46)} -252z",
            body,
            "ball",
        )
        + line(f"M{n(-w * 0.42)} -256Q0 -222 {n(w * 0.42)} -256", ink, 4, 0.8)
        + shape(oval(0, -338, 46, 12), lighter(body, 0.5))
        + shape(rect(-38, -350, 76, 22, 8), body, "cyl")
    )
    return Thing(svg, w * 1.3, 350, (-20, -180), 2.1, chips=(body, ink, LIGHT))


def flask(
    body: str = "#3f6f73", cap: str = "#e6dcc6", w: float = 200, h: float = 600, strap: str = "#a8653a"
) -> Thing:
    svg = (
        shape(rect(-w / 2, -h * 0.8, w, h * 0.8, 34), body, "cyl")
        + shape(
            f"M{n(-w / 2)} {n(-h * 0.76)}Q{n(-w / 2)} {n(-h * 0.84)} {n(-w * 0.36)} {n(-h * 0.86)}H{n(w * 0.36)}Q{n(w / 2)} {n(-h * 0.84)} {n(w / 2)} {n(-h * 0.76)}z",
            lighter(body, 0.1),
            "cyl",
        )
        + shape(rect(-w * 0.37, -h, w * 0.74, h * 0.16, 16), cap, "cyl")
        + shape(oval(0, -h + 8, w * 0.34, 9), lighter(cap, 0.5))
        + shape(rect(-w / 2, -h * 0.14, w, 8), darker(body, 0.4), opacity=0.5)
        + at(motif("mountain", lighter(body, 0.55), lighter(body, 0.75)), 0, -h * 0.42, 0.9)
        + line(f"M{n(w * 0.36)} {n(-h * 0.93)}q70 6 60 92", strap, 13)
    )
    return Thing(svg, w, h, (0, -h * 0.72), 1.9, chips=(body, cap, strap))


def moka(body: str = "#c9ced1", knob: str = "#2d2a2a", w: float = 300, h: float = 470) -> Thing:
    mid = -h * 0.46
    facets = "".join(
        shape(poly(x0 * 0.8, mid, x1 * 0.8, mid, x1, 0, x0, 0), c)
        + shape(poly(x0 * 1.05, -h + 50, x1 * 1.05, -h + 50, x1 * 0.74, mid - 26, x0 * 0.74, mid - 26), c)
        for x0, x1, c in (
            (-w / 2, -w * 0.28, lighter(body, 0.1)),
            (-w * 0.28, w * 0.02, lighter(body, 0.5)),
            (w * 0.02, w * 0.3, body),
            (w * 0.3, w / 2, darker(body, 0.3)),
        )
    )
    svg = (
        line(f"M{n(w * 0.4)} {n(-h * 0.86)}h80q26 4 20 40l-26 150", knob, 30)
        + facets
        + shape(rect(-w * 0.4, mid - 28, w * 0.8, 34, 6), darker(body, 0.12), "cyl")
        + shape(poly(-w * 0.5, -h + 52, -w * 0.66, -h + 42, -w * 0.4, -h + 130), body, "flat")
        + shape(
            poly(-w * 0.54, -h + 52, -w * 0.1, -h - 2, w * 0.1, -h - 2, w * 0.54, -h + 52),
            lighter(body, 0.25),
            "flat",
        )
        + shape(oval(0, -h - 20, 22, 24), knob, "ball")
        + shape(oval(-w * 0.3, mid + 60, 12), darker(body, 0.3), "ball")
    )
    return Thing(svg, w * 1.3, h + 40, (-10, -h * 0.6), 1.9, chips=(body, knob, lighter(body, 0.5)))


def kettle(
    body: str = "#e9e4d6", dark: str = "#2f3136", w: float = 400, h: float = 470, electric: bool = True
) -> Thing:
    d = f"M{n(-w * 0.28)} {n(-h * 0.86)}C{n(-w * 0.34)} {n(-h * 0.6)} {n(-w / 2)} {n(-h * 0.4)} {n(-w * 0.46)} -40Q{n(-w * 0.45)} -14 {n(-w * 0.4)} -14H{n(w * 0.4)}Q{n(w * 0.45)} -14 {n(w * 0.46)} -40C{n(w / 2)} {n(-h * 0.4)} {n(w * 0.34)} {n(-h * 0.6)} {n(w * 0.28)} {n(-h * 0.86)}z"
    svg = (
        line(f"M{n(w * 0.26)} {n(-h * 0.84)}h90q40 4 38 44v120q-2 40 -26 50", dark, 34)
        + shape(
            f"M{n(-w * 0.42)} {n(-h * 0.36)}C{n(-w * 0.62)} {n(-h * 0.4)} {n(-w * 0.58)} {n(-h * 0.72)} {n(-w * 0.78)} {n(-h * 0.84)}L{n(-w * 0.7)} {n(-h * 0.9)}C{n(-w * 0.5)} {n(-h * 0.8)} {n(-w * 0.54)} {n(-h * 0.56)} {n(-w * 0.36)} {n(-h * 0.54)}z",
            darker(body, 0.08),
            "down",
        )
        + shape(d, body, "cyl")
        + shape(
            f"M{n(-w * 0.28)} {n(-h * 0.86)}Q0 {n(-h * 1.0)} {n(w * 0.28)} {n(-h * 0.86)}z",
            darker(body, 0.12),
            "cyl",
        )
        + shape(rect(-12, -h * 0.98, 24, 34, 8), dark)
        + shape(oval(0, -h * 0.99, 26, 16), dark, "ball")
        + shape(rect(-w * 0.46, -30, w * 0.92, 30, 12), dark, "cyl")
        + (
            shape(oval(w * 0.4 + 14, -h * 0.4, 9), "#e0a02c")
            + shape(rect(-w * 0.5, -8, w, 14, 7), darker(dark, 0.3))
            if electric
            else ""
        )
    )
    return Thing(svg, w * 1.4, h, (-w * 0.1, -h * 0.7), 1.7, chips=(body, dark, "#c9ced1"))


def toaster(
    body: str = "#c2543d", dark: str = "#2f3136", w: float = 520, h: float = 330, bread: str = "#d9a25c"
) -> Thing:
    slices = "".join(
        shape(f"M{x} {n(-h + 30)}V{n(-h - 56)}q-10 -44 40 -48h60q50 4 40 48V{n(-h + 30)}z", bread, "flat")
        + line(f"M{x + 6} {n(-h - 50)}q-4 -44 36 -46h56q40 2 36 46", darker(bread, 0.4), 9)
        for x in (-170, 30)
    )
    svg = (
        slices
        + shape(rect(-w / 2, -h, w, h - 16, 78), body, "down")
        + shape(rect(-w / 2, -h, w, h - 16, 78), body, "side", 0.35)
        + shape(rect(-w * 0.4, -h + 4, w * 0.8, 20, 10), darker(body, 0.6))
        + shape(rect(-w / 2 + 30, -22, w - 60, 22, 6), dark)
        + shape(rect(w / 2 - 78, -h * 0.72, 16, 150, 8), dark)
        + shape(rect(w / 2 - 100, -h * 0.66, 60, 30, 10), lighter(dark, 0.2), "down")
        + shape(oval(-w * 0.3, -h * 0.32, 34), "#d8d2c4", "ball")
        + line(f"M{n(-w * 0.3)} {n(-h * 0.32)}l14 -20", dark, 6)
        + shape(rect(-w * 0.42, -h + 52, 26, 150, 13), "#ffffff", opacity=0.22)
    )
    return Thing(svg, w, h + 100, (-w * 0.14, -h * 0.8), 1.7, chips=(body, dark, "#d8d2c4"))


def knife(
    blade: str = "#cfd6da",
    handle: str = "#6b3f26",
    length: float = 760,
    tall: float = 120,
    ferrule: str = "#2f3136",
) -> Thing:
    """A kitchen knife lying flat, edge down, on the slant."""
    bl = length * 0.6
    d = f"M0 {n(-tall / 2)}H{n(-bl * 0.62)}Q{n(-bl * 0.9)} {n(-tall * 0.46)} {n(-bl)} {n(tall * 0.3)}Q{n(-bl * 0.94)} {n(tall * 0.52)} {n(-bl * 0.8)} {n(tall * 0.54)}L0 {n(tall * 0.5)}z"
    wave = f"M{n(-bl * 0.9)} {n(tall * 0.24)}" + "q26 -14 52 -2t52 0" * int(bl / 116)
    svg = at(
        shape(d, blade, "down")
        + line(wave, "#ffffff", 4, 0.75)
        + line(f"M{n(-bl * 0.82)} {n(tall * 0.46)}L-4 {n(tall * 0.42)}", "#ffffff", 4, 0.9)
        + at(motif("crane", darker(blade, 0.5)), -70, -12, 0.5)
        + shape(rect(-6, -38, 44, 68, 8), ferrule, "down")
        + shape(f"M34 -36H{n(length * 0.36)}q24 2 24 34t-24 34H34z", handle, "down")
        + line(f"M60 -14h{n(length * 0.24)}M50 8h{n(length * 0.26)}", darker(handle, 0.35), 3, 0.5),
        60,
        0,
        1,
        -32,
    )
    return Thing(svg, length * 0.9, length * 0.6, (-40, 20), 1.8, pose="lie", chips=(blade, handle, ferrule))


def board(body: str = OLIVE_WOOD, w: float = 620, h: float = 430, hole: bool = True) -> Thing:
    years = ((60, 40), (110, -26), (170, 30), (230, -44), (290, 26), (350, -20))
    strokes = "".join(
        f"M{n(-w / 2 + 20)} {n(-h / 2 + y)}q{n(w * 0.25)} {a} {n(w * 0.5)} 0t{n(w * 0.42)} {n(-a * 0.3)}"
        for y, a in years
    )
    grain = line(strokes, darker(body, 0.28), 4, 0.5)
    eye = shape(oval(w * 0.12, -10, 46, 20), darker(body, 0.25), opacity=0.5) + shape(
        oval(w * 0.12, -10, 26, 10), darker(body, 0.4), opacity=0.6
    )
    svg = at(
        shape(rect(-w / 2, -h / 2, w, h, 60), body, "flat")
        + grain
        + eye
        + (shape(oval(w / 2 - 62, -h / 2 + 62, 24), darker(body, 0.65)) if hole else "")
        + line(rect(-w / 2 + 5, -h / 2 + 5, w - 10, h - 10, 56), lighter(body, 0.4), 4, 0.5),
        0,
        0,
        1,
        -12,
    )
    return Thing(svg, w, h, (w * 0.1, -10), 1.7, pose="lie", chips=(body, lighter(body), darker(body)))


def spoons(body: str = OLIVE_WOOD) -> Thing:
    one = (
        shape("M-16 -40V300q16 30 32 0V-40z", body, "cyl")
        + shape(oval(0, -130, 66, 100), body, "ball")
        + shape(oval(0, -136, 44, 72), darker(body, 0.2), "deep")
    )
    flat = (
        shape("M-15 -40V300q15 30 30 0V-40z", lighter(body, 0.15), "cyl")
        + shape("M-52 -220q52 -30 104 0L36 -40H-36z", lighter(body, 0.15), "flat")
        + shape(rect(-8, -190, 16, 120, 8), darker(body, 0.5))
    )
    svg = at(one, -90, 0, 1, -10) + at(flat, 80, 0, 1, 9)
    return Thing(svg, 420, 600, (-90, -120), 1.9, pose="lie", chips=(body, lighter(body), darker(body)))


def pralines(box: str = "#7d2f3a", cocoa: str = "#4b2a1d") -> Thing:
    tones = (
        cocoa,
        "#7a4a2c",
        "#e6d2b0",
        lighter(cocoa, 0.12),
        "#935b34",
        cocoa,
        "#e6d2b0",
        "#7a4a2c",
        lighter(cocoa, 0.2),
    )
    cells = ""
    for i, tone in enumerate(tones):
        x, y = -150 + (i % 3) * 150, -150 + (i // 3) * 150
        cells += shape(rect(x - 66, y - 66, 132, 132, 12), darker(box, 0.45))
        body = oval(x, y, 52) if i % 2 else rect(x - 48, y - 48, 96, 96, 22)
        cells += shape(body, tone, "ball") + (
            line(f"M{x - 30} {y - 6}q30 -30 60 0", lighter(tone, 0.5), 6)
            if i % 3
            else at(motif("star", lighter(tone, 0.6)), x, y, 0.4)
        )
    svg = at(
        shape(rect(-250, -250, 500, 500, 22), box, "flat")
        + shape(rect(-230, -230, 460, 460, 14), lighter(box, 0.12))
        + cells,
        0,
        0,
        1,
        -8,
    )
    return Thing(svg, 520, 520, (-70, -60), 1.8, pose="lie", chips=(cocoa, "#935b34", box))


def lemon(fill: str = "#efc531") -> str:
    """A prop: one lemon."""
    return shape("M-62 -40Q-56 -84 0 -86Q56 -84 62 -44L78 -40L62 -32Q50 0 0 0Q-54 0 -62 -40z", fill, "ball")


def toast(bread: str = "#d9a25c") -> str:
    """A prop: a plate with toast."""
    return (
        shape(oval(0, -6, 210, 48), "#e4dccb")
        + shape(oval(0, -16, 210, 48), "#faf6ec", "flat")
        + shape(oval(0, -18, 150, 32), "#efe7d6")
        + shape("M-110 -26q-20 -40 60 -44h90q80 4 60 44q-100 30 -210 0z", bread, "flat")
        + shape("M-90 -40q10 -20 60 -22h60q50 2 64 20q-90 22 -184 2z", mix(bread, "#f4d58a", 0.6))
    )
