"""Things for the bath, for light and for the rooms of a home."""

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
    ring,
    shape,
    taper,
)
from catalog.demo.drawing.things_pantry import PAPER, label

WOOD = "#c08a56"
BRASS = "#c9a14a"


def soap(
    body: str = "#b7bd7a",
    wrap: str = PAPER,
    emblem: str = "olive",
    ink: str = "#3c4320",
    accent: str = "#7d8437",
) -> Thing:
    """A bar of soap with a paper band, and a second bar behind it."""

    def bar(c: str) -> str:
        return (
            shape("M-210 -150L-150 -196H236L210 -150z", lighter(c, 0.4))
            + shape(rect(-210, -152, 420, 152, 20), c, "flat")
            + shape("M210 -140L236 -190V-44L210 -8z", darker(c, 0.28))
        )

    band = shape(rect(-96, -154, 192, 156), wrap, "flat") + shape(
        poly(-96, -152, -46, -196, 140, -196, 96, -152), lighter(wrap, 0.4)
    )
    svg = (
        at(bar(lighter(body, 0.12)), 60, -150, 0.92, -3)
        + bar(body)
        + band
        + at(motif(emblem, ink, accent), 0, -88, 0.95)
        + line("M-50 -24H50", ink, 5)
    )
    return Thing(svg, 470, 350, (0, -110), 1.8, chips=(body, lighter(body, 0.3), accent))


def bars(body: str = "#d9c3e0", accent: str = "#7b64a6", emblem: str = "lavender") -> Thing:
    """A round shampoo bar leaning on its tin."""
    tin = (
        shape(oval(0, -8, 200, 40), "#8b939a")
        + shape(rect(-200, -110, 400, 104), "#b9c0c5", "cyl")
        + shape(oval(0, -110, 200, 46), "#d9dee1", "flat")
        + shape(oval(0, -108, 180, 38), "#aab1b7", "deep")
    )
    puck = (
        shape(oval(12, 6, 150), darker(body, 0.3))
        + shape(oval(0, 0, 150), body, "ball")
        + line(oval(0, 0, 118), lighter(body, 0.5), 5, 0.8)
        + at(motif(emblem, accent, accent), 0, 4, 1.5)
    )
    svg = at(tin, 60, -10) + at(puck, -110, -140)
    return Thing(svg, 520, 300, (-110, -140), 1.8, chips=(body, accent, "#b9c0c5"))


def tube(
    body: str = "#efe1d2",
    cap: str = "#b9564f",
    emblem: str = "flower",
    ink: str = "#5a2530",
    accent: str = "#cf7f6d",
    w: float = 230,
    h: float = 580,
) -> Thing:
    d = f"M{n(-w * 0.56)} {n(-h)}H{n(w * 0.56)}L{n(w * 0.46)} -110Q{n(w * 0.44)} -84 {n(w * 0.36)} -76H{n(-w * 0.36)}Q{n(-w * 0.44)} -84 {n(-w * 0.46)} -110z"
    crimp = shape(rect(-w * 0.57, -h - 6, w * 1.14, 46, 3), darker(body, 0.12), "down") + "".join(
        line(f"M{n(x)} {n(-h)}v34", darker(body, 0.3), 2, 0.5)
        for x in range(int(-w * 0.5), int(w * 0.55), 14)
    )
    svg = (
        shape(d, body, "cyl")
        + crimp
        + label(0, -h * 0.55, w * 0.72, h * 0.46, emblem, ink, accent, lighter(body, 0.6))
        + shape(rect(-w * 0.36, -84, w * 0.72, 84, 10), cap, "cyl")
        + "".join(line(f"M{n(x)} -70v58", darker(cap, 0.35), 3, 0.5) for x in range(-70, 76, 20))
    )
    return Thing(svg, w, h, (0, -h * 0.56), 2.0, chips=(body, cap, accent))


