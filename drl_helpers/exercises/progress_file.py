"""Remember which exercises were passed, in one small file beside the course."""

import contextlib
import json
import os
import tempfile
import time
from pathlib import Path

from filelock import FileLock, Timeout

ROOT = Path(__file__).resolve().parents[2]


def progress_file() -> Path:
    """Where progress is kept: `.progress.json` in the course, or where DRL_PROGRESS says."""
    return Path(os.environ.get("DRL_PROGRESS", ROOT / ".progress.json"))


def passed() -> dict[str, str]:
    """The exercises passed so far: id → date. A file that cannot be read counts as empty."""
    try:
        return _parse(progress_file().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def _parse(text: str) -> dict[str, str]:
    data = json.loads(text)
    if not isinstance(data, dict) or not isinstance(data.get("passed"), dict):
        raise ValueError("not a progress file")
    return {str(name): str(when) for name, when in data["passed"].items()}


def record(exercise_id: str) -> str | None:
    """Remember that `exercise_id` was passed. Returns a sentence when that was not possible.

    Several notebooks may do so at once: a lock orders them, and the file is replaced in one step.
    A corrupt file is set aside under another name and begun anew.
    """
    path = progress_file()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{path.with_suffix('')}.lock", timeout=5):
            known, note = _read_or_set_aside(path)
            if exercise_id not in known:
                known[exercise_id] = time.strftime("%Y-%m-%d")
                _replace(path, json.dumps({"version": 1, "passed": known}, indent=1))
        return note
    except Timeout:
        return "Your progress was not saved: another notebook holds the progress file. Run this check again."
    except OSError as error:
        return f"Your progress was not saved: {path.name} cannot be written ({error.strerror})."


def _read_or_set_aside(path: Path) -> tuple[dict[str, str], str | None]:
    if not path.exists():
        return {}, None
    try:
        return _parse(path.read_text(encoding="utf-8")), None
    except ValueError:
        aside = path.with_name(f"{path.stem}.corrupt-{time.time_ns()}{path.suffix}")
        path.replace(aside)
        return {}, f"Your progress file was damaged; it is kept as {aside.name}, and a new one was begun."


def _replace(path: Path, text: str) -> None:
    if path.exists() and not os.access(path, os.W_OK):
        raise PermissionError(13, "Permission denied", str(path))
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.stem)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(temporary).replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(temporary).unlink()
        raise
