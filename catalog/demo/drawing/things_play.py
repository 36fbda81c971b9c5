"""Things to play with, to read and write with, to ride and to garden with."""

from __future__ import annotations

from catalog.demo.drawing.brush import (
    LIGHT,
    Thing,
    at,
    darker,
    lighter,
    line,
    motif,
    n,
    oval,
    poly,
    rect,
    ring,
    shape,
)

WOOD = "#d3a06a"
BRIGHT = ("#c8482f", "#e0a02c", "#3b76a8", "#4f8a5b", "#7b64a6")


def train(tones: tuple[str, ...] = BRIGHT, wood: str = WOOD) -> Thing:
    def wheels(*xs: float) -> str:
        return "".join(
            shape(oval(x, -40, 42), darker(wood, 0.35), "ball") + shape(oval(x, -40, 16), lighter(wood, 0.4))
            for x in xs
        )

    engine = (
        shape(rect(-130, -200, 190, 140, 20), tones[0], "down")
        + shape(rect(40, -290, 120, 230, 12), tones[2], "flat")
        + shape(rect(62, -262, 76, 80, 8), LIGHT)
        + shape(rect(20, -318, 160, 36, 10), tones[0], "down")
        + shape(rect(-100, -270, 50, 80, 8), tones[1], "cyl")
        + shape(oval(-75, -276, 36, 14), darker(tones[1], 0.2))
        + shape(rect(-140, -80, 310, 30, 8), wood, "down")
        + wheels(-90, 10, 110)
    )
    car = (
        shape(rect(-110, -150, 220, 80, 10), tones[3], "down")
        + shape(oval(-50, -158, 46), tones[1], "ball")
        + shape(oval(44, -160, 46), tones[4], "ball")
        + shape(rect(-110, -120, 220, 46, 8), tones[3], "flat")
        + shape(rect(-124, -80, 248, 30, 8), wood, "down")
        + wheels(-70, 70)
    )
    svg = (
        line("M140 -64H240", darker(wood, 0.5), 10)
        + at(engine, -120)
        + at(car, 250)
        + "".join(
            shape(oval(x, y, r), LIGHT, "ball", 0.9)
            for x, y, r in ((-190, -330, 26), (-150, -386, 36), (-86, -440, 46))
        )
    )
    return Thing(svg, 680, 420, (-150, -190), 1.6, chips=(tones[0], tones[1], tones[2]))


def rings(tones: tuple[str, ...] = BRIGHT, wood: str = WOOD) -> Thing:
    svg = shape(rect(-210, -46, 420, 46, 22), wood, "down") + shape(rect(-22, -460, 44, 420, 20), wood, "cyl")
    for i, tone in enumerate(tones):
        w = 190 - i * 24
        svg += shape(rect(-w, -118 - i * 72, 2 * w, 76, 38), tone, "cyl") + line(
            f"M{-w + 40} {-98 - i * 72}h{w * 0.5:.0f}", LIGHT, 8, 0.35
        )
    return Thing(svg + shape(oval(0, -480, 42), wood, "ball"), 430, 520, (0, -290), 1.7, chips=tones[:3])


def blocks(tones: tuple[str, ...] = BRIGHT, wood: str = WOOD) -> Thing:
    def cube(c: str, art: str) -> str:
        return (
            shape(rect(-80, -160, 160, 160, 8), c, "flat")
            + shape(poly(80, -152, 120, -180, 120, -30, 80, -6), darker(c, 0.3))
            + shape(poly(-74, -160, -34, -186, 120, -186, 80, -160), lighter(c, 0.4))
            + shape(oval(0, -80, 52), lighter(c, 0.65))
            + at(motif(art, darker(c, 0.2), darker(c, 0.2)), 0, -80, 0.72)
        )

    svg = (
        at(cube(tones[2], "fish"), -190, 0)
        + at(cube(wood, "sun"), 10, 0)
        + at(cube(tones[0], "bird"), -90, -166)
        + at(
            shape(poly(-90, 0, 0, -150, 90, 0), tones[3], "flat")
            + shape(poly(90, 0, 0, -150, 34, -164, 126, -20), darker(tones[3], 0.3)),
            220,
            0,
        )
        + at(
            shape("M-80 0V-70A80 80 0 0 1 80 -70V0H40V-64A40 40 0 0 0 -40 -64V0z", tones[1], "down"),
            -80,
            -352,
        )
    )
    return Thing(svg, 640, 500, (-80, -240), 1.7, chips=(tones[0], tones[2], wood))