def stick(body: str = "#f3e6cf", cap: str = "#d8a24a", emblem: str = "bee", ink: str = "#5b3416") -> Thing:
    """Two lip balms, one open."""
    closed = (
        shape(rect(-50, -350, 100, 350, 14), body, "cyl")
        + shape(rect(-54, -350, 108, 130, 12), cap, "cyl")
        + at(motif(emblem, ink, cap), 0, -120, 0.8)
        + line("M-26 -50h52", ink, 4)
    )
    opened = (
        shape("M-34 -260V-330Q-20 -372 34 -352V-260z", lighter(cap, 0.5), "cyl")
        + shape(rect(-40, -276, 80, 40), "#e8e2d4", "cyl")
        + shape(rect(-50, -244, 100, 244, 14), body, "cyl")
        + at(motif(emblem, ink, cap), 0, -120, 0.8)
        + line("M-26 -50h52", ink, 4)
    )
    svg = at(closed, -80, 0) + at(opened, 80, 14)
    return Thing(svg, 300, 365, (80, -220), 2.0, chips=(body, cap, lighter(cap, 0.5)))


def towels(tones: tuple[str, ...] = ("#d9c7b0", "#f4eee2", "#a9bb96"), w: float = 560) -> Thing:
    """A stack of folded cloth."""
    svg = ""
    for i, tone in enumerate(reversed(tones)):
        y = -118 * i
        svg += shape(
            f"M{n(-w / 2)} {y}Q{n(-w / 2 - 40)} {y - 56} {n(-w / 2)} {y - 112}H{n(w / 2 - 10)}Q{n(w / 2 + 16)} {y - 56} {n(w / 2 - 10)} {y}z",
            tone,
            "down",
        )
        svg += line(f"M{n(-w / 2 + 30)} {y - 56}H{n(w / 2 - 26)}", darker(tone, 0.2), 4, 0.55) + line(
            f"M{n(-w / 2 + 20)} {y - 28}H{n(w / 2 - 20)}M{n(-w / 2 + 20)} {y - 86}H{n(w / 2 - 20)}",
            lighter(tone, 0.5),
            4,
            0.6,
            "2 12",
        )
    return Thing(svg, w + 40, 118 * len(tones), (-w * 0.2, -118 * len(tones) * 0.7), 1.8, chips=tones[:3])


def cloth(body: str = "#31557a", accent: str = "#f0e6d2", pattern: str = "tide", w: float = 620) -> Thing:
    """A square cloth spread out, one corner folded over."""
    h = w
    spots = [
        (x, y)
        for i, y in enumerate((-220, -110, 0, 110, 220))
        for x in ((-220, -110, 0, 110, 220) if i % 2 else (-165, -55, 55, 165))
        if x + y > -300
    ]
    grid = repeat("m", motif(pattern, accent, accent), [f"translate({x} {y}) scale(.8)" for x, y in spots])
    svg = at(
        shape(f"M{-w / 2 + 190} {-h / 2}H{w / 2}V{h / 2}H{-w / 2}V{-h / 2 + 190}z", body, "flat")
        + grid
        + line(
            f"M{-w / 2 + 214} {-h / 2 + 22}H{w / 2 - 22}V{h / 2 - 22}H{-w / 2 + 22}V{-h / 2 + 214}",
            accent,
            5,
            0.8,
        )
        + shape(
            poly(-w / 2 + 190, -h / 2, -w / 2, -h / 2 + 190, -w / 2 + 205, -h / 2 + 205),
            lighter(body, 0.35),
            "flat",
        ),
        0,
        0,
        1,
        -9,
    )
    return Thing(svg, w * 1.1, h * 1.1, (60, 60), 1.8, pose="lie", chips=(body, accent, lighter(body, 0.35)))


def blanket(body: str = "#b9564f", stripe: str = "#f0dfc4", fringe: str = "", check: bool = True) -> Thing:
    """A folded blanket with fringes."""
    tassel = "".join(line(f"M{x} -6v60", fringe or stripe, 8) for x in range(-270, 280, 30))
    lines = (
        "".join(line(f"M{x} -226V-8", stripe, 20, 0.55) for x in (-190, -60, 70, 200))
        + "".join(line(f"M-286 {y}H286", stripe, 20, 0.4) for y in (-60, -170))
        if check
        else line("M-286 -50H286M-286 -96H286", stripe, 24, 0.85)
    )
    svg = (
        shape("M-280 -300Q-330 -260 -290 -210H284Q320 -256 276 -300z", lighter(body, 0.15), "down")
        + shape("M-300 -232Q-346 -190 -296 -150H292Q330 -190 286 -232z", darker(body, 0.15), "down")
        + tassel
        + shape(rect(-290, -230, 580, 226, 18), body, "down")
        + lines
    )
    return Thing(at(svg, 0, -60), 640, 370, (-120, -190), 1.7, chips=(body, stripe, darker(body)))


