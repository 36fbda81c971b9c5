"""Things to wear and to carry; garments hang from (0, 0) downwards or lie flat around it."""

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
    repeat,
    ring,
    shape,
)

LEATHER = "#a4633a"
BRASS = "#c9a14a"


def _hanger(span: float = 150) -> str:
    return line("M0 -4q0 -46 26 -46q30 0 24 34q-6 22 -50 34", "#4b4a4a", 8) + line(
        f"M{-span} 96L0 18L{span} 96", "#a8794a", 16
    )


def jumper(
    body: str = "#3f6f73",
    rib: str = "",
    pattern: str = "yoke",
    accent: str = "#f0e2c8",
    open_front: bool = False,
) -> Thing:
    """A knitted pullover or cardigan on a hanger. pattern: yoke, stripes, cable, plain."""
    rib = rib or darker(body, 0.2)
    torso = "M-96 40Q0 84 96 40L190 92Q222 240 206 420L214 600H-214L-206 420Q-222 240 -190 92z"
    sleeve = "M150 66Q236 100 262 220L330 560L236 584L186 330z"
    knit = "".join(line(f"M{x} 130V586", darker(body, 0.16), 3, 0.45, "3 11") for x in range(-182, 190, 28))
    deco = ""
    if pattern == "yoke":
        deco = "".join(
            at(motif("star", accent, accent), x, y, 0.5)
            for x, y in ((-140, 150), (-72, 176), (0, 186), (72, 176), (140, 150))
        ) + line("M-186 120Q0 170 186 120M-200 206Q0 262 200 206", accent, 9, 0.9, "9 13")
    elif pattern == "stripes":
        deco = "".join(
            line(f"M-206 {y}Q0 {y + 26} 206 {y}", accent, 20, 0.9) for y in (180, 250, 320, 390, 460)
        )
    elif pattern == "cable":
        deco = "".join(
            line(f"M{x} 130" + "q24 28 0 56q-24 28 0 56" * 4, lighter(body, 0.28), 9, 0.8)
            + line(f"M{x} 130" + "q-24 28 0 56q24 28 0 56" * 4, darker(body, 0.16), 9, 0.55)
            for x in (-110, 0, 110)
        )
    front = (
        line("M0 76V600", darker(body, 0.35), 8)
        + "".join(shape(oval(24, y, 11), "#7d5a3a", "ball") for y in (150, 250, 350, 450, 550))
        if open_front
        else ""
    )
    svg = (
        _hanger()
        + shape(sleeve, darker(body, 0.08), "side")
        + at(shape(sleeve, body, "flat"), flip=True)
        + shape(poly(330, 560, 236, 584, 244, 624, 338, 600), rib)
        + at(shape(poly(330, 560, 236, 584, 244, 624, 338, 600), rib), flip=True)
        + shape(torso, body, "flat")
        + knit
        + deco
        + front
        + shape("M-214 590H214V646Q0 656 -214 646z", rib, "down")
        + shape("M-98 38Q0 112 98 38L84 24Q0 74 -84 24z", rib, "down")
        + shape("M-84 26Q0 72 84 26Q0 2 -84 26z", darker(body, 0.45))
    )
    return Thing(svg, 690, 690, (-40, 190), 1.9, pose="hang", chips=(body, accent, rib))


def shirt(body: str = "#b9564f", check: str = "#f0dfc4", kind: str = "check", buttons: str = LIGHT) -> Thing:
    """A buttoned shirt on a hanger. kind: check, plain, stripe."""
    torso = "M-86 36L-180 74Q-206 240 -192 420L-200 640Q0 668 200 640L192 420Q206 240 180 74L86 36z"
    sleeve = "M150 56Q230 90 256 210L318 560L226 582L176 320z"
    lines = ""
    if kind == "check":
        lines = "".join(
            line(f"M{x} 100V640", check, 14, 0.5) for x in (-150, -90, -30, 40, 100, 160)
        ) + "".join(line(f"M-194 {y}H194", check, 14, 0.4) for y in range(130, 640, 70))
    elif kind == "stripe":
        lines = "".join(line(f"M{x} 90V644", check, 5, 0.8) for x in range(-180, 190, 24))
    svg = (
        _hanger()
        + shape(sleeve, darker(body, 0.1), "side")
        + at(shape(sleeve, body, "flat"), flip=True)
        + shape(torso, body, "flat")
        + lines
        + shape(rect(-22, 70, 44, 580, 4), lighter(body, 0.12))
        + "".join(shape(oval(0, y, 9), buttons) for y in range(130, 640, 84))
        + shape(rect(56, 190, 100, 116, 8), body, "down")
        + line(rect(56, 190, 100, 116, 8), darker(body, 0.3), 4, 0.6)
        + shape(poly(-92, 30, -20, 92, 0, 62, -60, 6), lighter(body, 0.15), "flat")
        + shape(poly(92, 30, 20, 92, 0, 62, 60, 6), lighter(body, 0.05), "flat")
        + shape("M-60 8Q0 52 60 8Q0 -12 -60 8z", darker(body, 0.45))
    )
    return Thing(svg, 640, 670, (40, 190), 1.9, pose="hang", chips=(body, check, buttons))