def duck(body: str = "#e7b92c", wing: str = "#c98a1f", wheel: str = "#b1492b", wood: str = WOOD) -> Thing:
    svg = (
        line("M-210 -60Q-340 -80 -350 -10", "#7d4630", 8)
        + shape(oval(-352, -6, 22), wheel, "ball")
        + shape(rect(-200, -90, 400, 40, 16), wood, "down")
        + shape(
            "M-190 -190Q-150 -90 0 -88Q190 -90 200 -240L130 -200Q80 -260 -10 -250L-16 -300Q-190 -330 -190 -190z",
            body,
            "ball",
        )
        + shape(oval(-90, -330, 100), body, "ball")
        + shape("M-176 -330Q-240 -330 -246 -300Q-210 -280 -170 -294z", "#d9682c")
        + shape(oval(-120, -356, 14), "#2a2338")
        + shape("M-20 -210Q60 -240 130 -170Q60 -110 -10 -140z", wing, "flat")
        + "".join(
            shape(oval(x, -46, 46), wheel, "ball") + shape(oval(x, -46, 16), lighter(wood, 0.4))
            for x in (-120, 120)
        )
    )
    return Thing(svg, 600, 440, (-80, -300), 1.7, chips=(body, wheel, wood))


def plush(body: str = "#b98a5e", inner: str = "#f0dfc4", kind: str = "bear", cloth: str = "#b1492b") -> Thing:
    """kind: bear, panda, doll, rabbit."""
    dark = "#3a3340"
    limb = dark if kind == "panda" else body
    if kind == "doll":
        hair = shape(
            "M-130 -420Q-150 -590 0 -600Q150 -590 130 -420Q150 -330 104 -320H-104Q-150 -330 -130 -420z",
            "#7d4630",
            "ball",
        )
        svg = (
            shape(rect(-66, -70, 52, 70, 20), "#f0cfae", "cyl")
            + shape(rect(14, -70, 52, 70, 20), "#f0cfae", "cyl")
            + shape(rect(-74, -22, 68, 24, 10), dark)
            + shape(rect(6, -22, 68, 24, 10), dark)
            + hair
            + shape(
                "M-90 -300Q-190 -240 -196 -150L-150 -140Q-130 -210 -80 -240zM90 -300Q190 -240 196 -150L150 -140Q130 -210 80 -240z",
                cloth,
                "flat",
            )
            + shape("M-84 -310H84L170 -60Q0 -30 -170 -60z", cloth, "flat")
            + "".join(
                at(motif("flower", inner, inner), x, y, 0.36)
                for x, y in ((-60, -140), (20, -190), (70, -110), (-10, -90))
            )
            + shape(oval(0, -430, 112, 116), "#f0cfae", "ball")
            + shape(
                "M-116 -440Q-110 -560 0 -560Q110 -560 116 -440Q60 -500 0 -500Q-60 -500 -116 -440z",
                "#7d4630",
                "down",
            )
            + shape(oval(-40, -420, 10), dark)
            + shape(oval(40, -420, 10), dark)
            + line("M-24 -376Q0 -358 24 -376", "#b1492b", 6)
            + shape(oval(-66, -384, 18, 12), "#e7a08f", opacity=0.7)
            + shape(oval(66, -384, 18, 12), "#e7a08f", opacity=0.7)
            + shape(oval(-120, -330, 30, 40), "#7d4630", "ball")
            + shape(oval(120, -330, 30, 40), "#7d4630", "ball")
        )
        return Thing(svg, 400, 600, (0, -400), 1.8, chips=(cloth, "#f0cfae", "#7d4630"))
    ears = (
        "".join(
            shape(oval(x, -520, 58), limb, "ball")
            + shape(oval(x, -514, 30), inner if kind != "panda" else "#5a5060")
            for x in (-104, 104)
        )
        if kind != "rabbit"
        else "".join(
            at(
                shape(oval(0, -110, 40, 130), body, "ball") + shape(oval(0, -104, 20, 96), inner),
                x,
                -500,
                1,
                t,
            )
            for x, t in ((-70, -14), (70, 14))
        )
    )
    eyes = "".join(shape(oval(x, -420, 40, 50), dark) for x in (-56, 56)) if kind == "panda" else ""
    svg = (
        shape(oval(-150, -70, 76, 60), limb, "ball")
        + shape(oval(150, -70, 76, 60), limb, "ball")
        + shape(oval(-150, -64, 34, 30), inner)
        + shape(oval(150, -64, 34, 30), inner)
        + shape(oval(0, -170, 160, 170), body, "ball")
        + shape(oval(0, -150, 96, 110), inner, "ball")
        + at(shape(oval(0, 0, 50, 110), limb, "ball"), -160, -210, 1, 28)
        + at(shape(oval(0, 0, 50, 110), limb, "ball"), 160, -210, 1, -28)
        + ears
        + shape(oval(0, -410, 162, 146), body, "ball")
        + eyes
        + shape(oval(0, -364, 66, 52), inner, "ball")
        + shape(oval(0, -390, 26, 19), dark)
        + line("M0 -372v22M-26 -340Q0 -322 26 -340", dark, 6)
        + "".join(
            shape(oval(x, -426, 15), dark if kind != "panda" else LIGHT)
            + shape(oval(x - 4, -431, 5), LIGHT if kind != "panda" else dark)
            for x in (-56, 56)
        )
        + shape(
            "M-70 -286Q-120 -320 -120 -270Q-120 -224 -70 -262zM70 -286Q120 -320 120 -270Q120 -224 70 -262z",
            cloth,
            "flat",
        )
        + shape(oval(0, -274, 78, 16), cloth)
        + shape(rect(-24, -296, 48, 44, 12), cloth, "ball")
    )
    return Thing(svg, 470, 650 if kind == "rabbit" else 580, (0, -390), 1.8, chips=(body, inner, cloth))


