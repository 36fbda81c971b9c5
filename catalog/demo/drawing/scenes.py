"""Put a thing into a picture: alone before a backdrop, seen closely, and in use in a room."""

from __future__ import annotations

import re

from catalog.demo.drawing import things_pantry as pantry
from catalog.demo.drawing.brush import (
    FILTERS,
    INK,
    LIGHT,
    SHADES,
    Thing,
    at,
    darker,
    lighter,
    line,
    mix,
    n,
    oval,
    poly,
    rect,
    repeat,
    shape,
)
from catalog.demo.drawing.palettes import Palette

SIZE = 1200
CAST = (
    '<filter id="cast" x="-.4" y="-.3" width="2" height="1.8"><feColorMatrix values="0 0 0 0 .16 0 0 0 0 .14 0 0 0 0 .22 '
    '0 0 0 .34 0"/><feGaussianBlur stdDeviation="9"/></filter>'
)


def finish(body: str, things: str = "", grain: float = 1) -> str:
    """Return a whole SVG file with exactly the shadings and filters that its body names.

    `grain` makes the grain finer where the thing is drawn larger, so that it stays the paper's.
    """
    text = things + body
    used = set(re.findall(r"url\(#(\w+)\)", text)) | {"paper"}
    defs = [SHADES[k].replace("{ink}", INK) for k in SHADES if k in used]
    defs += [FILTERS[k].replace("{ink}", INK) for k in FILTERS if k in used] + (
        [CAST] if "cast" in used else []
    )
    defs = [d.replace('".55"', f'"{0.55 * grain:.2f}"') if 'id="gr"' in d else d for d in defs]
    paper = f'<rect width="{SIZE}" height="{SIZE}" filter="url(#paper)" opacity=".4"/>'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIZE} {SIZE}" width="{SIZE}" height="{SIZE}">'
        + _once(f"<defs>{''.join(defs)}{things}</defs>{body}{paper}</svg>\n")
    )


def _once(svg: str) -> str:
    """Return the drawing with each shaded path written once and used twice."""
    count = iter(range(10_000))

    def shared(match: re.Match[str]) -> str:
        d, fill, alpha, shade = match.groups()
        name = f"p{next(count)}"
        drawn = f'<g fill="{fill}"{alpha}><path id="{name}" d="{d}"/></g>'
        return f'{drawn}<use href="#{name}" fill="url(#{shade})" filter="url(#gr)"{alpha}/>'

    return _SHADED.sub(shared, svg)


_SHADED = re.compile(
    r'<path d="([^"]{60,})" fill="(#\w+)"((?: opacity="[^"]+")?)/><path d="\1" fill="url\(#(\w+)\)" filter="url\(#gr\)"\3/>'
)


def _room(p: Palette, horizon: float = 820) -> str:
    wall = shape(rect(0, 0, SIZE, horizon), p.wall) + (
        f'<path d="{rect(0, 0, SIZE, horizon)}" fill="url(#flat)" opacity=".55"/>'
    )
    table = shape(rect(0, horizon, SIZE, SIZE - horizon), p.table) + (
        f'<path d="{rect(0, horizon, SIZE, SIZE - horizon)}" fill="url(#flat)" opacity=".8"/>'
    )
    return wall + table + line(f"M0 {n(horizon)}H{SIZE}", lighter(p.table, 0.55), 4, 0.8)


def _surface(p: Palette) -> str:
    full = rect(0, 0, SIZE, SIZE)
    return shape(full, p.wall) + f'<path d="{full}" fill="url(#flat)" opacity=".7"/>'


def backdrop(kind: str, p: Palette, horizon: float = 820) -> str:
    if kind == "arch":
        return shape(f"M270 {n(horizon)}V500A330 330 0 0 1 930 500V{n(horizon)}z", p.shape, "flat")
    if kind == "disc":
        return shape(oval(640, 460, 340), p.shape, "flat")
    if kind == "panel":
        return shape(rect(300, 110, 600, horizon - 110, 18), p.shape, "flat")
    if kind == "beam":
        return shape(poly(120, 0, 560, 0, 1010, horizon, 500, horizon), lighter(p.wall, 0.55), opacity=0.75)
    if kind == "hill":
        return shape(f"M0 {n(horizon)}Q260 470 620 640T1200 520V{n(horizon)}z", p.shape, "flat")
    return ""


