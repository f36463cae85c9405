"""The player of a game: small, complete without its script, several in a page; bad input gets a sentence."""

import base64
import io
import json
import re

import numpy as np
import pytest
from PIL import Image

from drl_helpers import player
from drl_helpers.player import player_html, show_player

NAMES = ["stay", "up", "down"]


def game(steps=400, height=210, width=160):
    """Pictures like Pong's (a ball, two paddles), values of three moves and the best one at each moment."""
    pictures = np.full((steps, height, width, 3), (144, 72, 17), np.uint8)
    for step, picture in enumerate(pictures):
        x, y = 20 + 7 * step % (width - 40), 40 + 5 * step % (height - 80)
        picture[y : y + 4, x : x + 2] = 236
        picture[y - 6 : y + 10, 16:20], picture[y - 6 : y + 10, width - 20 : width - 16] = (213, 130, 74), (92, 186, 92)
    q_values = np.random.default_rng(0).normal(0.3, 0.5, (steps, len(NAMES)))
    return list(pictures), q_values, q_values.argmax(axis=1)


def data_of(page):
    """What the script is given."""
    return json.loads(re.search(r"data = (\{.*\});", page)[1])


def test_400_pictures_are_small_and_whole():
    pictures, q_values, actions = game()
    page = player_html(pictures, q_values, actions, NAMES, "A rally")
    assert len(page) < 200_000
    data = data_of(page)
    raw = [base64.b64decode(sheet.split(",")[1]) for sheet in data["sheets"]]
    sheets = [np.asarray(Image.open(io.BytesIO(sheet)).convert("RGB")) for sheet in raw]
    for step in (0, 7, 8, 63, 64, 200, 399):
        row, column = divmod(step % data["each"], data["columns"])
        piece = sheets[step // data["each"]][row * 210 : (row + 1) * 210, column * 160 : (column + 1) * 160]
        assert (piece == pictures[step]).all(), "lossless"
    assert data["actions"] == actions.tolist() and data["low"] <= 0 <= data["high"]
    assert np.abs(np.array(data["values"]) - q_values).max() < (data["high"] - data["low"]) / 1_000


def test_without_its_script_a_still_stays():
    page = player_html(*game(20), NAMES, 'The ball "<b>" flies', "Watch & learn")
    bare = re.sub(r"<(script|style)>.*?</\1>", "", page, flags=re.DOTALL)
    assert bare.count("<img") == 1 and 'alt="The ball &quot;&lt;b&gt;&quot; flies"' in bare
    assert "<figcaption><em>Watch &amp; learn</em></figcaption>" in bare
    assert not re.search("<(button|input|select|canvas)", bare), "controls come with the script"
    still = base64.b64decode(re.search(r'src="data:image/webp;base64,([^"]+)"', bare)[1])
    assert Image.open(io.BytesIO(still)).size == (440, 330), "as wide as on a television"
    assert "figcaption>" not in re.sub("<style>.*?</style>", "", player_html(*game(2), NAMES, "x"), flags=re.DOTALL)
    assert "http" not in page and not re.search("@[A-Z]", page)


def test_each_player_has_its_own_id_and_no_globals():
    arguments = (*game(3), NAMES, "x")
    pages = [player_html(*arguments) for _ in range(3)]
    assert len({re.search('id="([^"]+)"', page)[1] for page in pages}) == 3
    for page in pages:
        script = re.search("<script>(.*)</script>", page, flags=re.DOTALL)[1]
        assert script.startswith("(() => {") and script.endswith("})();") and "window." not in script


def test_names_cannot_end_the_script():
    page = player_html(*game(2), ["</script><b>", "@ID", "@STILL"], "x")
    assert page.count("</script>") == 1 and data_of(page)["names"] == ["</script><b>", "@ID", "@STILL"]


def test_show_player_displays_html_and_text(monkeypatch):
    shown = []
    monkeypatch.setattr(player, "display", lambda bundle, raw: shown.append(bundle))
    show_player(*game(1), NAMES, "A rally")
    assert shown[0]["text/plain"] == "[Player: A rally]" and "A rally" in shown[0]["text/html"]


@pytest.mark.parametrize("values", [0.0, -3.0, 5.0, 1e-4, 20_000.0])
def test_any_range_of_values_is_drawn_around_zero(values):
    pictures, _, actions = game(2)
    data = data_of(player_html(pictures, np.full((2, 3), values), actions, NAMES, "x"))
    assert data["low"] <= min(values, 0) <= max(values, 0) <= data["high"] and data["low"] < data["high"]
    assert data["values"][0][0] == values and 0 <= data["digits"] <= 100


def test_other_pictures_keep_their_shape():
    page = player_html(*game(2, height=100, width=150), NAMES, "x")
    assert "aspect-ratio:1.5000" in page


PICTURES, Q_VALUES, ACTIONS = game(4)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"pictures": []}, "no pictures"),
        ({"pictures": PICTURES[:3]}, r"q_values must have the shape \(3, 3\)"),
        ({"pictures": [*PICTURES[:3], PICTURES[3][1:]]}, "same shape"),
        ({"pictures": [p / 255 for p in PICTURES]}, "uint8"),
        ({"pictures": [p[..., 0] for p in PICTURES]}, r"\(height, width, 3\)"),
        ({"q_values": Q_VALUES[:, :2]}, "q_values must have the shape"),
        ({"q_values": Q_VALUES * np.nan}, "finite"),
        ({"actions": ACTIONS[:3]}, r"actions must have the shape \(4,\)"),
        ({"actions": ACTIONS + 3}, "from 0 to 2"),
        ({"actions": ACTIONS * 0.5}, "whole numbers"),
        ({"names": NAMES[:2]}, "a column a name"),
        ({"fps": 0}, "fps must be above 0"),
    ],
)
def test_bad_input_gets_a_sentence(change, why):
    good = {"pictures": PICTURES, "q_values": Q_VALUES, "actions": ACTIONS, "names": NAMES, "alt": "x"}
    with pytest.raises(ValueError, match=why) as caught:
        show_player(**good | change)
    assert str(caught.value).endswith(".") and "\n" not in str(caught.value)