def tee(body: str = "#e9e2d4", accent: str = "#2f7b80", emblem: str = "wave") -> Thing:
    torso = "M-80 40Q0 92 80 40L170 78L176 240L182 620Q0 640 -182 620L-176 240L-170 78z"
    sleeve = "M140 60L176 78Q250 130 290 270L196 306L160 200z"
    svg = (
        _hanger()
        + shape(sleeve, darker(body, 0.1), "side")
        + at(shape(sleeve, body, "flat"), flip=True)
        + shape(torso, body, "flat")
        + at(motif(emblem, accent, accent), 0, 260, 1.7)
        + line("M-80 40Q0 96 80 40", darker(body, 0.18), 12)
        + shape("M-74 36Q0 82 74 36Q0 14 -74 36z", darker(body, 0.4))
    )
    return Thing(svg, 590, 640, (0, 220), 1.8, pose="hang", chips=(body, accent, darker(body, 0.18)))


def jacket(body: str = "#d8a02c", lining: str = "#27333d", zip_: str = "#f4ebdd", long: float = 660) -> Thing:
    """A hooded rain jacket."""
    torso = f"M-100 60L-196 100Q-216 260 -206 440L-214 {n(long)}Q0 {n(long + 24)} 214 {n(long)}L206 440Q216 260 196 100L100 60z"
    sleeve = "M164 82Q250 120 276 240L340 570L240 596L190 350z"
    svg = (
        _hanger(140)
        + shape(sleeve, darker(body, 0.12), "side")
        + at(shape(sleeve, body, "flat"), flip=True)
        + shape(torso, body, "flat")
        + shape("M-118 74Q-140 -50 0 -56Q140 -50 118 74Q0 134 -118 74z", darker(body, 0.1), "ball")
        + shape("M-78 60Q-88 -14 0 -18Q88 -14 78 60Q0 104 -78 60z", lining, "deep")
        + line(f"M0 100V{n(long + 8)}", zip_, 12)
        + line(f"M0 100V{n(long + 8)}", darker(body, 0.4), 3, 0.8, "4 8")
        + "".join(
            shape(f"M{x} 440h110v130h-110z", darker(body, 0.06), "down")
            + shape(rect(x - 4, 430, 118, 34, 6), lighter(body, 0.15), "down")
            for x in (-160, 50)
        )
        + shape(poly(244, 582, 338, 560, 344, 596, 250, 620), darker(body, 0.3))
        + at(shape(poly(244, 582, 338, 560, 344, 596, 250, 620), darker(body, 0.3)), flip=True)
        + line("M-44 96q-10 60 -4 110M44 96q10 50 6 100", zip_, 6)
    )
    return Thing(svg, 700, long + 90, (0, 60), 1.8, pose="hang", chips=(body, lining, zip_))