def bedding(body: str = "#e9e2d4", accent: str = "#8fb9b8", emblem: str = "") -> Thing:
    """A made bed's head: two pillows and a cover turned back."""
    pillow = shape(
        "M-170 0Q-196 -84 -160 -176Q0 -206 160 -176Q196 -84 170 0Q0 26 -170 0z", lighter(body, 0.4), "ball"
    )
    art = (
        "".join(
            at(motif(emblem, accent, accent), x, y, 0.9)
            for x, y in ((-230, -90), (-80, -60), (80, -90), (230, -60))
        )
        if emblem
        else "".join(line(f"M{x} -150V0", accent, 8, 0.6) for x in range(-330, 340, 55))
    )
    svg = (
        shape(rect(-400, -470, 800, 350, 30), WOOD, "flat")
        + line("M-360 -430H360", darker(WOOD, 0.3), 5, 0.5)
        + at(pillow, -180, -190)
        + at(pillow, 180, -190)
        + shape("M-410 -214Q0 -254 410 -214L420 0H-420z", body, "down")
        + art
        + shape("M-412 -222Q0 -262 412 -222L414 -150Q0 -192 -414 -150z", accent, "down")
    )
    return Thing(svg, 840, 470, (-160, -190), 1.7, chips=(body, accent, lighter(body, 0.4)))


# --- light ------------------------------------------------------------------------------------------


def lamp(shade: str = "#e8c27a", base: str = "#2f5d57", kind: str = "table", metal: str = BRASS) -> Thing:
    """kind: table, floor (tripod), pendant, clip, lantern."""
    if kind == "floor":
        legs = "".join(line(f"M0 -470L{x} 0", WOOD if x else darker(WOOD, 0.3), 18) for x in (0, -150, 150))
        svg = (
            legs
            + shape(rect(-34, -500, 68, 44, 8), metal, "cyl")
            + shape(taper(-780, 300, -500, 420, 10), shade, "cyl")
            + shape(oval(0, -780, 150, 18), lighter(shade, 0.5))
            + shape(rect(-208, -516, 416, 14), darker(shade, 0.25))
        )
        return Thing(svg, 440, 790, (0, -600), 1.7, chips=(shade, WOOD, metal), lit=True)
    if kind == "pendant":
        svg = (
            line("M0 0V330", "#2d2a26", 8)
            + shape(rect(-26, 318, 52, 60, 12), metal, "cyl")
            + shape(
                "M-44 372H44Q60 420 150 450Q262 500 270 640H-270Q-262 500 -150 450Q-60 420 -44 372z",
                shade,
                "cyl",
            )
            + shape(oval(0, 640, 270, 34), lighter(shade, 0.2))
            + shape(oval(0, 640, 250, 26), "#fff0c4")
            + shape(oval(0, 652, 52, 30), "#fffaf0")
        )
        return Thing(svg, 560, 690, (0, 520), 1.6, pose="hang", chips=(shade, metal, "#fff0c4"), lit=True)
    if kind == "clip":
        svg = (
            shape(rect(-120, -40, 240, 40, 14), base, "down")
            + line("M0 -40V-150Q0 -330 -110 -400", metal, 20)
            + shape(oval(0, -150, 20), darker(metal, 0.3), "ball")
            + at(
                shape("M-150 0Q-150 -90 0 -94Q150 -90 150 0z", shade, "cyl")
                + shape(oval(0, 0, 150, 20), "#fff0c4"),
                -130,
                -360,
                1,
                -18,
            )
            + shape(oval(70, -20, 9), "#9fd8a4")
        )
        return Thing(svg, 380, 470, (-110, -390), 1.7, chips=(shade, base, metal), lit=True)
    if kind == "lantern":
        ribs = "".join(
            line(f"M{n(-x)} {y}Q0 {y + 26} {n(x)} {y}", darker(shade, 0.22), 4, 0.55)
            for y, x in (
                (-400, 150),
                (-350, 186),
                (-300, 206),
                (-250, 214),
                (-200, 206),
                (-150, 186),
                (-100, 150),
            )
        )
        svg = (
            shape("M-120 -450Q-320 -250 -120 -50H120Q320 -250 120 -450z", shade, "ball")
            + ribs
            + at(motif("crane", base, metal), 0, -250, 1.5)
            + shape(rect(-126, -474, 252, 34, 8), base, "cyl")
            + shape(rect(-126, -56, 252, 34, 8), base, "cyl")
            + line("M-90 -474Q0 -600 90 -474", metal, 10)
            + shape(rect(-90, -24, 180, 24, 6), base, "cyl")
        )
        return Thing(svg, 450, 560, (0, -260), 1.8, chips=(shade, base, metal), lit=True)
    svg = (
        shape(
            "M-90 0Q-140 -10 -128 -70Q-110 -150 -44 -190Q-20 -210 -20 -260H20Q20 -210 44 -190Q110 -150 128 -70Q140 -10 90 0z",
            base,
            "ball",
        )
        + shape(rect(-24, -300, 48, 50, 6), metal, "cyl")
        + shape(taper(-590, 230, -290, 420, 12), shade, "cyl")
        + shape(oval(0, -590, 115, 15), lighter(shade, 0.5))
        + shape(rect(-210, -304, 420, 12), darker(shade, 0.25))
        + line("M110 -20q120 10 150 -8", "#2d2a26", 7)
    )
    return Thing(svg, 430, 600, (0, -330), 1.7, chips=(shade, base, metal), lit=True)