def place(x: float, y: float, scale: float, thing: Thing, *, ref: str = "t") -> str:
    """Return the thing with the shadow that suits how it is held."""
    move = f"translate({n(x)} {n(y)}) scale({scale:.3g})"
    use = f'<use href="#{ref}" transform="{move}"/>'
    if thing.pose == "stand":
        cast = f'<use href="#{ref}" transform="translate({n(x)} {n(y)}) scale({scale:.3g}) matrix(1 0 -.9 .2 0 0)" filter="url(#cast)"/>'
        w = thing.width * scale
        ground = f'<path d="{oval(x + w * 0.05, y, w * 0.56, w * 0.07)}" fill="url(#ground)"/>'
        return cast + ground + use
    return f'<g filter="url(#drop)">{use}</g>'


def _defs(thing: Thing) -> str:
    return f'<g id="t">{thing.svg}</g>'


def front(thing: Thing, p: Palette, kind: str = "arch") -> str:
    """Return the first picture: the whole thing, alone."""
    if thing.pose == "stand":
        scale = min(640 / thing.height, 720 / thing.width)
        y = 960 if thing.height * scale > 380 else 930
        return finish(_room(p) + backdrop(kind, p) + place(585, y, scale, thing), _defs(thing))
    scale = min(860 / thing.height, 880 / thing.width)
    if thing.pose == "hang":
        hook = min(scale, 820 / thing.height)
        return finish(_surface(p) + backdrop("panel", p, 1090) + place(600, 190, hook, thing), _defs(thing))
    back = (
        shape(oval(600, 600, 470), p.shape, "flat")
        if kind in ("disc", "arch")
        else shape(poly(0, 760, 1200, 420, 1200, 1200, 0, 1200), p.shape, "flat")
    )
    return finish(_surface(p) + back + place(600, 600, scale, thing), _defs(thing))


def detail(thing: Thing, p: Palette) -> str:
    """Return the close look, with the materials' colours beside it."""
    whole = (
        min(640 / thing.height, 720 / thing.width)
        if thing.pose == "stand"
        else 860 / max(thing.height, thing.width)
    )
    scale = whole * thing.zoom
    x, y = 640 - thing.focus[0] * scale, 570 - thing.focus[1] * scale
    back = (
        shape(rect(0, 0, SIZE, SIZE), mix(p.shape, p.wall, 0.2))
        + shape(poly(0, 0, 700, 0, 300, 1200, 0, 1200), p.wall)
        + f'<path d="{rect(0, 0, SIZE, SIZE)}" fill="url(#flat)" opacity=".5"/>'
    )
    use = f'<use href="#t" transform="translate({n(x)} {n(y)}) scale({scale:.3g})"/>'
    chips = "".join(
        shape(oval(130, 1070 - i * 118, 52), LIGHT) + shape(oval(130, 1070 - i * 118, 44), colour, "ball")
        for i, colour in enumerate(reversed(thing.chips))
    )
    svg = back + f'<g filter="url(#drop)">{use}</g><g filter="url(#drop)">{chips}</g>'
    return finish(svg, _defs(thing), grain=max(1, scale))


# --- rooms for the picture in use ---------------------------------------------------------------------