def dress(
    body: str = "#7b64a6", accent: str = "#f4e6c8", emblem: str = "flower", sleeves: bool = True
) -> Thing:
    d = "M-70 40Q0 84 70 40L128 70Q136 190 110 300Q220 480 262 760Q0 800 -262 760Q-220 480 -110 300Q-136 190 -128 70z"
    arm = "M110 58L136 72Q206 130 226 250L146 276L118 190z"
    dots = repeat(
        "m",
        motif(emblem, accent, accent),
        [
            f"translate({x} {y}) scale(.42)"
            for x, y in (
                (-50, 150),
                (46, 130),
                (0, 220),
                (-70, 380),
                (50, 400),
                (-120, 520),
                (0, 500),
                (130, 560),
                (-180, 680),
                (-60, 640),
                (70, 690),
                (196, 700),
            )
        ],
    )
    svg = (
        _hanger(120)
        + (shape(arm, darker(body, 0.1), "side") + at(shape(arm, body, "flat"), flip=True) if sleeves else "")
        + shape(d, body, "flat")
        + dots
        + shape("M-112 292Q0 324 112 292L108 326Q0 356 -108 326z", darker(body, 0.22))
        + line("M-70 42Q0 88 70 42", accent, 8)
    )
    return Thing(svg, 540, 800, (0, 230), 1.8, pose="hang", chips=(body, accent, darker(body, 0.22)))


def socks(body: str = "#b1492b", heel: str = "#f0dfc4", stripe: str = "#27333d") -> Thing:
    one = (
        shape(
            "M-70 -330H70L76 60Q80 110 130 150L250 230Q290 264 260 310Q230 346 180 336L-10 250Q-84 210 -78 110z",
            body,
            "flat",
        )
        + shape("M-78 90Q-84 200 -14 246L60 150Q-10 140 -8 76z", heel, "flat")
        + shape("M180 188L250 230Q290 264 260 310Q230 346 180 336L130 312Q180 270 180 188z", heel, "flat")
        + shape(rect(-76, -344, 152, 80, 14), darker(body, 0.15), "cyl")
        + "".join(line(f"M-70 {y}H70", stripe, 16) for y in (-220, -176, -132))
        + "".join(line(f"M{x} -338v68", darker(body, 0.35), 3, 0.5) for x in range(-60, 70, 20))
    )
    svg = at(one, -110, 30, 1, -8) + at(one, 60, -20, 1, 8)
    return Thing(svg, 620, 720, (-110, -200), 1.9, pose="lie", chips=(body, heel, stripe))


def scarf(
    body: str = "#c8786a", accent: str = "#f4e6d8", emblem: str = "crane", fringe: bool = False
) -> Thing:
    """A long scarf laid in a loop."""
    tail = shape("M-150 -330Q-190 60 -120 380H60Q0 40 30 -300z", body, "side") + "".join(
        at(motif(emblem, accent, lighter(accent)), x, y, 0.7) for x, y in ((-90, -60), (-40, 100), (-80, 250))
    )
    over = shape("M30 -300Q240 -160 170 330H-10Q60 -60 -150 -200z", lighter(body, 0.12), "flat") + "".join(
        at(motif(emblem, accent, lighter(accent)), x, y, 0.7) for x, y in ((60, -80), (96, 80), (80, 230))
    )
    loop = shape(
        "M-170 -300Q-150 -430 30 -410Q170 -390 150 -270Q100 -150 -60 -190Q-160 -220 -170 -300z",
        darker(body, 0.08),
        "ball",
    ) + shape(
        "M-80 -310Q-60 -360 20 -350Q80 -340 70 -290Q30 -250 -30 -262Q-80 -276 -80 -310z",
        darker(body, 0.45),
        "deep",
    )
    ends = (
        "".join(line(f"M{x} 376v56", accent, 6) for x in range(-114, 60, 16))
        + "".join(line(f"M{x} 326v56", accent, 6) for x in range(-4, 170, 16))
        if fringe
        else line("M-122 362H56M-8 312H168", accent, 8)
    )
    return Thing(
        tail + over + loop + ends, 420, 860, (40, 40), 1.9, pose="lie", chips=(body, accent, darker(body))
    )


def hat(body: str = "#2f5d57", bobble: str = "#f0dfc4", rib: str = "") -> Thing:
    """A knitted cap standing on the table."""
    rib = rib or darker(body, 0.18)
    ribs = "".join(line(f"M{x} -8V-122", darker(rib, 0.3), 5, 0.5) for x in range(-190, 200, 27))
    knit = "".join(
        line(f"M{x} -130Q{x * 0.86:.0f} -300 {x * 0.2:.0f} -396", darker(body, 0.25), 4, 0.4, "4 12")
        for x in range(-170, 180, 34)
    )
    svg = (
        shape("M-210 -110Q-230 -400 0 -406Q230 -400 210 -110z", body, "ball")
        + knit
        + shape(rect(-222, -130, 444, 130, 34), rib, "cyl")
        + ribs
        + shape(oval(0, -436, 72), bobble, "ball")
        + "".join(
            line(f"M{n(x * 0.5)} {n(-436 + y * 0.5)}L{n(x)} {n(-436 + y)}", lighter(bobble, 0.5), 4, 0.7)
            for x, y in ring(14, 76)
        )
    )
    return Thing(svg, 450, 510, (0, -200), 1.8, chips=(body, bobble, rib))


