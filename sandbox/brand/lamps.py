"""The four lamps that Quillmoor sells."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Lamp:
    key: str
    name: str
    price: int  # USD
    short: str
    story: tuple[str, ...]
    figures: dict[str, str]


LAMPS = (
    Lamp(
        "heron",
        "Heron desk lamp",
        149,
        "A desk lamp with a long, balanced arm that stays wherever you leave it.",
        (
            (
                "The Heron is our first lamp and still the one we sell most. Its arm is balanced by a counterweight "
                "instead of springs, so it never sags, never squeaks and has nothing in it that wears out."
            ),
            (
                "It lights a whole desk from the edge and leaves the middle free for your work. People who draw like "
                "it because the shade turns all the way round and throws no shadow of the hand."
            ),
            ("The Heron comes with a table clamp and a round foot, and you can change from one to the other in a minute."),
        ),
        {"Reach": "72 cm", "Light": "620 lumen, dimmable", "Weight": "2.1 kg", "Colours": "moss, cream, ink"},
    ),
    Lamp(
        "wren",
        "Wren clip lamp",
        59,
        "A small clip lamp for the shelf, the headboard or the music stand.",
        (
            (
                "The Wren holds on to anything up to four centimetres thick and lets go without leaving a mark. Its "
                "shade keeps the light on the page and out of the eyes of whoever sits beside you."
            ),
            (
                "It runs from any USB-C plug, and its battery lasts for about three evenings of reading. When the "
                "battery gets tired, you change it yourself for $12."
            ),
        ),
        {"Reach": "18 cm", "Light": "140 lumen, dimmable", "Weight": "240 g", "Colours": "moss, clay, cream, ink"},
    ),
    Lamp(
        "bittern",
        "Bittern floor lamp",
        229,
        "A floor lamp for the reading chair, made to stand in one place for a lifetime.",
        (
            (
                "The Bittern stands beside a chair and lights a book, a bowl of peas to shell or a sleeping cat, and "
                "not much more. The stem is made from one piece of ash, turned in the next valley."
            ),
            (
                "Its foot weighs six kilograms, so a child can pull on the cord and nothing happens. You can put it "
                "together in ten minutes, and the box becomes a stool."
            ),
        ),
        {"Height": "138 cm", "Light": "710 lumen, dimmable", "Weight": "7.4 kg", "Colours": "ash with moss or cream"},
    ),
    Lamp(
        "plover",
        "Plover travel lamp",
        79,
        "A folding lamp that fits a coat pocket and lights a table for two.",
        (
            (
                "The Plover unfolds from the size of a pair of glasses to a lamp that lights a table. It was made for "
                "people who work in trains, tents and kitchens."
            ),
            (
                "It lasts for nine hours at half brightness and charges in two. The hinge is tested for 20,000 "
                "openings, and you can tighten it with a coin."
            ),
        ),
        {"Folded": "15 x 5 x 3 cm", "Light": "180 lumen, dimmable", "Weight": "190 g", "Colours": "clay, ink"},
    ),
)
BY_KEY = {lamp.key: lamp for lamp in LAMPS}
