"""Write the project's address wherever it stands: python docs/address.py [--check]

Its one place is Repository in pyproject.toml, https://github.com/OWNER/NAME. After a change there, run this once: it
replaces the owner and the name in links to GitHub (pages, badges, raw files), Colab, Binder and nbgitpuller, in every
file of FILES. With --check it changes nothing, names the files that differ, and exits with 1 if there are any.

Ours are all addresses with the repository's name, whoever the owner in them; links to other repositories stay. When
the repository is renamed, its old name is read from CITATION.cff, which is written last.
"""

import argparse
import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FILES = [
    *("*.md", "*.yml", "docs/*.md", "notebooks/*.ipynb", "benchmarks/*.md", "benchmarks/*.py"),
    *("digits_helpers/*.md", "digits_helpers/*.py", "digits_helpers/*.ipynb", ".github/**/*.yml"),
    "CITATION.cff",  # the last
]

HOSTS = r"github\.com[:/]|raw\.githubusercontent\.com/|img\.shields\.io/github/[\w/-]+?/"
HOSTS += r"|colab\.research\.google\.com/github/|mybinder\.org/v2/gh/|github\.com%2F"
OWNER = r"[A-Za-z0-9][A-Za-z0-9-]*"
END = r"(?=\.git\b|(?!\.?[\w-]))"  # learn-digits.git is ours, learn-digits.js and learn-digits-too are not


def main(arguments=None):
    """Write or check the addresses; returns the exit code."""
    parser = argparse.ArgumentParser(description="Write the address in pyproject.toml into every file that carries it.")
    parser.add_argument("--check", action="store_true", help="change nothing; name the files that differ")
    check = parser.parse_args(arguments).check
    owner, name = address()
    names = {name, recorded_name()}
    wrong = []
    for path in files():
        text = path.read_bytes().decode("utf-8")  # as bytes, so that line ends stay what they are
        written = with_address(text, owner, name, names)
        if written != text:
            wrong.append(path)
            if not check:
                path.write_bytes(written.encode("utf-8"))
    for path in wrong:
        print(f"{path.relative_to(ROOT).as_posix()} {'differs' if check else 'written'}")
    return 1 if check and wrong else 0


def address():
    """Owner and name, as pyproject.toml has them."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    repository = project["urls"]["Repository"]
    found = re.fullmatch(rf"https://github\.com/({OWNER})/([\w.-]+)", repository)
    if not found:
        sys.exit(f"pyproject.toml: Repository must be https://github.com/OWNER/NAME, not {repository}")
    return found.groups()


def recorded_name():
    """The repository's name when its address was last written."""
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    found = re.search(rf'^repository-code: "?https://github\.com/{OWNER}/([\w.-]+)"?$', citation, re.MULTILINE)
    if not found:
        sys.exit("CITATION.cff: repository-code must be https://github.com/OWNER/NAME")
    return found[1]


def files():
    """Every file that may carry the address, in the order in which they are written."""
    return [path for pattern in FILES for path in sorted(ROOT.glob(pattern))]


def with_address(text, owner, name, names):
    """``text`` with ``owner`` and ``name`` in each address of a repository that has one of ``names``."""
    ours = "|".join(map(re.escape, sorted(names)))
    text = re.sub(rf"({HOSTS}){OWNER}(/|%2F)(?:{ours}){END}", rf"\g<1>{owner}\g<2>{name}", text)
    # An nbgitpuller link opens a notebook in the folder of the clone, which has the repository's name.
    return re.sub(rf"(urlpath=lab(?:/|%2F)tree(/|%2F))(?:{ours})(?=\2)", rf"\g<1>{name}", text)


if __name__ == "__main__":
    sys.exit(main())