def shoe(
    body: str = "#7a4426",
    sole: str = "#e8d8bd",
    lace: str = "#f4ebdd",
    kind: str = "oxford",
    lining: str = "",
) -> Thing:
    """A pair of shoes, one behind the other. kind: oxford, sneaker, boot, sandal."""
    lining = lining or darker(body, 0.5)

    def one(c: str) -> str:
        if kind == "boot":
            upper = "M-210 -20V-400Q-110 -430 -10 -396L10 -250Q60 -190 170 -160Q262 -136 262 -40V-20z"
            extra = shape(
                "M-212 -404Q-110 -440 -8 -400L-6 -360Q-110 -396 -212 -362z", lining, "down"
            ) + "".join(
                line(f"M-30 {y}L{30 + i * 16} {y + 14}", lace, 9) + shape(oval(-34, y, 7), BRASS)
                for i, y in enumerate((-350, -305, -260, -215, -175))
            )
            seam = line("M-210 -130Q-60 -160 10 -250M120 -168Q100 -90 140 -26", darker(c, 0.3), 4, 0.6, "8 8")
        elif kind == "sneaker":
            upper = "M-220 -30V-200Q-200 -226 -150 -212Q-120 -180 -60 -190L0 -226Q40 -150 150 -128Q260 -104 262 -30z"
            extra = shape(
                "M-216 -196Q-190 -228 -150 -212Q-120 -180 -60 -190L-4 -224L-10 -196Q-100 -140 -170 -170z",
                lining,
                "down",
            ) + "".join(line(f"M{x} {y}l44 26", lace, 11) for x, y in ((-20, -196), (20, -168), (66, -146)))
            seam = line(
                "M-220 -90Q-120 -120 -60 -60T60 -40M170 -122Q190 -80 180 -34", lighter(c, 0.5), 9, 0.8
            )
        else:
            upper = "M-220 -30V-190Q-190 -214 -150 -200Q-90 -176 -20 -206Q40 -150 150 -122Q268 -96 268 -30z"
            extra = shape(
                "M-216 -186Q-186 -214 -150 -200Q-90 -176 -20 -206L-30 -178Q-100 -146 -170 -164z",
                lining,
                "down",
            ) + "".join(line(f"M{x} {y}l36 20", lace, 7) for x, y in ((-14, -176), (18, -154), (50, -136)))
            seam = line(
                "M-70 -178Q-60 -90 20 -60Q90 -70 100 -118M150 -122Q130 -76 150 -34",
                darker(c, 0.35),
                4,
                0.7,
                "6 7",
            )
        heel = shape(
            "M-224 -34H268Q280 -34 276 -14Q272 0 250 0H-110L-116 -8L-122 0H-214Q-226 0 -224 -34z"
            if kind != "sneaker"
            else "M-230 -46H266Q286 -40 280 -14Q276 0 250 0H-210Q-236 0 -230 -46z",
            sole,
            "down",
        )
        return shape(upper, c, "ball") + seam + extra + heel

    svg = at(one(darker(body, 0.12)), 90, -64, 0.92) + at(one(body), -50, 0)
    return Thing(svg, 620, 470 if kind == "boot" else 300, (20, -150), 1.8, chips=(body, sole, lace))


