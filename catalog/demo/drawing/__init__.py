"""How the demo pictures are drawn: flat shapes, side light from the left, soft grain.

`brush` knows paths, shading and colour; `palettes` knows the colours of a mood; `things_*` draw one
kind of object each, standing on (0, 0) and growing upwards; `scenes` put a thing into a room.
"""
