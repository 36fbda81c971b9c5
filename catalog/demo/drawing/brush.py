"""Paths, colours and shading; every function returns SVG text."""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, pi, sin

INK = "#2a2338"  # shadows are a warm violet, never black
LIGHT = "#fff8ec"

#: Shadings laid over a shape: each is a gradient in the shape's own box, made grainy by a filter.
SHADES = {
    "cyl": '<linearGradient id="cyl"><stop stop-color="#fff" stop-opacity=".05"/><stop offset=".17" stop-color="#fff" '
    'stop-opacity=".38"/><stop offset=".4" stop-color="#fff" stop-opacity="0"/><stop offset=".55" stop-color="{ink}" '
    'stop-opacity="0"/><stop offset="1" stop-color="{ink}" stop-opacity=".5"/></linearGradient>',
    "ball": '<radialGradient id="ball" cx=".34" cy=".28" r=".8"><stop stop-color="#fff" stop-opacity=".42"/>'
    '<stop offset=".42" stop-color="#fff" stop-opacity="0"/><stop offset=".6" stop-color="{ink}" stop-opacity=".04"/>'
    '<stop offset="1" stop-color="{ink}" stop-opacity=".5"/></radialGradient>',
    "down": '<linearGradient id="down" x2="0" y2="1"><stop stop-color="#fff" stop-opacity=".22"/><stop offset=".45" '
    'stop-color="{ink}" stop-opacity="0"/><stop offset="1" stop-color="{ink}" stop-opacity=".36"/></linearGradient>',
    "flat": '<linearGradient id="flat" x2="1" y2="1"><stop stop-color="#fff" stop-opacity=".2"/><stop offset=".5" '
    'stop-color="{ink}" stop-opacity="0"/><stop offset="1" stop-color="{ink}" stop-opacity=".26"/></linearGradient>',
    "side": '<linearGradient id="side"><stop offset=".3" stop-color="{ink}" stop-opacity="0"/>'
    '<stop offset="1" stop-color="{ink}" stop-opacity=".34"/></linearGradient>',
    "deep": '<linearGradient id="deep" x2="0" y2="1"><stop stop-color="{ink}" stop-opacity=".5"/>'
    '<stop offset="1" stop-color="{ink}" stop-opacity=".12"/></linearGradient>',
    "glow": '<radialGradient id="glow"><stop stop-color="#fff3c9" stop-opacity=".95"/><stop offset=".3" '
    'stop-color="#ffe7a3" stop-opacity=".5"/><stop offset="1" stop-color="#ffe7a3" stop-opacity="0"/></radialGradient>',
    "ground": '<radialGradient id="ground"><stop stop-color="{ink}" stop-opacity=".5"/><stop offset=".55" '
    'stop-color="{ink}" stop-opacity=".22"/><stop offset="1" stop-color="{ink}" stop-opacity="0"/></radialGradient>',
}

FILTERS = {
    "gr": '<filter id="gr" x="0" y="0" width="1" height="1"><feTurbulence type="fractalNoise" baseFrequency=".55" '
    'numOctaves="2" seed="7"/><feColorMatrix values="0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 3.4 -.8"/>'
    '<feComposite in="SourceGraphic" operator="in"/></filter>',
    "soft": '<filter id="soft" x="-.3" y="-.3" width="1.6" height="1.6"><feGaussianBlur stdDeviation="16"/></filter>',
    "drop": '<filter id="drop" x="-.2" y="-.2" width="1.5" height="1.5"><feDropShadow dx="16" dy="24" stdDeviation="15" '
    'flood-color="{ink}" flood-opacity=".34"/></filter>',
    "paper": '<filter id="paper" x="0" y="0" width="1" height="1"><feTurbulence type="fractalNoise" baseFrequency=".7" '
    'numOctaves="2" seed="3"/><feColorMatrix values="0 0 0 0 .5 0 0 0 0 .45 0 0 0 0 .4 0 0 0 1.6 -.62"/></filter>',
}


@dataclass(frozen=True, slots=True)
class Thing:
    """One drawn object around (0, 0); `focus` and `zoom` say where a close look is worth it."""

    svg: str
    width: float
    height: float
    focus: tuple[float, float]
    zoom: float = 2.0
    pose: str = "stand"  # stand on a table, lie on a surface, hang from above, float (wall)
    chips: tuple[str, ...] = ()  # material colours shown beside the close look
    lit: bool = False