def _window(x: float, y: float, w: float, h: float, p: Palette, sky: str = "#cfe4ee") -> str:
    bars = line(f"M{n(x + w / 2)} {n(y)}v{n(h)}M{n(x)} {n(y + h * 0.45)}h{n(w)}", LIGHT, 14)
    hills = shape(
        f"M{n(x)} {n(y + h)}V{n(y + h * 0.72)}q{n(w * 0.3)} {n(-h * 0.2)} {n(w * 0.55)} {n(-h * 0.04)}t{n(w * 0.45)} {n(-h * 0.06)}V{n(y + h)}z",
        mix("#9fb98a", p.wall, 0.35),
    )
    return (
        shape(rect(x - 18, y - 18, w + 36, h + 36, 6), LIGHT, "flat")
        + shape(rect(x, y, w, h), sky)
        + shape(oval(x + w * 0.7, y + h * 0.24, w * 0.12), "#fff3cf")
        + hills
        + bars
        + shape(rect(x - 40, y + h + 14, w + 80, 26, 4), LIGHT, "down")
    )


def _sunlight(p: Palette) -> str:
    glow = lighter(p.wall, 0.6)
    return shape(poly(470, 120, 760, 60, 900, 470, 610, 560), glow, opacity=0.6) + shape(
        poly(800, 52, 1040, 2, 1180, 380, 940, 458), glow, opacity=0.6
    )


def plant(p: Palette, pot: str = "", tall: float = 1) -> str:
    leaf = mix("#4f7d4e", p.deep, 0.15)
    blade = (
        '<g id="lf"><path d="M0 0Q30 -50 0 -100Q-30 -50 0 0z"/>'
        f'<path d="M0 0Q30 -50 0 -100Q6 -50 0 0z" fill="{INK}" opacity=".2"/></g>'
    )
    parts = f"<defs>{blade}</defs>"
    for i, turn in enumerate((-68, 62, -40, 38, -14, 16, -88, 84)):
        size, tone = 2.1 * tall * (1 - 0.06 * i), lighter(leaf, 0.14 * (i % 3))
        parts += (
            f'<use href="#lf" fill="{tone}" transform="translate(0 -120) rotate({turn}) scale({size:.2f})"/>'
        )
    return (
        parts
        + shape("M-86 -140H86L66 0H-66z", pot or p.accent, "cyl")
        + shape(rect(-94, -162, 188, 38, 8), pot or p.accent, "cyl")
    )


def books(p: Palette, lying: bool = True) -> str:
    tones = (p.accent, lighter(p.deep, 0.25), lighter(p.table, 0.35))
    if lying:
        return "".join(
            shape(rect(-130 + i * 12, -44 * (i + 1), 260 - i * 22, 44, 5), c, "down")
            + shape(rect(118 - i * 10, -44 * (i + 1) + 7, 8, 30), LIGHT)
            for i, c in enumerate(tones)
        )
    return "".join(
        shape(rect(-110 + i * 58, -(250 + 26 * (i % 3)), 52, 250 + 26 * (i % 3), 4), c, "cyl")
        + line(f"M{-98 + i * 58} -{200 + 20 * (i % 3)}h28", LIGHT, 5, 0.7)
        for i, c in enumerate((*tones, lighter(p.accent, 0.4)))
    )


def frame(p: Palette, x: float, y: float, w: float, h: float) -> str:
    return (
        shape(rect(x, y, w, h, 4), darker(p.table, 0.3), "flat")
        + shape(rect(x + 14, y + 14, w - 28, h - 28), LIGHT)
        + shape(oval(x + w * 0.6, y + h * 0.38, w * 0.14), p.accent)
        + shape(
            f"M{n(x + 14)} {n(y + h - 14)}V{n(y + h * 0.7)}Q{n(x + w * 0.35)} {n(y + h * 0.4)} {n(x + w * 0.6)} {n(y + h * 0.66)}T{n(x + w - 14)} {n(y + h * 0.6)}V{n(y + h - 14)}z",
            p.deep,
            opacity=0.75,
        )
    )


def _shadow(x: float, y: float, w: float) -> str:
    return f'<path d="{oval(x + w * 0.06, y, w * 0.6, w * 0.09)}" fill="url(#ground)"/>'


def _tiles(p: Palette) -> str:
    rows = "".join(f"M0 {y}H1200" for y in range(90, 800, 120))
    joints = "".join(
        f"M{x} {y}v120"
        for i, y in enumerate(range(-30, 720, 120))
        for x in range(60 + (i % 2) * 100, 1200, 200)
    )
    return line(rows + joints, LIGHT, 5, 0.55)


