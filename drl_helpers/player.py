"""A player in the page: pictures of a game beside the agent's values as bars, in plain HTML and JavaScript."""

import base64
import html
import io
import json
import math
import re
import uuid

import numpy as np
from IPython.display import display
from PIL import Image

from drl_helpers import plots
from drl_helpers.player_page import PAGE

COLUMNS, ROWS, WIDTH = 8, 8, 440  # pictures on one sheet; width of a picture in the page, in CSS pixels
TELEVISION = {(210, 160): 4 / 3}  # Atari's pixels are wider than high: 210 × 160 of them fill a 4:3 screen


def webp_uri(picture: np.ndarray) -> str:
    """A uint8 array of shape (height, width, 3) as a lossless WebP, small for the few colours of a game."""
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, format="WEBP", lossless=True, method=4)
    return f"data:image/webp;base64,{base64.b64encode(buffer.getvalue()).decode()}"


def sheets(pictures: np.ndarray) -> list[str]:
    """Pictures, shape (T, height, width, 3), as images of ROWS × COLUMNS pictures each, row by row."""
    count, height, width, _ = pictures.shape
    full = np.zeros((-(-count // (ROWS * COLUMNS)), ROWS, COLUMNS, height, width, 3), np.uint8)
    full.reshape(-1, height, width, 3)[:count] = pictures
    return [webp_uri(s.swapaxes(1, 2).reshape(ROWS * height, COLUMNS * width, 3)) for s in full]


def checked(pictures, q_values, actions, names: list[str], fps: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Pictures, values and actions as arrays.

    Raises:
        ValueError: they do not fit together, or cannot be shown.
    """
    if len(pictures) == 0:
        raise ValueError("There are no pictures to play: give one or more.")
    if any(np.shape(p) != np.shape(pictures[0]) or np.asarray(p).dtype != np.uint8 for p in pictures):
        raise ValueError("The pictures must be uint8 arrays of one and the same shape (height, width, 3).")
    pictures, q_values, actions = np.asarray(pictures), np.asarray(q_values, dtype=float), np.asarray(actions)
    if pictures.ndim != 4 or pictures.shape[3] != 3:
        raise ValueError(f"A picture must have the shape (height, width, 3), not {pictures.shape[1:]}.")
    if q_values.shape != (len(pictures), len(names)) or not names:
        wanted = f"({len(pictures)}, {len(names)}), a row a picture and a column a name"
        raise ValueError(f"q_values must have the shape {wanted}, not {q_values.shape}.")
    if not np.isfinite(q_values).all():
        raise ValueError("q_values must be finite numbers, but there are NaN or infinite ones among them.")
    if actions.shape != (len(pictures),):
        raise ValueError(f"actions must have the shape ({len(pictures)},), one a picture, not {actions.shape}.")
    if actions.dtype.kind not in "iu" or actions.min() < 0 or actions.max() >= len(names):
        raise ValueError(f"actions must be whole numbers from 0 to {len(names) - 1}, places in names.")
    if not 0 < fps <= 60:
        raise ValueError(f"fps must be above 0 and at most 60, not {fps}.")
    return pictures, q_values, actions


def player_html(pictures, q_values, actions, names: list[str], alt: str, caption: str = "", fps: float = 15) -> str:
    """The player as HTML; for the arguments, see `show_player`."""
    pictures, q_values, actions = checked(pictures, q_values, actions, names, fps)
    _, height, width, _ = pictures.shape
    aspect = TELEVISION.get((height, width), width / height)
    low, high = min(q_values.min(), 0.0), max(q_values.max(), 0.0)
    high = high if high > low else 1.0
    digits = max(0, math.ceil(3 - math.log10(high - low)))  # a thousandth of the range can be read
    data = {"width": width, "height": height, "columns": COLUMNS, "each": COLUMNS * ROWS, "fps": fps}
    data |= {"low": low, "high": high, "digits": digits, "values": q_values.round(digits).tolist()}
    data |= {"actions": actions.tolist(), "names": list(names), "sheets": sheets(pictures)}
    still = Image.fromarray(pictures[len(pictures) // 2])
    still = still.resize((WIDTH, round(WIDTH / aspect)), Image.Resampling.NEAREST)
    fill = {"ID": f"player-{uuid.uuid4().hex}", "WIDTH": str(WIDTH), "ASPECT": f"{aspect:.4f}"}
    fill |= {"OTHER": plots.COLOURS[0], "CHOSEN": plots.COLOURS[1], "STILL": webp_uri(np.asarray(still))}
    fill |= {"ALT": html.escape(alt), "DATA": json.dumps(data, separators=(",", ":")).replace("<", "\\u003c")}
    fill |= {"CAPTION": f"<figcaption><em>{html.escape(caption)}</em></figcaption>" if caption else ""}
    return re.sub(r"@([A-Z]+)", lambda found: fill[found[1]], PAGE)


def show_player(pictures, q_values, actions, names: list[str], alt: str, caption: str = "", fps: float = 15) -> None:
    """Display a player of one game: its pictures, and beside them the value of each move as a bar.

    It does not start by itself; where scripts do not run, the game's middle picture stays.

    Args:
        pictures: T uint8 arrays of shape (height, width, 3), of few colours, as in Atari's games.
        q_values: shape (T, bars), finite: the agent's value of each move at each moment.
        actions: shape (T,), whole numbers in 0 … bars − 1: the move chosen at each moment.
        names: the bars' labels, for instance ["stay", "up", "down"].
        alt: says what there is to see, for those who cannot see it.
        fps: pictures a second at the speed 1×, at most 60.

    Raises:
        ValueError: no pictures, or arguments that do not fit together.
    """
    page = player_html(pictures, q_values, actions, names, alt, caption, fps)
    display({"text/html": page, "text/plain": f"[Player: {alt}]"}, raw=True)
