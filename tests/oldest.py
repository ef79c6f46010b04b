"""Pin what the tests need to the oldest versions that pyproject.toml allows: python tests/oldest.py > oldest.txt

`python -m pip install -c oldest.txt -e ".[test]"` then makes an environment in which a lower bound that is too low
shows itself. It takes Python 3.11, the oldest that the project runs on: for newer ones some of these versions were
never built.
"""

import re
import tomllib
from pathlib import Path

PYPROJECT = Path(__file__).parents[1] / "pyproject.toml"
REQUIREMENT = re.compile(r"(?P<name>[\w-]+)>=(?P<oldest>[\w.]+)(?P<marker>\s*;.*)?")

# ipywidgets 7.7 lets pip choose its newest companion, which shows the widgets of ipywidgets 8 alone.
COMPANIONS = ["jupyterlab-widgets<3"]


def oldest(project):
    """One constraint for each thing that the extra ``test`` installs; ``project`` is the table of pyproject.toml."""
    extras = project["optional-dependencies"]
    needed = [*project["dependencies"], *extras["lab"], *extras["test"]]
    return [_pin(text) for text in needed if text != f"{project['name']}[lab]"] + COMPANIONS


def _pin(requirement):
    found = REQUIREMENT.fullmatch(requirement)
    if not found:
        raise ValueError(f"Expected a lower bound, as in name>=1.2, not {requirement!r}.")
    return f"{found['name']}=={found['oldest']}{found['marker'] or ''}"


if __name__ == "__main__":
    print("\n".join(oldest(tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))["project"])))