def kitchen(thing: Thing, p: Palette) -> str:
    shelf = shape(rect(60, 300, 470, 26, 4), darker(p.table, 0.15), "down") + _shadow(300, 330, 420)
    crocks = (
        at(
            pantry.jar(
                body=lighter(p.accent, 0.4), lid=p.deep, emblem="wheat", ink=p.deep, accent=p.accent
            ).svg,
            150,
            300,
            0.36,
        )
        + shape("M222 206Q224 300 270 300H310Q356 300 358 206z", lighter(p.shape, 0.4), "cyl")
        + shape(oval(290, 206, 68, 13), p.deep)
        + at(plant(p, lighter(p.wall, 0.5), 0.9), 440, 300, 0.62)
    )
    wood = f'<g transform="translate(390 985) scale(1 .36)">{pantry.board(w=560, h=420).svg}</g>'
    fruit = (
        _shadow(250, 1010, 120)
        + _shadow(370, 1050, 110)
        + repeat("m2", pantry.lemon(), ["translate(250 1010) scale(.95)", "translate(370 1050) scale(.82)"])
    )
    scale = min(500 / thing.height, 520 / thing.width)
    return finish(
        _room(p, 760)
        + _tiles(p)
        + _window(700, 110, 360, 380, p)
        + shelf
        + crocks
        + wood
        + fruit
        + place(760, 990, scale, thing),
        _defs(thing),
    )


def breakfast(thing: Thing, p: Palette) -> str:
    cloth = shape("M0 860Q420 800 760 850L1010 1200H0z", LIGHT, "flat", 0.85) + "".join(
        line(f"M{x} {850 + abs(x - 400) // 12}L{x * 1.25 - 60:.0f} 1200", p.accent, 6, 0.35)
        for x in (60, 170, 280, 390, 500, 610, 720)
    )
    scale = min(480 / thing.height, 500 / thing.width)
    mug = pantry.cup(body=lighter(p.shape, 0.3), handle=True, band=p.accent, tea="#5b3a22")
    props = (
        _shadow(290, 1010, 420)
        + at(pantry.toast(), 290, 1020, 0.92)
        + _shadow(960, 1080, 210)
        + at(mug.svg, 960, 1090, 0.72)
    )
    return finish(
        _room(p, 770)
        + _window(130, 110, 400, 420, p)
        + _sunlight(p)
        + cloth
        + place(660, 930, scale, thing)
        + props,
        _defs(thing),
    )


def tearoom(thing: Thing, p: Palette) -> str:
    slats = "".join(line(f"M{x} 60V640", darker(p.wall, 0.1), 6, 0.6) for x in range(110, 640, 88)) + line(
        "M80 60H660V640H80zM80 250H660M80 450H660", darker(p.wall, 0.22), 9, 0.7
    )
    branch = line("M1200 130Q980 150 860 300M1040 160Q1000 240 1010 300", p.deep, 11, 0.8) + "".join(
        shape(oval(x, y, 26, 22), c, "ball")
        for x, y, c in (
            (862, 300, p.accent),
            (905, 250, lighter(p.accent, 0.4)),
            (1010, 306, p.accent),
            (960, 205, lighter(p.accent, 0.5)),
            (1065, 180, p.accent),
            (1120, 128, lighter(p.accent, 0.4)),
        )
    )
    tray = shape(oval(560, 985, 470, 92), darker(p.deep, 0.05)) + shape(
        oval(560, 972, 470, 92), lighter(p.deep, 0.15), "flat"
    )
    cups = at(pantry.cup(body=LIGHT, tea="#c8a24a").svg, 290, 1000, 0.46) + at(
        pantry.cup(body=LIGHT, tea="#c8a24a").svg, 400, 1040, 0.46
    )
    scale = min(470 / thing.height, 480 / thing.width)
    return finish(
        _room(p, 760)
        + slats
        + branch
        + _shadow(560, 1040, 900)
        + tray
        + place(660, 985, scale, thing)
        + cups,
        _defs(thing),
    )


