"""Cards: what a check has to say, for people (HTML, in either theme) and as plain text."""

import html
import re

MARKS = {"passed": ("✔", "Passed", "#2e7d32"), "not started": ("○", "Not started", "#757575")}
NOT_YET = ("✘", "Not yet", "#b8560b")


class Card:
    """A titled list of sentences that displays itself in a notebook.

    Args:
        status: "passed", "not started", or anything else for *not yet*.
        title: what the card is about.
        lines: sentences; text in `backticks` is shown as code.
        printed: what the attempt printed, shown folded.
    """

    def __init__(self, status: str, title: str, lines: list[str], printed: str = ""):
        self.mark, self.word, self.colour = MARKS.get(status, NOT_YET)
        self.title, self.lines, self.printed = title, lines, printed

    def __str__(self):
        text = [f"{self.mark} {self.word} · {self.title}", *(f"  {line}" for line in self.lines)]
        if self.printed.strip():
            text.append("  It printed: " + " / ".join(self.printed.strip().splitlines()[:5]))
        return "\n".join(text)

    __repr__ = __str__

    def _repr_html_(self):
        body = "".join(f'<p style="margin:0.35em 0">{_code(line)}</p>' for line in self.lines)
        if self.printed.strip():
            first = html.escape("\n".join(self.printed.strip().splitlines()[:20]))
            body += f"<details><summary>What it printed</summary><pre>{first}</pre></details>"
        return (
            f'<div role="status" style="border:1px solid {self.colour};border-left:6px solid {self.colour};'
            'border-radius:3px;padding:0.5em 0.9em;max-width:60em;color:var(--jp-ui-font-color1,inherit)">'
            f'<p style="margin:0"><strong>{self.mark} {self.word}</strong> · {html.escape(self.title)}</p>'
            f"{body}</div>"
        )


def _code(line: str) -> str:
    parts = re.split(r"(`[^`]*`)", html.escape(line, quote=False))
    return "".join(
        f"<code>{part[1:-1]}</code>" if part.startswith("`") else re.sub(r"\*(\S[^*]*?)\*", r"<em>\1</em>", part)
        for part in parts
    )