def bulb(glass: str = "#ffe9b0", cap: str = "#b9bfc4", kind: str = "pear", box: str = "#2f5d57") -> Thing:
    """A lamp bulb beside its carton. kind: pear, globe, candle."""
    body = {
        "pear": "M-50 -120Q-60 -190 -118 -250Q-170 -330 -118 -410Q-60 -470 0 -470Q60 -470 118 -410Q170 -330 118 -250Q60 -190 50 -120z",
        "globe": "M-50 -110Q-56 -150 -110 -170Q-190 -220 -190 -320Q-180 -480 0 -490Q180 -480 190 -320Q190 -220 110 -170Q56 -150 50 -110z",
        "candle": "M-44 -110Q-110 -200 -84 -320Q-60 -410 0 -480Q60 -410 84 -320Q110 -200 44 -110z",
    }[kind]
    wires = "".join(
        line(f"M{x} -130L{x * 2.6:.0f} -330", "#e9a02c", 8, 0.9) for x in (-24, -8, 8, 24)
    ) + line("M-62 -330H62", "#b98a3a", 5)
    screw = (
        shape(rect(-46, -124, 92, 96, 8), cap, "cyl")
        + "".join(line(f"M-46 {y}q46 16 92 0", darker(cap, 0.35), 5, 0.7) for y in (-104, -78, -52))
        + shape("M-30 -30H30L16 0H-16z", "#3a3d42", "cyl")
    )
    svg = (
        shape(rect(60, -330, 210, 330, 6), box, "flat")
        + shape(poly(270, -330, 320, -350, 320, -30, 270, 0), darker(box, 0.35))
        + shape(poly(60, -330, 110, -350, 320, -350, 270, -330), lighter(box, 0.35))
        + at(motif("sun", LIGHT, "#f4c65a"), 165, -190, 1.3)
        + line("M110 -80H220", LIGHT, 7)
        + at(wires + shape(body, glass, "ball", 0.72) + shape(body, glass, "", 0.28) + screw, -110, 0)
    )
    return Thing(svg, 560, 500, (-110, -300), 1.7, chips=(glass, cap, box), lit=True)