def n(value: float) -> str:
    """Return a short decimal: at most one place, none for large values."""
    if abs(value) >= 40:
        return str(round(value))
    return f"{value:.1f}".rstrip("0").rstrip(".") if value % 1 else str(int(value))


def mix(a: str, b: str, share: float) -> str:
    """Return colour `a` moved towards `b` by a share of 0 to 1."""
    pairs = zip(_rgb(a), _rgb(b), strict=True)
    return "#" + "".join(f"{round(x + (y - x) * share):02x}" for x, y in pairs)


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def lighter(colour: str, share: float = 0.3) -> str:
    return mix(colour, LIGHT, share)


def darker(colour: str, share: float = 0.25) -> str:
    return mix(colour, INK, share)


def shape(d: str, fill: str, shade: str = "", opacity: float = 1) -> str:
    """Return a filled path with its grainy shading."""
    alpha = f' opacity="{opacity}"' if opacity < 1 else ""
    base = f'<path d="{d}" fill="{fill}"{alpha}/>'
    return base + (f'<path d="{d}" fill="url(#{shade})" filter="url(#gr)"{alpha}/>' if shade else "")


def repeat(name: str, svg: str, moves: list[str]) -> str:
    """Return one drawing in many places; `moves` are SVG transforms."""
    copies = "".join(f'<use href="#{name}" transform="{move}"/>' for move in moves[1:])
    return f'<g transform="{moves[0]}"><g id="{name}">{svg}</g></g>{copies}'


def line(d: str, colour: str, width: float = 4, opacity: float = 1, dash: str = "") -> str:
    extra = (f' opacity="{opacity}"' if opacity < 1 else "") + (f' stroke-dasharray="{dash}"' if dash else "")
    return (
        f'<path d="{d}" fill="none" stroke="{colour}" stroke-width="{n(width)}" '
        f'stroke-linecap="round" stroke-linejoin="round"{extra}/>'
    )


def at(svg: str, x: float = 0, y: float = 0, scale: float = 1, turn: float = 0, flip: bool = False) -> str:
    """Return the drawing moved, scaled and turned (degrees)."""
    parts = [f"translate({n(x)} {n(y)})"] if x or y else []
    parts += [f"rotate({n(turn)})"] if turn else []
    parts += [f"scale({-scale if flip else scale:.3g} {scale:.3g})"] if scale != 1 or flip else []
    return f'<g transform="{" ".join(parts)}">{svg}</g>' if parts else svg


def rect(x: float, y: float, w: float, h: float, r: float = 0) -> str:
    """Return the path of a rectangle with round corners."""
    r = min(r, w / 2, h / 2)
    if not r:
        return f"M{n(x)} {n(y)}h{n(w)}v{n(h)}h{n(-w)}z"
    a = f"a{n(r)} {n(r)} 0 0 1 "
    return (
        f"M{n(x + r)} {n(y)}h{n(w - 2 * r)}{a}{n(r)} {n(r)}v{n(h - 2 * r)}{a}{n(-r)} {n(r)}"
        f"h{n(2 * r - w)}{a}{n(-r)} {n(-r)}v{n(2 * r - h)}{a}{n(r)} {n(-r)}z"
    )


def oval(x: float, y: float, rx: float, ry: float | None = None) -> str:
    """Return the path of an ellipse around (x, y)."""
    ry = rx if ry is None else ry
    arc = f"a{n(rx)} {n(ry)} 0 1 0 "
    return f"M{n(x - rx)} {n(y)}{arc}{n(2 * rx)} 0{arc}{n(-2 * rx)} 0z"


def poly(*points: float) -> str:
    pairs = [f"{n(points[i])} {n(points[i + 1])}" for i in range(0, len(points), 2)]
    return "M" + "L".join(pairs) + "z"


def taper(y0: float, w0: float, y1: float, w1: float, r: float = 0) -> str:
    """Return a symmetric trapezium from (y0, width w0) to (y1, width w1) with a softly rounded foot."""
    return (
        f"M{n(-w0 / 2)} {n(y0)}L{n(-w1 / 2)} {n(y1 - r)}Q{n(-w1 / 2)} {n(y1)} {n(-w1 / 2 + r)} {n(y1)}"
        f"L{n(w1 / 2 - r)} {n(y1)}Q{n(w1 / 2)} {n(y1)} {n(w1 / 2)} {n(y1 - r)}L{n(w0 / 2)} {n(y0)}z"
    )


