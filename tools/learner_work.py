"""Tell a chapter in which somebody has worked from an untouched one. Standard library only."""

import hashlib
import json
from pathlib import Path


def fingerprint(notebook: dict) -> str:
    """What a learner can change, hashed: the cells, in order, and whether any has been run."""
    cells = [
        [
            cell["cell_type"],
            "".join(cell["source"]),
            bool(cell.get("outputs")),
            cell.get("execution_count"),
            cell.get("attachments"),
            cell["metadata"].get("tags"),
        ]
        for cell in notebook["cells"]
    ]
    return hashlib.sha256(json.dumps(cells).encode()).hexdigest()[:16]


def written_in(chapter: Path) -> bool:
    """Whether somebody has worked in `chapter` since it was derived; also where that cannot be told."""
    try:
        notebook = json.loads(chapter.read_text(encoding="utf-8"))
        return notebook["metadata"].get("derived") != fingerprint(notebook)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return True


def keep_beside(path: Path) -> Path:
    """Copy `path` to NAME.mine.SUFFIX beside it (then .mine-2, …, never over another file); returns the copy."""
    number, content = 1, path.read_bytes()
    while True:
        mark = "mine" if number == 1 else f"mine-{number}"
        copy = path.with_name(f"{path.stem}.{mark}{path.suffix}")
        if not copy.exists():
            copy.write_bytes(content)
            return copy
        if copy.read_bytes() == content:
            return copy
        number += 1