def candle(
    wax: str = "#f1e4cc",
    vessel: str = "#8c5a3c",
    emblem: str = "fig",
    ink: str = "#3d2119",
    accent: str = "#7d4630",
) -> Thing:
    """A scented candle in a tumbler."""
    flame = (
        f'<path d="{oval(0, -500, 150)}" fill="url(#glow)"/>'
        + shape("M0 -560Q44 -490 22 -462Q0 -446 -22 -462Q-44 -490 0 -560z", "#f7b733")
        + shape("M0 -524Q20 -484 8 -466Q0 -460 -8 -466Q-20 -484 0 -524z", "#fff4d0")
    )
    svg = (
        shape(rect(-160, -390, 320, 390, 30), vessel, "cyl")
        + shape(oval(0, -390, 160, 34), lighter(vessel, 0.35))
        + shape(oval(0, -386, 146, 28), wax, "flat")
        + line("M0 -388V-450", "#3a3026", 7)
        + flame
        + label(0, -200, 200, 220, emblem, ink, accent)
    )
    return Thing(svg, 330, 560, (0, -300), 1.9, chips=(wax, vessel, accent), lit=True)


def pillars(wax: str = "#e3a93c", count: int = 3) -> Thing:
    """Rolled beeswax candles of three heights."""
    svg = ""
    for x, h, w in ((-150, 420, 120), (0, 540, 130), (150, 330, 120))[:count]:
        body = rect(x - w / 2, -h, w, h, 6)
        comb = "".join(
            f"M{n(x + dx - 13)} {-37 - r * 24}l13 -8l13 8v15l-13 8l-13 -8z"
            for r in range(0, int(h / 24) - 1, 2)
            for dx in (-28, 14)
        )
        cells = line(comb, darker(wax, 0.22), 2, 0.5)
        svg += (
            shape(body, wax, "cyl")
            + cells
            + shape(oval(x, -h, w / 2, 12), lighter(wax, 0.35))
            + line(f"M{x} {-h}v-40", "#3a3026", 6)
            + f'<path d="{oval(x, -h - 70, 100)}" fill="url(#glow)"/>'
            + shape(f"M{x} {-h - 118}q30 46 14 70q-14 14 -28 0q-16 -24 14 -70z", "#f7b733")
        )
    return Thing(svg, 440, 660, (0, -420), 1.8, chips=(wax, lighter(wax, 0.35), darker(wax)), lit=True)


# --- small electronics --------------------------------------------------------------------------------


def speaker(body: str = "#cf7f5c", grille: str = "#4b3a34", wood: str = WOOD) -> Thing:
    holes = "".join(
        f"M{x + (i % 2) * 14} {y}h.1"
        for i, y in enumerate(range(-320, -60, 26))
        for x in range(-160, 170, 28)
    )
    dots = line(holes, darker(grille, 0.5), 10)
    svg = (
        shape(rect(-230, -390, 460, 390, 70), body, "flat")
        + shape(rect(-190, -350, 380, 310, 46), grille, "flat")
        + dots
        + line("M-70 -390Q0 -470 70 -390", wood, 18)
        + shape(oval(0, -200, 34), lighter(grille, 0.12), "ball")
        + at(motif("wave", lighter(body, 0.6), lighter(body, 0.6)), 0, -196, 0.42)
        + shape(rect(-180, -8, 90, 12, 6), "#2d2a26")
        + shape(rect(90, -8, 90, 12, 6), "#2d2a26")
    )
    return Thing(svg, 480, 440, (-60, -260), 1.8, chips=(body, grille, wood))


def charger(body: str = "#f2efe8", accent: str = "#2f5d57") -> Thing:
    svg = (
        line("M-80 -60H-230", "#9aa0a5", 26)
        + line("M-80 -150H-230", "#9aa0a5", 26)
        + shape(oval(-232, -60, 14), "#7d8388")
        + shape(oval(-232, -150, 14), "#7d8388")
        + shape(rect(-90, -240, 330, 270, 50), body, "flat")
        + shape(rect(200, -200, 42, 190, 20), darker(body, 0.2), "down")
        + shape(rect(206, -150, 14, 44, 7), "#3a3d42")
        + shape(rect(206, -90, 14, 44, 7), "#3a3d42")
        + at(motif("bolt", accent, accent), 60, -104, 1.2)
        + line("M10 -20H110", accent, 5, 0.7)
    )
    return Thing(at(svg, 20, -30, 1.2), 560, 330, (120, -150), 1.7, chips=(body, accent, "#9aa0a5"))


