"""Plain text out of a vendor's Markdown."""

from __future__ import annotations

from providers.markdown import headings_of, text_of

SOURCE = """# Welcome to *Quillmoor*

![a lamp](https://example.com/lamp.png)

We make **lamps** by hand,
since [1987](https://example.com/history).

* First
* Second \\*star

| Name | Price |
| --- | ---: |
| Lamp | 5 |

---

```
code_here
```
"""


def test_words_stay_and_marks_go() -> None:
    """Paragraphs are split by one blank line."""
    expected = ["Welcome to Quillmoor", "We make lamps by hand, since 1987.", "First Second *star", "Name Price", "Lamp 5", "code_here"]
    assert text_of(SOURCE).split("\n\n") == expected


def test_headings_are_listed() -> None:
    """In their order, without marks."""
    assert headings_of(SOURCE + "\n## The [team](/team) ##\n") == ("Welcome to Quillmoor", "The team")