def bag(
    body: str = LEATHER, kind: str = "tote", strap: str = "", metal: str = BRASS, lining: str = "#e8d8bd"
) -> Thing:
    """kind: tote, backpack, satchel, saddlebag."""
    strap = strap or darker(body, 0.22)
    if kind == "backpack":
        svg = (
            line("M-150 -480Q-260 -300 -210 -60M150 -480Q260 -300 210 -60", strap, 30)
            + line("M-60 -560Q0 -640 60 -560", strap, 22)
            + shape(
                "M-190 -20Q-214 -300 -170 -470Q-130 -580 0 -580Q130 -580 170 -470Q214 -300 190 -20Q0 14 -190 -20z",
                body,
                "cyl",
            )
            + shape(
                "M-180 -420Q-130 -590 0 -590Q130 -590 180 -420Q190 -310 150 -290Q0 -250 -150 -290Q-190 -310 -180 -420z",
                lighter(body, 0.1),
                "flat",
            )
            + shape(
                "M-140 -20Q-160 -200 -120 -226Q0 -250 120 -226Q160 -200 140 -20Q0 4 -140 -20z",
                darker(body, 0.08),
                "flat",
            )
            + "".join(
                shape(rect(x - 14, -350, 28, 150, 6), strap, "cyl")
                + shape(rect(x - 20, -250, 40, 34, 6), metal, "flat")
                for x in (-70, 70)
            )
            + line("M-120 -150H120", darker(body, 0.4), 5, 0.6)
        )
        return Thing(svg, 470, 620, (-40, -300), 1.8, chips=(body, strap, metal))
    if kind in ("satchel", "saddlebag"):
        w = 250 if kind == "satchel" else 210
        svg = (
            (
                line(f"M{-w + 30} -300Q0 -700 {w - 30} -300", strap, 24)
                if kind == "satchel"
                else "".join(line(f"M{x} -300V-400", strap, 26) for x in (-90, 90))
            )
            + shape(
                f"M{-w} -320H{w}L{w - 14} -20Q{w - 16} 0 {w - 44} 0H{44 - w}Q{16 - w} 0 {14 - w} -20z",
                body,
                "flat",
            )
            + shape(
                f"M{-w - 6} -330Q0 -352 {w + 6} -330L{w - 4} -190Q{w - 10} -130 {w - 90} -124Q0 -110 {90 - w} -124Q{10 - w} -130 {4 - w} -190z",
                lighter(body, 0.1),
                "down",
            )
            + line(
                f"M{8 - w} -190Q{14 - w} -140 {92 - w} -134Q0 -120 {w - 92} -134Q{w - 14} -140 {w - 8} -190",
                darker(body, 0.35),
                4,
                0.7,
                "9 8",
            )
            + "".join(
                shape(rect(x - 17, -220, 34, 160, 6), strap, "cyl")
                + shape(rect(x - 25, -140, 50, 40, 8), metal, "flat")
                + shape(rect(x - 12, -130, 24, 20, 4), strap)
                for x in (-w * 0.5, w * 0.5)
            )
        )
        return Thing(
            svg, w * 2.1, 520 if kind == "satchel" else 410, (-w * 0.5, -150), 1.9, chips=(body, strap, metal)
        )
    svg = (
        line("M-110 -410Q-110 -640 0 -640Q110 -640 110 -410", darker(strap, 0.25), 24)
        + shape("M-270 -430H270L236 -24Q232 0 206 0H-206Q-232 0 -236 -24z", body, "flat")
        + shape("M-270 -430H270L266 -384H-266z", darker(body, 0.14), "down")
        + line("M-130 -300V-400Q-120 -680 0 -680Q120 -680 130 -400V-300", strap, 26)
        + "".join(shape(oval(x, -300, 15), metal, "ball") for x in (-130, 130))
        + "".join(shape(rect(x - 20, -410, 40, 130, 8), strap, "cyl") for x in (-130, 130))
        + line("M-254 -376L-224 -24M254 -376L224 -24", darker(body, 0.35), 4, 0.6, "9 8")
        + at(motif("bird", darker(body, 0.35), darker(body, 0.5)), 150, -110, 0.55)
    )
    return Thing(svg, 560, 690, (-100, -320), 1.8, chips=(body, strap, metal))


def wallet(body: str = LEATHER, card: str = "#2f5d57") -> Thing:
    svg = at(
        shape(rect(-190, -250, 380, 200, 14), card, "flat")
        + shape(rect(-170, -216, 90, 60, 8), BRASS, "flat")
        + shape(rect(-200, -196, 400, 200, 14), lighter(card, 0.5), "flat")
        + shape(rect(-230, -150, 460, 330, 30), body, "flat")
        + shape(
            "M-230 -60Q0 20 230 -60V150Q230 180 200 180H-200Q-230 180 -230 150z", lighter(body, 0.1), "down"
        )
        + line(
            "M-214 -48Q0 30 214 -48M-212 -40V150Q-212 164 -198 164H198Q212 164 212 150V-40",
            darker(body, 0.35),
            4,
            0.7,
            "9 8",
        )
        + at(motif("bird", darker(body, 0.35), darker(body, 0.5)), 140, 110, 0.6),
        0,
        10,
        1,
        -7,
    )
    return Thing(svg, 520, 470, (-80, -20), 1.8, pose="lie", chips=(body, card, darker(body)))