def cable(body: str = "#3b6d6d", tip: str = "#c9ced1") -> Thing:
    coil = "".join(
        line(oval(0, 0, 170 + i * 17, 150 + i * 15), mix(body, LIGHT, 0.1 * (i % 2)), 15) for i in range(4)
    )
    plug = shape(rect(-34, -110, 68, 120, 18), darker(body, 0.2), "cyl") + shape(
        rect(-22, -152, 44, 48, 12), tip, "cyl"
    )
    svg = (
        coil
        + line("M-60 -195Q-220 -300 -250 -160M120 180Q250 260 290 120", body, 15)
        + at(plug, -250, -120, 1, 188)
        + at(plug, 292, 96, 1, 4)
        + shape(rect(150, -30, 90, 60, 14), "#a8653a", "flat")
        + shape(oval(195, 0, 9), BRASS)
    )
    return Thing(svg, 640, 520, (270, 40), 1.8, pose="lie", chips=(body, tip, "#a8653a"))


def camera(body: str = "#2f3136", skin: str = "#6b4a34", metal: str = "#c9ced1") -> Thing:
    svg = (
        shape(rect(-270, -300, 540, 300, 30), skin, "down")
        + shape(
            "M-270 -250V-300Q-270 -326 -244 -326H-120L-90 -376H90L120 -326H244Q270 -326 270 -300V-250z",
            metal,
            "down",
        )
        + shape(rect(-270, -46, 540, 46, 20), metal, "down")
        + shape(rect(-54, -356, 108, 62, 8), body)
        + shape(rect(-40, -344, 80, 38, 4), "#5d7f93", "flat")
        + shape(oval(-190, -340, 34, 16), lighter(metal, 0.3), "flat")
        + shape(oval(190, -340, 24, 12), "#b1492b")
        + shape(oval(0, -160, 132), body, "ball")
        + shape(oval(0, -160, 106), lighter(body, 0.2))
        + shape(oval(0, -160, 84), "#1d2230", "ball")
        + shape(oval(0, -160, 44), "#34506b", "ball")
        + shape(oval(-24, -190, 14), "#ffffff", opacity=0.8)
        + line(oval(0, -160, 118), "#8b939a", 4, 0.7, "3 9")
        + line("M-270 -280Q-400 -220 -330 -20", "#7d4630", 16)
    )
    return Thing(svg, 600, 380, (0, -170), 1.7, chips=(metal, skin, body))


# --- furniture and decoration ---------------------------------------------------------------------------


def chair(wood: str = WOOD, seat: str = "#7d9a8c", kind: str = "chair") -> Thing:
    """kind: chair (upholstered seat, back), stool, bench."""
    if kind == "stool":
        svg = "".join(
            shape(poly(x0 - 16, -400, x0 + 16, -400, x1 + 12, 0, x1 - 12, 0), c, "cyl")
            for x0, x1, c in (
                (60, 80, darker(wood, 0.35)),
                (-60, -80, darker(wood, 0.35)),
                (-130, -190, wood),
                (130, 190, wood),
            )
        )
        svg += (
            line("M-160 -170H160", wood, 20)
            + line("M-80 -120H80", darker(wood, 0.3), 14)
            + shape(oval(0, -396, 210, 54), darker(wood, 0.3))
            + shape(oval(0, -416, 210, 54), wood, "flat")
            + line(oval(0, -416, 160, 38), darker(wood, 0.2), 4, 0.4)
            + line(oval(0, -416, 100, 22), darker(wood, 0.2), 4, 0.4)
        )
        return Thing(svg, 430, 470, (0, -380), 1.7, chips=(wood, lighter(wood), darker(wood)))
    back = shape(poly(110, -760, 146, -756, 176, -400, 146, -400), wood, "cyl") + shape(
        poly(-170, -760, -134, -760, -150, -400, -186, -400), wood, "cyl"
    )
    legs = (
        shape(poly(146, -400, 176, -400, 210, -40, 188, -40), darker(wood, 0.25))
        + shape(poly(-150, -380, -120, -380, -130, -40, -152, -40), darker(wood, 0.35))
        + shape(poly(-220, -380, -184, -380, -214, 0, -240, 0), wood, "cyl")
        + shape(poly(110, -370, 146, -370, 150, 0, 124, 0), wood, "cyl")
    )
    cushion = shape(
        "M-236 -410Q-220 -452 -160 -452H150Q200 -450 176 -400L150 -366H-226z", seat, "down"
    ) + shape("M-236 -412L-226 -362H150L178 -402L176 -384L152 -340H-228z", darker(seat, 0.25))
    rest = shape("M-182 -772Q-20 -810 154 -766L160 -600Q0 -640 -176 -602z", seat, "flat") + line(
        "M-150 -690Q0 -722 140 -688", darker(seat, 0.2), 4, 0.5
    )
    return Thing(back + legs + rest + cushion, 460, 790, (-20, -620), 1.7, chips=(wood, seat, darker(wood)))