def bath(thing: Thing, p: Palette) -> str:
    towels = "".join(
        shape(rect(-170, -70 * (i + 1), 340, 72, 34), c, "down")
        + line(f"M-120 {-70 * i - 36}h230", darker(c, 0.2), 3, 0.5)
        for i, c in enumerate((p.shape, LIGHT, lighter(p.accent, 0.45)))
    )
    mirror = (
        shape(oval(860, 330, 210, 250), lighter(p.deep, 0.5))
        + shape(oval(860, 330, 194, 234), mix(p.wall, "#ffffff", 0.55), "flat")
        + shape(poly(760, 300, 900, 140, 940, 170, 790, 360), "#ffffff", opacity=0.4)
    )
    basin = shape("M0 1050Q600 1000 1200 1050V1200H0z", LIGHT, "down")
    scale = min(470 / thing.height, 480 / thing.width)
    return finish(
        _room(p, 800)
        + _tiles(p)
        + mirror
        + basin
        + _shadow(270, 960, 340)
        + at(towels, 270, 965)
        + at(plant(p, p.accent, 0.8), 270, 755, 0.62)
        + place(720, 990, scale, thing),
        _defs(thing),
    )


def desk(thing: Thing, p: Palette) -> str:
    pens = "".join(
        at(
            shape(rect(-9, -230, 18, 230, 5), c, "cyl") + shape(poly(-9, -230, 9, -230, 0, -262), LIGHT),
            x,
            -120,
            1,
            t,
        )
        for x, t, c in ((-30, -12, p.accent), (4, 2, p.deep), (34, 14, lighter(p.accent, 0.5)))
    )
    mugful = pens + shape("M-76 -190H76L66 0H-66z", lighter(p.deep, 0.25), "cyl")
    sheet = at(
        shape(rect(-190, -130, 380, 260, 6), LIGHT, "flat")
        + "".join(
            line(f"M-150 {y}h{w}", p.deep, 5, 0.25) for y, w in ((-80, 260), (-40, 300), (0, 220), (40, 280))
        ),
        420,
        1060,
        1,
        -9,
    )
    scale = min(520 / thing.height, 560 / thing.width)
    return finish(
        _room(p, 780)
        + _window(110, 100, 380, 440, p)
        + _sunlight(p)
        + frame(p, 850, 150, 210, 270)
        + f'<g filter="url(#drop)">{sheet}</g>'
        + _shadow(190, 900, 260)
        + at(books(p), 190, 910)
        + _shadow(1050, 930, 150)
        + at(mugful, 1050, 940)
        + place(690, 980, scale, thing),
        _defs(thing),
    )


def living(thing: Thing, p: Palette) -> str:
    """A corner of a living room; big things stand on the floor."""
    boards = "".join(
        line(f"M{x} 880L{x + (x - 600) * 0.7:.0f} 1200", darker(p.table, 0.2), 4, 0.45)
        for x in range(0, 1260, 150)
    )
    rug = shape(oval(620, 1060, 480, 96), p.shape, "flat") + line(oval(620, 1060, 440, 82), p.accent, 6, 0.5)
    scale = min(700 / thing.height, 620 / thing.width)
    return finish(
        _room(p, 880)
        + boards
        + frame(p, 120, 170, 260, 330)
        + _window(780, 130, 300, 420, p)
        + rug
        + _shadow(170, 960, 200)
        + at(plant(p, "", 1.5), 170, 965, 1.05)
        + place(640, 1050, scale, thing),
        _defs(thing),
    )