def belt(body: str = "#7a4426", metal: str = "#b9bfc4") -> Thing:
    """A belt rolled up."""
    coil = "".join(
        line(oval(0, 0, 60 + i * 46, 56 + i * 43), c, 38)
        for i, c in ((0, darker(body, 0.3)), (1, darker(body, 0.15)), (2, body), (3, lighter(body, 0.06)))
    )
    rims = "".join(line(oval(0, 0, 79 + i * 46, 75 + i * 43), lighter(body, 0.35), 3, 0.6) for i in range(4))
    svg = (
        coil
        + rims
        + at(
            shape(rect(-50, -36, 260, 72, 10), body, "down")
            + "".join(shape(oval(x, 0, 7), darker(body, 0.6)) for x in (-10, 30, 70))
            + line(rect(120, -62, 110, 124, 20), metal, 20)
            + line("M128 0H220", metal, 14),
            -120,
            205,
            1,
            6,
        )
    )
    return Thing(svg, 520, 560, (40, 200), 1.9, pose="lie", chips=(body, metal, lighter(body)))


def earrings(metal: str = "#c9ced1", stone: str = "#3f8c6a", kind: str = "drop") -> Thing:
    """On a card. kind: drop, hoop, stud."""

    def one(x: float) -> str:
        hook = line(f"M{x} -70q-40 -80 10 -100q44 -10 36 46", metal, 9)
        if kind == "hoop":
            return (
                hook
                + line(oval(x, 40, 92), darker(metal, 0.15), 22)
                + line(oval(x - 4, 36, 92), lighter(metal, 0.5), 7)
            )
        return (
            hook
            + shape(oval(x, -60, 12), metal, "ball")
            + shape(f"M{x} -46Q{x + 74} 60 {x} 150Q{x - 74} 60 {x} -46z", metal, "cyl")
            + shape(f"M{x} 10Q{x + 38} 66 {x} 112Q{x - 38} 66 {x} 10z", stone, "ball")
        )

    card = (
        shape(rect(-250, -300, 500, 580, 14), "#faf3e6", "flat")
        + at(motif("bird", "#8a6a4a", "#c9a17a"), 0, -228, 0.6)
        + line("M-60 236H60", "#8a6a4a", 5, 0.6)
    )
    svg = at(card + one(-110) + one(110), 0, 0, 1, 5)
    return Thing(svg, 540, 620, (-90, 40), 2.0, pose="lie", chips=(metal, stone, lighter(metal)))


def necklace(metal: str = "#d4b15a", stone: str = "#b1492b") -> Thing:
    svg = (
        line("M-210 -330Q-250 120 0 210Q250 120 210 -330", metal, 9)
        + line("M-210 -330Q-250 120 0 210Q250 120 210 -330", lighter(metal, 0.5), 3, 0.9, "5 9")
        + shape(oval(0, 276, 78), metal, "ball")
        + shape(oval(0, 276, 56), stone, "ball")
        + at(motif("moon", lighter(metal, 0.5), lighter(metal, 0.6)), 0, 276, 0.8)
        + line(oval(0, 206, 16), metal, 8)
    )
    return Thing(svg, 480, 720, (0, 240), 2.1, pose="lie", chips=(metal, stone, lighter(metal)))


def ring_(metal: str = "#c9ced1", stone: str = "#3b76a8") -> Thing:
    """A ring in an open box."""
    svg = (
        shape(rect(-220, -400, 440, 230, 24), "#27333d", "flat")
        + shape(rect(-196, -378, 392, 196, 16), "#e8d8bd", "down")
        + shape(rect(-230, -190, 460, 190, 26), "#2f3f4c", "down")
        + shape(oval(0, -186, 200, 44), "#f4ebdd", "flat")
        + shape(oval(0, -184, 110, 20), "#d3bd9b", "deep")
        + line("M-84 -190Q-90 -320 0 -320Q90 -320 84 -190", darker(metal, 0.1), 24)
        + line("M-88 -196Q-92 -322 -2 -324", lighter(metal, 0.6), 7)
        + shape(poly(-40, -330, -24, -362, 24, -362, 40, -330, 0, -284), stone, "flat")
        + shape(poly(-24, -362, 0, -330, 24, -362), lighter(stone, 0.5))
    )
    return Thing(svg, 480, 400, (0, -290), 2.0, chips=(metal, stone, "#27333d"))


