"""What a lesson builds by hand, taken out of its notebook, so that a test can hold it against the package."""

import ast
from pathlib import Path

import nbformat

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"


def function_from(notebook, name, /, **namespace):
    """The function ``name`` as a code cell of ``notebooks/<notebook>.ipynb`` defines it; nothing else of the cell runs.

    ``namespace`` holds what the function needs: modules, constants, other functions of the lesson. Where several cells
    define it, the last one counts. Raises ``LookupError`` when none does.

        normalise = function_from("01-meet-the-data", "normalise", np=np)
    """
    found = None
    for cell in nbformat.read(NOTEBOOKS / f"{notebook}.ipynb", as_version=4).cells:
        if cell.cell_type == "code" and f"def {name}(" in cell.source:
            definitions = [n for n in ast.parse(cell.source).body if isinstance(n, ast.FunctionDef) and n.name == name]
            found = definitions[-1] if definitions else found
    if found is None:
        raise LookupError(f"{notebook}.ipynb defines no function {name}.")
    exec(compile(ast.Module([found], type_ignores=[]), f"{notebook}.ipynb", "exec"), namespace)
    return namespace[name]


def solution_from(notebook, name, /, **namespace):
    """The function ``name`` as the folded solution of an exercise in ``notebooks/<notebook>.ipynb`` defines it.

    ``namespace`` holds what it needs. Raises ``LookupError`` when no solution defines it.
    """
    for cell in nbformat.read(NOTEBOOKS / f"{notebook}.ipynb", as_version=4).cells:
        if cell.cell_type == "markdown" and f"```python\ndef {name}(" in cell.source:
            exec(cell.source.split("```python\n")[1].split("```")[0], namespace)
            return namespace[name]
    raise LookupError(f"{notebook}.ipynb has no solution for {name}.")