def cabinet(wood: str = WOOD, kind: str = "bedside", knob: str = BRASS) -> Thing:
    """kind: bedside (drawer and shelf), shelf (open, four boards), desk."""
    if kind == "shelf":
        svg = (
            shape(rect(-250, -780, 500, 780, 6), darker(wood, 0.42), "side")
            + shape(rect(-260, -790, 40, 790, 4), wood, "cyl")
            + shape(rect(220, -790, 40, 790, 4), darker(wood, 0.12), "cyl")
            + "".join(
                shape(rect(-240, y, 480, 30, 2), lighter(wood, 0.12), "down")
                for y in (-790, -600, -410, -220, -40)
            )
        )
        tones = ("#b1492b", "#2f5d57", "#e3b873", "#3b6d8d", "#c98a78")
        for r, y in enumerate((-600, -410, -220)):
            svg += "".join(
                shape(
                    rect(
                        -200 + i * 46 + r * 40, y - 120 - 14 * ((i + r) % 3), 40, 120 + 14 * ((i + r) % 3), 3
                    ),
                    tones[(i + r) % 5],
                    "cyl",
                )
                for i in range(4)
            )
        svg += at(
            shape(oval(0, -60, 54), "#efe3cf", "ball") + shape(rect(-20, -130, 40, 30), "#efe3cf", "cyl"),
            130,
            -220,
        ) + at(shape("M-80 0L-70 -90H70L80 0z", "#d3bd9b", "down"), 20, -42)
        return Thing(svg, 530, 790, (-80, -480), 1.6, chips=(wood, lighter(wood), darker(wood)))
    if kind == "desk":
        svg = (
            shape(poly(-370, -440, -340, -440, -390, 0, -412, 0), wood, "cyl")
            + shape(poly(340, -440, 370, -440, 412, 0, 390, 0), wood, "cyl")
            + shape(poly(-300, -440, -276, -440, -300, -50, -318, -50), darker(wood, 0.35))
            + shape(poly(276, -440, 300, -440, 318, -50, 300, -50), darker(wood, 0.35))
            + shape(rect(-370, -450, 740, 92, 6), darker(wood, 0.12), "down")
            + line("M0 -444V-364", darker(wood, 0.4), 5)
            + "".join(shape(oval(x, -404, 13), knob, "ball") for x in (-180, 180))
            + shape(poly(-430, -458, -370, -520, 370, -520, 430, -458), lighter(wood, 0.25), "flat")
            + shape(rect(-430, -460, 860, 24, 4), wood, "down")
        )
        return Thing(svg, 860, 520, (-140, -430), 1.6, chips=(wood, knob, darker(wood)))
    svg = (
        shape(poly(-150, -120, -120, -120, -150, 0, -168, 0), wood, "cyl")
        + shape(poly(120, -120, 150, -120, 168, 0, 150, 0), wood, "cyl")
        + shape(rect(-200, -440, 400, 330, 10), wood, "side")
        + shape(rect(-176, -260, 352, 130, 6), darker(wood, 0.5), "deep")
        + shape(rect(-180, -416, 360, 136, 6), lighter(wood, 0.1), "flat")
        + shape(oval(0, -348, 18), knob, "ball")
        + shape(rect(-220, -470, 440, 34, 8), lighter(wood, 0.2), "down")
        + at(
            shape(rect(-90, -32, 180, 32, 4), "#2f5d57", "down")
            + shape(rect(-80, -60, 160, 28, 4), "#e3b873", "down"),
            -20,
            -132,
        )
    )
    return Thing(svg, 450, 470, (0, -350), 1.7, chips=(wood, knob, darker(wood)))