def sideboard(thing: Thing, p: Palette) -> str:
    """Small things on a chest, pictures above."""
    wood = darker(p.table, 0.18)
    chest = (
        shape(rect(90, 860, 1020, 44, 8), lighter(wood, 0.2), "down")
        + shape(rect(120, 904, 960, 300), wood, "side")
        + line("M440 904V1200M760 904V1200", darker(wood, 0.35), 6, 0.6)
        + "".join(shape(oval(x, 1010, 17), p.accent, "ball") for x in (410, 470, 730, 790))
    )
    scale = min(540 / thing.height, 560 / thing.width)
    glow = f'<path d="{oval(640, 500, 520)}" fill="url(#glow)"/>' if thing.lit else ""
    return finish(
        shape(rect(0, 0, SIZE, SIZE), p.wall)
        + f'<path d="{rect(0, 0, SIZE, SIZE)}" fill="url(#flat)" opacity=".7"/>'
        + frame(p, 130, 190, 230, 300)
        + frame(p, 400, 130, 180, 230)
        + glow
        + chest
        + _shadow(260, 862, 240)
        + at(books(p, lying=False), 250, 862, 0.95)
        + _shadow(980, 864, 180)
        + at(plant(p, "", 1.1), 985, 864, 0.9)
        + place(660, 872, scale, thing),
        _defs(thing),
    )


def evening(thing: Thing, p: Palette) -> str:
    """A dark room that the thing lights up."""
    wall, wood = mix(p.deep, "#1b2036", 0.35), mix(p.deep, "#141420", 0.25)
    scale = min(660 / thing.height, 620 / thing.width)
    top = 560 if thing.pose != "hang" else 480
    glow = f'<path d="{oval(620, top, 620, 560)}" fill="url(#glow)" opacity=".8"/>'
    stars = "".join(
        shape(oval(x, y, 3), "#fff3cf")
        for x, y in ((170, 210), (250, 150), (300, 290), (205, 330), (360, 190))
    )
    night = (
        shape(rect(110, 110, 300, 380, 4), "#131a30")
        + stars
        + shape("M330 170a36 36 0 1 0 30 58a30 30 0 0 1 -30 -58z", "#f6e7b8")
        + line("M260 110V490M110 290H410", lighter(wall, 0.18), 12)
        + line(rect(110, 110, 300, 380, 4), lighter(wall, 0.18), 16)
    )
    table = shape(rect(0, 900, SIZE, 300), wood) + shape(rect(0, 900, SIZE, 8), lighter(wood, 0.3))
    body = (
        shape(rect(0, 0, SIZE, SIZE), wall)
        + night
        + glow
        + table
        + f'<path d="{oval(620, 1000, 560, 120)}" fill="url(#glow)" opacity=".5"/>'
    )
    if thing.pose == "hang":
        return finish(
            body
            + at(books(p), 360, 990)
            + at(pantry.bowl(body=lighter(p.wall), ink=p.accent).svg, 720, 1010, 0.6)
            + f'<use href="#t" transform="translate(640 0) scale({min(scale, 620 / thing.height):.3g})"/>',
            _defs(thing),
        )
    return finish(
        body
        + at(books(p), 240, 985)
        + at(pantry.cup(body=lighter(p.wall), handle=True, band=p.accent).svg, 960, 1010, 0.55)
        + place(620, 990, scale, thing),
        _defs(thing),
    )