def disc3(y: float, w: float, h: float, fill: str, shade: str = "") -> str:
    """Return a horizontal disc seen from a little above."""
    return shape(oval(0, y, w / 2, h / 2), fill, shade)


def ring(
    points: int, radius: float, x: float = 0, y: float = 0, start: float = 0
) -> list[tuple[float, float]]:
    return [
        (x + radius * cos(start + 2 * pi * i / points), y + radius * sin(start + 2 * pi * i / points))
        for i in range(points)
    ]


# --- motifs: the small drawings on labels; each fits a box of 100 around (0, 0) -----------------------


def _leaf(x: float, y: float, length: float, turn: float, fill: str) -> str:
    half = length * 0.22
    d = f"M0 0Q{n(half)} {n(-length / 2)} 0 {n(-length)}Q{n(-half)} {n(-length / 2)} 0 0z"
    return f'<path d="{d}" fill="{fill}" transform="translate({n(x)} {n(y)}) rotate({n(turn)})"/>'


def motif(name: str, ink: str, accent: str = "") -> str:
    """Return a small emblem; an unknown name gives a plain dot."""
    accent = accent or ink
    draw = _MOTIFS.get(name)
    return draw(ink, accent) if draw else shape(oval(0, 0, 22), ink)


def _sprig(ink: str, accent: str) -> str:
    leaves = "".join(
        _leaf(0, y, 34, side * 52, ink)
        for y, side in ((30, 1), (30, -1), (8, 1), (8, -1), (-14, 1), (-14, -1))
    )
    return line("M0 48V-30", ink, 4) + leaves + _leaf(0, -24, 30, 0, accent)


def _lavender(ink: str, accent: str) -> str:
    stems = "".join(line(f"M0 50Q{x / 2} 10 {x} -10", ink, 3.5) for x in (-22, 0, 22))
    buds = "".join(
        shape(oval(x + s, -8 - i * 9, 6, 5.5), accent)
        for x in (-22, 0, 22)
        for i in range(4)
        for s in (-5, 5)
    )
    return stems + buds


def _bee(ink: str, accent: str) -> str:
    wings = shape("M-4 -10Q-40 -48 -46 -14Q-40 2 -4 -4z", lighter(accent, 0.6)) + shape(
        "M4 -10Q40 -48 46 -14Q40 2 4 -4z", lighter(accent, 0.6)
    )
    body = shape(oval(0, 12, 17, 30), accent) + line("M-15 2H15M-17 16H17M-12 30H12", ink, 6)
    return wings + body + shape(oval(0, -22, 12, 10), ink)


def _olive(ink: str, accent: str) -> str:
    leaves = "".join(
        _leaf(x, y, 46, t, ink) for x, y, t in ((-8, 4, -70), (8, -8, 62), (-2, -20, -28), (4, -24, 20))
    )
    return (
        line("M-2 44Q6 10 2 -26", ink, 4)
        + leaves
        + shape(oval(-14, 26, 12, 16), accent)
        + shape(oval(20, 18, 12, 16), accent)
    )


def _mountain(ink: str, accent: str) -> str:
    return (
        shape(oval(22, -26, 14), accent)
        + shape(poly(-50, 34, -12, -30, 26, 34), ink)
        + shape(poly(0, 34, 26, -4, 52, 34), mix(ink, accent, 0.45))
    )


def _wave(ink: str, accent: str) -> str:
    row = "q10 -16 20 0t20 0t20 0t20 0"
    return shape(oval(0, -24, 17), accent) + "".join(line(f"M-40 {y}{row}", ink, 5) for y in (8, 24, 40))


def _tide(ink: str, accent: str) -> str:
    arcs = "".join(
        f"M{x} {y}a24 24 0 0 1 48 0M{x + 10} {y}a14 14 0 0 1 28 0"
        for x, y in ((-48, 0), (0, 0), (-24, 26), (-72, 26), (24, 26), (-24, -26))
    )
    return line(arcs, ink, 5)


def _sun(ink: str, accent: str) -> str:
    rays = "".join(line(f"M{n(x)} {n(y)}L{n(x * 1.45)} {n(y * 1.45)}", ink, 5) for x, y in ring(12, 32))
    return shape(oval(0, 0, 22), accent) + rays


def _flower(ink: str, accent: str) -> str:
    petals = "".join(_leaf(0, 0, 44, t, ink) for t in range(0, 360, 45))
    return petals + shape(oval(0, 0, 12), accent)