def ornaments(tones: tuple[str, ...] = ("#b1492b", "#e3b873", "#2f5d57"), wood: str = WOOD) -> Thing:
    """Christmas ornaments on a twig: star, bird and bauble."""
    star = [
        c
        for i, (x, y) in enumerate(ring(10, 110, start=-1.5708))
        for c in ((x, y) if i % 2 == 0 else (x * 0.5, y * 0.5))
    ]
    svg = (
        line("M-340 -250Q-60 -320 340 -230M-160 -280L-210 -350M80 -280L150 -350", "#5b4632", 16)
        + "".join(
            line(f"M{x} {y}V{z}", LIGHT, 4)
            for x, y, z in ((-210, -276, -70), (20, -290, 60), (240, -256, -60))
        )
        + at(shape(poly(*star), wood, "flat") + shape(oval(0, 0, 16), tones[0]), -210, 40)
        + at(
            shape(oval(0, 0, 120), tones[0], "ball")
            + line("M-112 -40Q0 10 112 -40M-112 30Q0 80 112 30", tones[1], 10)
            + shape(rect(-20, -140, 40, 30, 6), BRASS, "cyl"),
            20,
            190,
        )
        + at(motif("bird", tones[2], tones[1]), 240, 10, 2.1)
    )
    return Thing(svg, 700, 720, (20, 170), 1.7, pose="lie", chips=tones)


def vase(
    body: str = "#7d9a8c",
    glaze: str = "#e9dcc2",
    w: float = 320,
    h: float = 420,
    flowers: bool = False,
    ink: str = "#b1492b",
) -> Thing:
    """A vase, or a planter with a plant."""
    d = f"M{n(-w * 0.2)} {n(-h)}Q{n(-w * 0.2)} {n(-h * 0.8)} {n(-w * 0.4)} {n(-h * 0.66)}Q{n(-w * 0.62)} {n(-h * 0.3)} {n(-w * 0.3)} 0H{n(w * 0.3)}Q{n(w * 0.62)} {n(-h * 0.3)} {n(w * 0.4)} {n(-h * 0.66)}Q{n(w * 0.2)} {n(-h * 0.8)} {n(w * 0.2)} {n(-h)}z"
    stems = (
        "".join(
            line(
                f"M{x * 0.2:.0f} {-h + 20}Q{x * 0.4:.0f} {-h - 100} {x} {-h - 190 + abs(x) * 0.5:.0f}",
                "#5f7f52",
                7,
            )
            + at(motif("flower", c, "#f3d37a"), x, -h - 200 + abs(x) * 0.5, 1.1)
            for x, c in ((-120, ink), (0, lighter(ink, 0.4)), (120, ink))
        )
        if flowers
        else ""
    )
    drip = f"M{n(-w * 0.2)} {n(-h)}Q{n(-w * 0.2)} {n(-h * 0.8)} {n(-w * 0.4)} {n(-h * 0.66)}Q{n(-w * 0.3)} {n(-h * 0.5)} {n(-w * 0.2)} {n(-h * 0.62)}Q{n(-w * 0.08)} {n(-h * 0.4)} {n(w * 0.06)} {n(-h * 0.6)}Q{n(w * 0.22)} {n(-h * 0.46)} {n(w * 0.4)} {n(-h * 0.66)}Q{n(w * 0.2)} {n(-h * 0.8)} {n(w * 0.2)} {n(-h)}z"
    svg = (
        stems
        + shape(d, body, "cyl")
        + shape(drip, glaze, "cyl")
        + shape(oval(0, -h, w * 0.2, 14), darker(body, 0.4))
    )
    return Thing(
        svg,
        w + (80 if flowers else 0),
        h + (240 if flowers else 0),
        (0, -h * 0.6),
        1.9,
        chips=(body, glaze, darker(body)),
    )
