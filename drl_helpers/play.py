"""Run an episode and show it: an animated picture that plays anywhere, without scripts."""

import base64
import io
import os
import sys
from collections.abc import Callable

import gymnasium as gym
import numpy as np
from IPython.display import display
from matplotlib.backends.backend_agg import FigureCanvasAgg
from PIL import Image

from drl_helpers import plots


def still(env: gym.Env) -> np.ndarray:
    """One frame of `env` as it is now: uint8, shape (height, width, 3); needs no display.

    Raises:
        ValueError: `env` was not made with render_mode="rgb_array".
    """
    if env.render_mode != "rgb_array":
        raise ValueError('To see frames, make the environment with gym.make(..., render_mode="rgb_array").')
    os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
    if sys.platform.startswith("linux") and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        os.environ.setdefault("SDL_VIDEODRIVER", "dummy")  # else SDL looks for a display, and complains
    return env.render()


def episode_frames(env: gym.Env, policy: Callable, seed: int, limit: int = 200) -> tuple[list, float]:
    """Frames (uint8 arrays of shape (height, width, 3)) and the return of one episode of `policy(obs)`.

    Raises:
        ValueError: `env` was not made with render_mode="rgb_array".
    """
    obs, _ = env.reset(seed=seed)
    frames, total = [still(env)], 0.0
    for _ in range(limit):
        obs, reward, terminated, truncated, _ = env.step(policy(obs))
        frames.append(still(env))
        total += float(reward)
        if terminated or truncated:
            break
    return frames, total


def with_curves(frames: list[np.ndarray], curves: dict, ylabel: str) -> list[np.ndarray]:
    """Frames with curves below them, in which a line marks the present.

    Args:
        frames: uint8 arrays of shape (height, width, 3), evenly spaced in time.
        curves: label → values, the same number in each; the first belongs to the first frame, the last to the last.
    """
    width = frames[0].shape[1]
    fig, ax = plots.figure(width / 100, 1.9)
    for index, (label, values) in enumerate(curves.items()):
        ax.plot(values, label=label, color=plots.COLOURS[index % 7], linestyle=plots.DASHES[index % 7])
    ax.set(xlabel="step", ylabel=ylabel)
    ax.legend(frameon=False, fontsize="small", ncols=len(curves))
    canvas = FigureCanvasAgg(fig)
    canvas.draw()
    picture = np.asarray(canvas.buffer_rgba())[..., :3]
    marks = np.linspace(0, len(next(iter(curves.values()))) - 1, len(frames))
    box, shown = ax.bbox, []
    for frame, mark in zip(frames, marks, strict=True):
        below, x = picture.copy(), round(ax.transData.transform((mark, 0))[0])
        below[len(below) - round(box.y1) : len(below) - round(box.y0), max(x - 1, 0) : x + 1] = 0
        pixels = Image.fromarray(below).resize((width, round(len(below) * width / below.shape[1])))
        shown.append(np.vstack([frame, np.asarray(pixels)]))
    return shown


def webp(frames: list[np.ndarray], fps: float = 4, width: int = 480, loops: int = 3) -> bytes:
    """Frames as one animated WebP, `width` pixels wide, played `loops` times (0: without end)."""
    pictures = [Image.fromarray(frame) for frame in frames]
    size = (width, round(width * pictures[0].height / pictures[0].width))
    pictures = [picture.resize(size, Image.Resampling.LANCZOS) for picture in pictures]
    buffer = io.BytesIO()
    options = {"save_all": True, "append_images": pictures[1:], "duration": round(1000 / fps)}
    pictures[0].save(buffer, format="WEBP", loop=loops, quality=60, method=4, **options)
    return buffer.getvalue()


def show_frames(frames: list[np.ndarray], alt: str, caption: str = "", fps: float = 4, width: int = 480) -> None:
    """Display frames as an animation with alt text and a caption; it stops after three rounds."""
    data = base64.b64encode(webp(frames, fps, width)).decode()
    page = plots.picture_html(f"data:image/webp;base64,{data}", alt, caption, width)
    display({"text/html": page, "text/plain": f"[Animation: {alt}]"}, raw=True)