def hall(thing: Thing, p: Palette) -> str:
    """A row of pegs; garments and bags hang, shoes stand below."""
    rail = shape(rect(130, 210, 940, 46, 10), darker(p.table, 0.12), "down") + "".join(
        shape(rect(x - 11, 222, 22, 54, 11), p.deep, "cyl") for x in (250, 600, 950)
    )
    bench = (
        shape(rect(80, 1010, 1040, 36, 8), darker(p.table, 0.1), "down")
        + shape(rect(140, 1046, 36, 154), darker(p.table, 0.3))
        + shape(rect(1024, 1046, 36, 154), darker(p.table, 0.3))
    )
    panel = "".join(line(f"M{x} 0V1200", darker(p.wall, 0.07), 4, 0.7) for x in range(75, 1200, 150))
    scarf = at(
        shape("M-46 0Q-60 240 -40 460L14 452Q0 220 10 0z", p.accent, "side")
        + shape("M-6 0Q20 200 6 380L58 374Q70 180 46 0z", lighter(p.accent, 0.15), "side"),
        250,
        262,
    )
    hat = at(
        shape(oval(0, 60, 110, 34), darker(p.shape, 0.25), "flat")
        + shape("M-62 58Q-66 -50 0 -50Q66 -50 62 58z", darker(p.shape, 0.2), "ball")
        + line("M-62 38Q0 60 62 38", p.deep, 14),
        950,
        290,
    )
    room = (
        shape(rect(0, 0, SIZE, SIZE), p.wall)
        + f'<path d="{rect(0, 0, SIZE, SIZE)}" fill="url(#flat)" opacity=".7"/>'
        + panel
        + rail
        + scarf
        + hat
        + bench
    )
    if thing.pose == "stand":
        scale = min(420 / thing.height, 620 / thing.width)
        return finish(room + place(600, 1014, scale, thing), _defs(thing))
    if thing.pose == "hang":
        scale = min(700 / thing.height, 560 / thing.width)
        return finish(room + place(600, 262, scale, thing), _defs(thing))
    scale = min(440 / thing.height, 520 / thing.width)
    return finish(room + place(620, 640, scale, thing), _defs(thing))


def nursery(thing: Thing, p: Palette) -> str:
    flags = line("M0 90Q600 260 1200 70", p.deep, 5, 0.6) + "".join(
        shape(poly(x, y, x + 74, y + 4, x + 32, y + 92), c, "flat")
        for x, y, c in (
            (60, 112, p.accent),
            (230, 146, lighter(p.accent, 0.5)),
            (420, 168, lighter(p.deep, 0.4)),
            (620, 168, p.accent),
            (810, 142, lighter(p.accent, 0.5)),
            (990, 106, lighter(p.deep, 0.4)),
        )
    )
    hills = shape("M0 880V640Q200 500 420 620T860 590T1200 620V880z", p.shape, "flat") + shape(
        oval(960, 400, 80), lighter(p.accent, 0.55)
    )
    rug = shape(oval(600, 1050, 500, 116), lighter(p.wall, 0.5), "flat") + line(
        oval(600, 1050, 460, 100), p.accent, 8, 0.55, "2 26"
    )
    box = shape(rect(70, 760, 220, 180, 12), lighter(p.accent, 0.35), "down") + shape(
        oval(180, 850, 34), LIGHT
    )
    scale = min(470 / thing.height, 640 / thing.width)
    return finish(
        _room(p, 860)
        + hills
        + flags
        + box
        + rug
        + _shadow(1010, 960, 150)
        + at(plant(p, lighter(p.deep, 0.4), 0.9), 1040, 930, 0.8)
        + place(600, 1040, scale, thing),
        _defs(thing),
    )


def garden(thing: Thing, p: Palette) -> str:
    sky = shape(rect(0, 0, SIZE, 800), mix("#cfe6f0", p.wall, 0.3)) + shape(oval(930, 220, 90), "#fff1c4")
    fence = "".join(
        shape(poly(x, 460, x + 34, 420, x + 68, 460, x + 68, 800, x, 800), lighter(p.wall, 0.5), "flat")
        for x in range(-10, 1200, 92)
    ) + shape(rect(0, 540, 1200, 26), lighter(p.wall, 0.35), "down")
    grass = shape("M0 780Q300 740 640 780T1200 760V1200H0z", "#8fae6b", "flat") + "".join(
        line(f"M{x} {y}q6 -40 {d} -60", "#6f9150", 6, 0.8)
        for x, y, d in (
            (60, 860, 18),
            (140, 1000, -14),
            (1080, 900, 16),
            (1150, 1030, -12),
            (980, 1120, 14),
            (300, 1130, 18),
            (440, 860, -14),
        )
    )
    blooms = "".join(
        line(f"M{x} {y}v-120", "#5e8044", 7)
        + shape(oval(x, y - 130, 30), c, "ball")
        + shape(oval(x, y - 130, 10), "#f3d37a")
        for x, y, c in (
            (110, 800, p.accent),
            (190, 830, lighter(p.accent, 0.4)),
            (1010, 800, p.accent),
            (1100, 830, lighter(p.accent, 0.45)),
        )
    )
    scale = min(540 / thing.height, 620 / thing.width)
    if thing.pose == "lie":  # what flies
        return finish(sky + fence + grass + blooms + place(520, 420, scale, thing), _defs(thing))
    return finish(sky + fence + grass + blooms + place(600, 1010, scale, thing), _defs(thing))