def kite(tones: tuple[str, ...] = ("#c8482f", "#f0d588", "#2f7b80"), emblem: str = "crane") -> Thing:
    tail = line("M0 330Q120 400 20 480Q-90 560 60 640", "#7d4630", 6) + "".join(
        at(
            shape(poly(-56, -24, 0, 0, -56, 24), c, "flat") + shape(poly(56, -24, 0, 0, 56, 24), c, "flat"),
            x,
            y,
            1,
            t,
        )
        for x, y, t, c in ((74, 400, 50, tones[2]), (10, 500, 120, tones[0]), (16, 600, 40, tones[1]))
    )
    svg = at(
        tail
        + shape(poly(0, -360, -270, -60, 0, 330), tones[0], "flat")
        + shape(poly(0, -360, 270, -60, 0, 330), darker(tones[0], 0.12), "side")
        + shape(poly(0, -360, -130, -216, 0, -120, 130, -216), tones[1], "flat")
        + line("M0 -360V330M-270 -60H270", "#7d4630", 7, 0.8)
        + at(motif(emblem, tones[2], tones[1]), 0, -10, 2.4),
        0,
        -110,
        1,
        14,
    )
    return Thing(svg, 620, 1040, (0, -130), 1.8, pose="lie", chips=tones)


def puzzle(
    tones: tuple[str, ...] = ("#2f7b80", "#e0a02c", "#c8482f", "#f0e2c8"), kind: str = "tangram"
) -> Thing:
    """kind: tangram (wooden shapes in a tray), jigsaw."""
    if kind == "jigsaw":
        cells = ""
        for i in range(16):
            x, y = -240 + (i % 4) * 160, -240 + (i // 4) * 160
            away = (60, 70, 12) if i == 3 else (0, 0, 0)
            c = tones[(i + i // 4) % 4]
            cells += at(
                shape(rect(-78, -78, 156, 156, 12), c, "flat")
                + shape(oval(78, 0, 26), c)
                + shape(oval(0, 78, 26), lighter(c, 0.1)),
                x + away[0],
                y - away[1],
                1,
                away[2],
            )
        svg = at(cells + at(motif("mountain", LIGHT, tones[1]), -40, 20, 3.4), 0, 0, 0.86, -6)
        return Thing(svg, 700, 700, (130, -120), 1.8, pose="lie", chips=tones[:3])
    tray = shape(rect(-330, -330, 660, 660, 24), WOOD, "flat") + shape(
        rect(-296, -296, 592, 592, 10), darker(WOOD, 0.35), "deep"
    )
    parts = (
        (-290, -290, 290, -290, 0, 0, tones[0]),
        (-290, -290, 0, 0, -290, 290, tones[1]),
        (290, -290, 290, 0, 145, -145, tones[2]),
        (-145, 145, 0, 0, 145, 145, tones[3]),
        (0, 290, 290, 0, 290, 290, darker(tones[2], 0.2)),
    )
    svg = (
        tray
        + "".join(shape(poly(*q[:6]), q[6], "flat") for q in parts)
        + shape(poly(145, -145, 290, 0, 145, 145, 0, 0), lighter(tones[0], 0.35), "flat")
        + shape(poly(-290, 290, -145, 145, 145, 145, 0, 290), lighter(tones[1], 0.35), "flat")
    )
    return Thing(at(svg, 0, 0, 1, -8), 700, 700, (60, 0), 1.8, pose="lie", chips=tones[:3])


def game(box: str = "#2f5d57", tones: tuple[str, ...] = BRIGHT) -> Thing:
    """A board game: box, dice, pieces."""
    svg = (
        shape(poly(-280, -130, -200, -400, 240, -400, 300, -130), box, "flat")
        + shape(poly(-280, -130, 300, -130, 300, -60, -280, -60), darker(box, 0.3), "down")
        + at(motif("mountain", lighter(box, 0.5), tones[1]), 10, -280, 1.7)
        + line("M-110 -180H130", LIGHT, 10, 0.8)
    )
    for x, c in ((-240, tones[0]), (-150, tones[1]), (250, tones[2])):
        svg += at(
            shape(oval(0, 0, 44, 14), darker(c, 0.3))
            + shape("M-40 0Q-30 -60 -14 -90H14Q30 -60 40 0z", c, "cyl")
            + shape(oval(0, -106, 30), c, "ball"),
            x,
            6,
        )
    svg += shape(rect(-40, -80, 92, 92, 18), LIGHT, "flat") + "".join(
        shape(oval(x, y, 9), "#2a2338") for x, y in ((-16, -56), (28, -56), (6, -34), (-16, -12), (28, -12))
    )
    return Thing(svg, 620, 410, (0, -180), 1.7, chips=(box, tones[1], tones[0]))


def cards(back: str = "#7d2f3a", accent: str = "#e6cfa0") -> Thing:
    fan = "".join(
        at(
            shape(rect(-100, -300, 200, 300, 16), LIGHT, "flat")
            + at(motif(m, c, accent), 0, -150, 1.1)
            + line("M-70 -260h30M40 -36h30", c, 9),
            0,
            200,
            1,
            t,
        )
        for t, m, c in (
            (-36, "star", back),
            (-14, "moon", "#27333d"),
            (8, "flower", back),
            (30, "sun", "#27333d"),
        )
    )
    svg = fan + at(
        shape(rect(-110, -160, 220, 320, 16), back, "flat")
        + line(rect(-92, -142, 184, 284, 10), accent, 5)
        + at(motif("flower", accent, accent), 0, 0, 1.5),
        190,
        120,
        1,
        16,
    )
    return Thing(svg, 640, 620, (60, 0), 1.8, pose="lie", chips=(back, accent, LIGHT))


def balance_bike(frame: str = "#4f8a5b", wood: str = WOOD, wheel: str = "#3a3340") -> Thing:
    def tyre(x: float) -> str:
        return (
            line(oval(x, -120, 104), wheel, 28)
            + shape(oval(x, -120, 90), lighter(wood, 0.3), "flat")
            + "".join(
                line(f"M{x} -120L{n(a)} {n(b)}", darker(wood, 0.2), 12) for a, b in ring(6, 84, x, -120)
            )
            + shape(oval(x, -120, 22), frame, "ball")
        )

    svg = (
        tyre(-210)
        + tyre(210)
        + shape(
            "M-230 -130Q-140 -250 0 -230Q120 -240 180 -330L214 -316Q150 -190 20 -176Q-120 -180 -190 -100z",
            frame,
            "flat",
        )
        + shape(poly(180, -350, 214, -360, 236, -116, 204, -116), wood, "cyl")
        + line("M150 -384H250", wood, 22)
        + shape(rect(124, -398, 44, 30, 12), wheel)
        + shape(rect(236, -398, 44, 30, 12), wheel)
        + shape("M-160 -290Q-90 -320 20 -286Q10 -256 -60 -254Q-130 -250 -160 -290z", "#b1492b", "down")
        + shape(rect(-80, -260, 30, 50), wood, "cyl")
    )
    return Thing(svg, 680, 410, (40, -250), 1.6, chips=(frame, wood, "#b1492b"))


# --- read and write ----------------------------------------------------------------------------------------


def book(
    cover: str = "#2f5d57",
    accent: str = "#e6cfa0",
    emblem: str = "mountain",
    paper: str = "#f6efe0",
    thick: float = 70,
) -> Thing:
    """A book standing upright, slightly turned."""
    svg = (
        shape(poly(190, -560, 190 + thick, -590, 190 + thick, -34, 190, 0), paper)
        + "".join(
            line(
                f"M{n(190 + i)} {n(-556 - i * 0.42)}L{n(190 + i)} {n(-4 - i * 0.48)}",
                darker(paper, 0.15),
                2,
                0.5,
            )
            for i in range(8, int(thick), 9)
        )
        + shape(poly(-200, -560, 190, -560, 190 + thick, -592, -130, -592), lighter(paper, 0.4))
        + shape(rect(-210, -570, 404, 570, 6), cover, "flat")
        + shape(rect(-210, -570, 34, 570, 4), darker(cover, 0.3), opacity=0.7)
        + line(rect(-150, -530, 310, 490, 6), accent, 5, 0.8)
        + at(motif(emblem, accent, lighter(accent, 0.3)), 6, -330, 2.1)
        + line("M-80 -160H92M-50 -128H62", accent, 10)
        + line("M-30 -70H42", accent, 6, 0.7)
    )
    return Thing(svg, 480, 590, (0, -330), 1.8, chips=(cover, accent, paper))


def notebook(
    cover: str = "#b1492b",
    band: str = "#27333d",
    paper: str = "#f6efe0",
    emblem: str = "crane",
    pen: bool = True,
) -> Thing:
    """A notebook lying, with an elastic band and a pen."""
    svg = (
        shape(rect(-232, -310, 480, 640, 14), paper, "flat")
        + shape(rect(-250, -320, 480, 640, 18), cover, "flat")
        + shape(rect(150, -320, 22, 640), band)
        + at(motif(emblem, lighter(cover, 0.55), lighter(cover, 0.7)), -50, -60, 1.9)
        + line("M-120 90H20", lighter(cover, 0.55), 7)
        + shape(poly(-130, 320, -100, 320, -100, 400, -115, 384, -130, 400), band)
    )
    svg += (
        at(
            shape(rect(-15, -300, 30, 420, 10), band, "cyl")
            + shape(poly(-15, 120, 15, 120, 0, 176), BRASS_TIP)
            + shape(rect(-17, -190, 34, 16), BRASS_TIP)
            + line("M18 -280v130", BRASS_TIP, 7),
            330,
            60,
            1,
            22,
        )
        if pen
        else ""
    )
    return Thing(at(svg, -20, 0, 1, -7), 800, 760, (-50, -60), 1.8, pose="lie", chips=(cover, band, paper))


BRASS_TIP = "#c9a14a"


def pen(body: str = "#27333d", metal: str = BRASS_TIP, kind: str = "fountain") -> Thing:
    """kind: fountain, brush."""
    tip = (
        shape(poly(-16, 240, 16, 240, 4, 330, -4, 330), metal, "cyl")
        + line("M0 262V320", darker(metal, 0.4), 3)
        if kind == "fountain"
        else shape("M-14 236H14Q12 300 0 350Q-12 300 -14 236z", "#2a2338", "cyl")
    )
    one = (
        shape(rect(-26, -160, 52, 380, 16), body, "cyl")
        + shape(poly(-26, 200, 26, 200, 17, 244, -17, 244), lighter(body, 0.12), "cyl")
        + tip
        + shape(rect(-29, -166, 58, 16), metal, "cyl")
    )
    cap = (
        shape(rect(-32, -200, 64, 260, 24), body, "cyl")
        + shape(rect(-34, 34, 68, 26, 4), metal, "cyl")
        + line("M30 -170V-10", metal, 11)
    )
    stroke = line("M-330 250Q-240 170 -180 240T-40 230T90 250", "#2a2338", 8, 0.75)
    svg = stroke + at(one, 60, -40, 1.25, 40) + at(cap, -170, -130, 1.25, 62)
    return Thing(svg, 760, 620, (-10, 40), 1.9, pose="lie", chips=(body, metal, "#2a2338"))


def print_(paper: str = "#faf3e6", a: str = "#2f5d57", b: str = "#c9772b") -> Thing:
    """A framed or loose art print."""
    svg = at(
        shape(rect(-300, -400, 600, 800), paper, "flat")
        + shape(rect(-250, -350, 500, 620), lighter(a, 0.75))
        + shape(oval(90, -180, 110), b)
        + shape("M-250 270V20Q-100 -160 40 0T250 -40V270z", a, "flat")
        + shape("M-250 270V120Q-60 20 90 130T250 110V270z", darker(a, 0.3), "flat")
        + line("M-60 330H60", a, 6, 0.6),
        0,
        0,
        0.95,
        5,
    )
    return Thing(svg, 640, 860, (60, -60), 1.6, pose="lie", chips=(a, b, paper))


# --- ride and garden ---------------------------------------------------------------------------------------


def bike_light(body: str = "#2f3136", lens: str = "#fff3cf", rear: str = "#c8482f") -> Thing:
    front = (
        shape(rect(-110, -230, 220, 190, 60), body, "flat")
        + shape(oval(-36, -136, 84), lighter(body, 0.25), "ball")
        + shape(oval(-36, -136, 64), lens, "ball")
        + f'<path d="{oval(-36, -136, 150)}" fill="url(#glow)"/>'
        + shape(rect(-40, -46, 80, 46, 14), darker(body, 0.2), "cyl")
        + shape(oval(76, -200, 10), "#9fd8a4")
    )
    back = (
        shape(rect(-80, -230, 160, 230, 50), body, "flat")
        + shape(rect(-54, -204, 108, 150, 34), rear, "ball")
        + "".join(shape(oval(0, y, 16), lighter(rear, 0.5)) for y in (-170, -130, -90))
    )
    return Thing(
        at(front, -130, 0, 1.2) + at(back, 170, 0, 1.1),
        520,
        290,
        (-170, -150),
        1.7,
        chips=(body, lens, rear),
        lit=True,
    )


def bell(body: str = "#c9a14a", base: str = "#2f3136") -> Thing:
    svg = (
        shape(oval(0, -20, 150, 34), base)
        + shape("M-190 -60Q-180 -290 0 -296Q180 -290 190 -60Q0 0 -190 -60z", body, "ball")
        + shape(oval(0, -60, 190, 44), darker(body, 0.2))
        + shape("M-190 -64Q-180 -290 0 -296Q180 -290 190 -64Q0 -10 -190 -64z", body, "ball")
        + shape(oval(0, -292, 30, 14), darker(body, 0.3))
        + line("M150 -60Q260 -70 270 -140", base, 22)
        + shape(oval(272, -150, 28), base, "ball")
        + at(motif("bird", darker(body, 0.35), darker(body, 0.35)), 0, -160, 1)
    )
    return Thing(svg, 480, 310, (0, -170), 1.8, chips=(body, base, lighter(body)))


def bicycle(frame: str = "#3b76a8", tyre: str = "#3a3340", saddle: str = "#7a4426") -> Thing:
    def wheel(x: float) -> str:
        return (
            line(oval(x, -170, 160), tyre, 16)
            + line(oval(x, -170, 146), "#c9ced1", 6)
            + "".join(line(f"M{x} -170L{n(a)} {n(b)}", "#aab1b7", 2, 0.8) for a, b in ring(14, 144, x, -170))
            + shape(oval(x, -170, 16), "#8b939a", "ball")
        )

    svg = (
        wheel(-260)
        + wheel(270)
        + line(
            "M-260 -170L-60 -170L-130 -440L190 -430L-60 -170M-260 -170L-118 -400M190 -430L270 -170M176 -470L190 -430",
            frame,
            18,
        )
        + line("M-130 -440L-142 -490", "#8b939a", 12)
        + shape("M-210 -500Q-140 -520 -60 -492Q-70 -470 -130 -474Q-190 -470 -210 -500z", saddle, "down")
        + line("M176 -470L170 -520Q210 -540 250 -520Q270 -500 250 -480", "#8b939a", 13)
        + shape(rect(226, -494, 50, 24, 10), saddle)
        + shape(oval(-60, -170, 52), "#8b939a", "ball")
        + shape(oval(-60, -170, 34), lighter(frame, 0.5))
        + line("M-60 -170L-20 -100M-46 -100H8", "#5a5f64", 10)
        + line("M-60 -118L-262 -152M-60 -222L-260 -190", "#5a5f64", 5)
    )
    return Thing(svg, 880, 540, (-60, -330), 1.6, chips=(frame, saddle, tyre))


def seeds(
    paper: str = "#efe3cf", emblem: str = "flower", ink: str = "#56692f", accent: str = "#b1492b"
) -> Thing:
    """Seed packets, one open, with seeds before them."""

    def packet(c: str, m: str, a: str) -> str:
        return (
            shape(rect(-130, -400, 260, 400, 6), c, "flat")
            + shape(rect(-130, -400, 260, 40), darker(c, 0.12))
            + shape(rect(-104, -330, 208, 220, 8), lighter(c, 0.6))
            + at(motif(m, ink, a), 0, -220, 1.6)
            + line("M-70 -76H70M-40 -44H40", ink, 8)
        )

    svg = (
        at(packet(lighter(accent, 0.55), "wheat", "#e0a02c"), 110, -14, 0.96, 9)
        + at(packet(paper, emblem, accent), -80, 0, 1, -5)
        + "".join(
            shape(oval(x, y, 12, 7), "#5b3a22", "ball")
            for x, y in ((110, 20), (150, 36), (190, 16), (230, 40), (176, 56), (132, 60))
        )
    )
    return Thing(svg, 480, 430, (-90, -220), 1.8, chips=(paper, accent, ink))


def trowel(handle: str = "#a8653a", blade: str = "#9aa4a8") -> Thing:
    one = (
        shape(rect(-30, -360, 60, 230, 28), handle, "cyl")
        + shape(rect(-22, -150, 44, 60, 8), "#c9a14a", "cyl")
        + line("M0 -100V20", darker(blade, 0.2), 26)
        + shape("M-86 10Q0 -30 86 10Q96 190 0 330Q-96 190 -86 10z", blade, "ball")
        + line("M0 30V280", darker(blade, 0.3), 5, 0.5)
        + line("M0 -360q-40 -60 0 -80q40 20 0 80", "#e8d8bd", 7)
    )
    fork = (
        shape(rect(-28, -360, 56, 230, 26), handle, "cyl")
        + shape(rect(-22, -150, 44, 60, 8), "#c9a14a", "cyl")
        + line("M0 -100V20M-70 290V60Q-70 20 0 20Q70 20 70 60V290M0 20V300", blade, 20)
    )
    return Thing(
        at(one, -130, 30, 1, -14) + at(fork, 140, 20, 0.95, 12),
        560,
        800,
        (-130, 60),
        1.8,
        pose="lie",
        chips=(handle, blade, "#c9a14a"),
    )


def can(body: str = "#4f8a7b", brass: str = "#c9a14a") -> Thing:
    """A watering can."""
    svg = (
        line("M-150 -330Q-120 -500 60 -470Q190 -440 180 -260", darker(body, 0.2), 26)
        + shape("M-170 -120L-330 -330L-380 -300L-190 -20z", darker(body, 0.08), "down")
        + shape(poly(-410, -350, -310, -400, -290, -350, -390, -300), brass, "flat")
        + shape("M-180 -340Q0 -390 180 -340L200 -24Q0 14 -200 -24z", body, "cyl")
        + shape("M-180 -340Q0 -300 180 -340Q0 -390 -180 -340z", darker(body, 0.45))
        + line("M-188 -250Q0 -214 188 -250M-198 -60Q0 -20 198 -60", lighter(body, 0.4), 6, 0.7)
        + line("M190 -300Q330 -260 290 -130Q270 -70 200 -60", darker(body, 0.2), 24)
        + at(motif("sprig", lighter(body, 0.5), lighter(body, 0.5)), 0, -150, 1.1)
    )
    return Thing(at(svg, 60, 0), 780, 500, (-40, -200), 1.7, chips=(body, brass, darker(body)))