def _drop(ink: str, accent: str) -> str:
    return shape("M0 -46Q36 2 26 24Q14 46 0 46Q-14 46 -26 24Q-36 2 0 -46z", ink) + line(
        "M-12 18Q-10 30 2 33", accent, 5
    )


def _bird(ink: str, accent: str) -> str:
    return (
        shape("M-46 6Q-20 -26 10 -16Q24 -38 40 -24L52 -18L40 -14Q34 26 -6 30Q-22 32 -30 20L-52 30z", ink)
        + shape("M-14 -2Q8 -10 20 4Q6 22 -14 14z", accent)
        + shape(oval(34, -20, 3), LIGHT)
    )


def _moon(ink: str, accent: str) -> str:
    return shape("M12 -42A42 42 0 1 0 38 22A34 34 0 0 1 12 -42z", accent) + shape(oval(26, -14, 5), ink)


def _cocoa(ink: str, accent: str) -> str:
    return shape("M0 -48Q32 -20 24 16Q14 46 0 48Q-14 46 -24 16Q-32 -20 0 -48z", accent) + line(
        "M0 -44V44M-12 -30Q-20 4 -8 38M12 -30Q20 4 8 38", ink, 4
    )


def _bean(ink: str, accent: str) -> str:
    one = shape(oval(0, 0, 20, 28), ink) + line("M2 -24Q-8 -6 2 4Q8 14 -2 24", accent, 4)
    return at(one, -16, 8, 1, 24) + at(one, 20, -8, 0.9, -30)


def _star(ink: str, accent: str) -> str:
    pts = [
        c
        for i, (x, y) in enumerate(ring(16, 44, start=-pi / 2))
        for c in ((x, y) if i % 2 == 0 else (x * 0.45, y * 0.45))
    ]
    return shape(poly(*pts), accent) + shape(oval(0, 0, 7), ink)


def _tea(ink: str, accent: str) -> str:
    return (
        _leaf(0, 40, 84, 0, accent)
        + _leaf(0, 34, 64, -46, ink)
        + _leaf(0, 34, 64, 46, ink)
        + line("M0 48V0", ink, 3)
    )


def _fish(ink: str, accent: str) -> str:
    return shape("M-48 0Q-10 -34 24 0L48 -20V20L24 0Q-10 34 -48 0z", ink) + shape(oval(-26, -4, 4), accent)


def _wheat(ink: str, accent: str) -> str:
    grains = "".join(_leaf(0, 14 - i * 16, 26, side * 36, accent) for i in range(4) for side in (1, -1))
    return line("M0 50V-40", ink, 4) + grains + _leaf(0, -42, 22, 0, accent)


def _tomato(ink: str, accent: str) -> str:
    return shape(oval(0, 8, 36, 32), accent) + "".join(_leaf(0, -20, 26, t, ink) for t in (-80, -40, 40, 80))


def _fig(ink: str, accent: str) -> str:
    return shape("M0 -46Q8 -24 26 -4Q42 40 0 44Q-42 40 -26 -4Q-8 -24 0 -46z", accent) + line(
        "M0 -30Q2 6 0 40M-12 -10Q-20 14 -12 34M12 -10Q20 14 12 34", ink, 3
    )


def _crane(ink: str, accent: str) -> str:
    return shape(poly(-50, -6, -8, 6, 8, -40, 20, 4, 50, 26, 6, 30, -6, 44, -12, 22), ink) + shape(
        poly(-8, 6, 8, -40, 20, 4, 6, 30), accent
    )


def _bolt(ink: str, accent: str) -> str:
    return shape(poly(8, -46, -26, 8, -2, 8, -8, 46, 26, -12, 2, -12), accent)


_MOTIFS = {
    "sprig": _sprig,
    "lavender": _lavender,
    "bee": _bee,
    "olive": _olive,
    "mountain": _mountain,
    "wave": _wave,
    "tide": _tide,
    "sun": _sun,
    "flower": _flower,
    "drop": _drop,
    "bird": _bird,
    "moon": _moon,
    "cocoa": _cocoa,
    "bean": _bean,
    "star": _star,
    "tea": _tea,
    "fish": _fish,
    "wheat": _wheat,
    "tomato": _tomato,
    "fig": _fig,
    "crane": _crane,
    "bolt": _bolt,
}