def street(thing: Thing, p: Palette) -> str:
    bricks = [(x, y) for i, y in enumerate(range(20, 700, 72)) for x in range(-80 + (i % 2) * 79, 1200, 158)]
    rows = "".join(
        shape(
            "".join(f"M{x} {y}h148v62h-148z" for x, y in bricks if (x // 79 + y // 72 * 2) % 3 == tone),
            mix("#b5694a", p.wall, 0.42 + 0.09 * tone),
        )
        for tone in range(3)
    )
    pavement = (
        shape(rect(0, 840, SIZE, 360), lighter(p.deep, 0.62))
        + shape(rect(0, 828, SIZE, 20), lighter(p.deep, 0.75))
        + "".join(
            line(f"M{x} 848L{x + (x - 600) * 0.6:.0f} 1200", lighter(p.deep, 0.45), 4, 0.6)
            for x in range(60, 1200, 216)
        )
    )
    low = shape(rect(0, 690, SIZE, 140), lighter(p.wall, 0.25), "down")
    scale = min(600 / thing.height, 760 / thing.width)
    return finish(
        shape(rect(0, 0, SIZE, SIZE), p.wall) + rows + low + pavement + place(600, 1020, scale, thing),
        _defs(thing),
    )


def tabletop(thing: Thing, p: Palette) -> str:
    """Seen from above: the thing among what belongs to it."""
    wood = mix(p.table, p.wall, 0.25)
    planks = "".join(
        line(f"M0 {y}Q600 {y + d} 1200 {y}", darker(wood, 0.2), 4, 0.45)
        for y, d in ((190, 14), (430, -10), (690, 12), (950, -12))
    )
    leaves = "".join(
        at(shape("M0 0Q46 -70 0 -150Q-46 -70 0 0z", mix("#5f8a55", p.deep, 0.2), "side"), x, y, 1, t)
        for x, y, t in (
            (170, 260, 130),
            (230, 190, 100),
            (150, 200, 160),
            (1050, 1010, -50),
            (990, 1070, -80),
            (1080, 1080, -20),
        )
    )
    drink = (
        shape(oval(1010, 210, 150), LIGHT, "ball")
        + shape(oval(1010, 210, 118), "#6b4a2f", "flat")
        + shape(oval(980, 180, 30, 18), "#c9a27a", opacity=0.6)
    )
    linen = at(
        shape(rect(-230, -160, 460, 320, 8), lighter(p.shape, 0.35), "flat")
        + line("M-200 -130H200M-200 130H200", p.accent, 7, 0.5),
        220,
        990,
        1,
        16,
    )
    scale = 720 / max(thing.height, thing.width)
    full = rect(0, 0, SIZE, SIZE)
    scene = (
        shape(full, wood)
        + f'<path d="{full}" fill="url(#flat)" opacity=".7"/>'
        + planks
        + f'<g filter="url(#drop)">{linen}</g><g filter="url(#drop)">{drink}</g><g filter="url(#drop)">{leaves}</g>'
    )
    lying = Thing(thing.svg, thing.width, thing.height, thing.focus, pose="lie")
    y = 610 if thing.pose != "stand" else 600 + thing.height * scale / 2
    return finish(scene + place(610, y, scale, lying), _defs(thing))


ROOMS = {
    f.__name__: f
    for f in (
        kitchen,
        breakfast,
        tearoom,
        bath,
        desk,
        living,
        sideboard,
        evening,
        hall,
        nursery,
        garden,
        street,
        tabletop,
    )
}