def watch(
    case: str = "#c9ced1", dial: str = "#f4ebdd", strap: str = "#7a4426", hand: str = "#27333d"
) -> Thing:
    ticks = "".join(
        line(f"M{n(x)} {n(y)}L{n(x * 0.88)} {n(y * 0.88)}", hand, 7 if i % 3 else 12)
        for i, (x, y) in enumerate(ring(12, 116))
    )
    svg = at(
        shape("M-78 -400H78L92 -110H-92z", strap, "cyl")
        + shape("M-92 110H92L78 400Q0 424 -78 400z", strap, "cyl")
        + "".join(shape(oval(0, y, 9), darker(strap, 0.6)) for y in (240, 290, 340))
        + shape(rect(-92, -410, 184, 40, 10), case, "flat")
        + line(
            "M-78 -380L-90 -120M78 -380L90 -120M-78 380L-90 120M78 380L90 120",
            lighter(strap, 0.3),
            4,
            0.6,
            "9 8",
        )
        + shape(rect(140, -22, 40, 44, 8), darker(case, 0.2), "down")
        + shape(oval(0, 0, 158), case, "ball")
        + shape(oval(0, 0, 136), darker(case, 0.35))
        + shape(oval(0, 0, 130), dial, "flat")
        + ticks
        + line("M0 0L-44 -56", hand, 12)
        + line("M0 0L64 -70", hand, 8)
        + line("M0 20L10 -90", "#b1492b", 4)
        + shape(oval(0, 0, 11), hand),
        0,
        0,
        1,
        18,
    )
    return Thing(svg, 470, 820, (0, 0), 2.1, pose="lie", chips=(case, dial, strap))


def helmet(body: str = "#3f8c6a", strap: str = "#27333d", band: str = "#f4ebdd") -> Thing:
    vents = "".join(
        shape(f"M{x} {y}q{w * 0.5} -26 {w} -8l-10 30q-{w * 0.4} -10 -{w - 14} 6z", darker(body, 0.55), "deep")
        for x, y, w in ((-190, -220, 120), (-40, -290, 130), (110, -240, 110), (-60, -180, 130))
    )
    svg = (
        line("M-150 -60Q-120 60 -40 110M130 -60Q100 60 20 110", strap, 14)
        + shape(rect(-58, 92, 96, 34, 8), strap)
        + shape(
            "M-290 -70Q-300 -350 0 -370Q300 -350 300 -110Q296 -64 250 -70Q120 -110 0 -96Q-180 -84 -290 -70z",
            body,
            "ball",
        )
        + vents
        + line("M-286 -88Q-100 -130 60 -122T296 -104", band, 14)
        + shape("M-300 -70Q-370 -70 -380 -44Q-300 -50 -240 -76z", strap)
    )
    return Thing(at(svg, 0, -120), 680, 500, (-20, -330), 1.7, chips=(body, strap, band))


def umbrella(body: str = "#3b76a8", handle: str = "#7d4630", accent: str = "#f4ebdd") -> Thing:
    """Open, seen from the side."""
    scallops = (
        "M-380 -330Q-330 -650 0 -660Q330 -650 380 -330"
        + "q-60 -60 -126 0q-66 -60 -128 0q-62 -60 -126 0q-64 -60 -126 0q-62 -60 -128 0q-66 -60 -126 0z"
    )
    svg = (
        line("M0 -640V-80Q0 0 60 0Q116 0 112 -50", handle, 20)
        + shape(scallops, body, "ball")
        + line(
            "M0 -656Q-200 -560 -254 -330M0 -656Q-80 -540 -126 -330M0 -656Q80 -540 128 -330M0 -656Q200 -560 254 -330",
            darker(body, 0.25),
            4,
            0.6,
        )
        + line("M-366 -372Q0 -480 366 -372", accent, 12, 0.7)
        + line("M0 -660v-40", handle, 12)
    )
    return Thing(svg, 780, 710, (-120, -460), 1.7, chips=(body, handle, accent))
