"""How `make docs` builds these pages: Sphinx, Markdown by MyST, API pages from docstrings by numpydoc."""

from deepvein import __version__

project = "deepvein"
author = "The deepvein developers"
copyright = "The deepvein developers, Apache-2.0. Research use only; not a medical device"  # noqa: A001
release = version = __version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "numpydoc"]
autosummary_generate = False
source_suffix = {".md": "markdown"}
exclude_patterns = ["schema", "reproductions/*/tables", "phantom/tables", "phantom/results"]

html_theme = "furo"
html_title = f"deepvein {version}"

myst_heading_anchors = 3
# Pages link to files of the repository, such as LICENSE, and to folders of figures, which are no pages.
suppress_warnings = ["myst.xref_missing", "myst.header"]

autodoc_typehints = "none"
autodoc_member_order = "bysource"
numpydoc_show_class_members = False
numpydoc_class_members_toctree = False
numpydoc_validation_checks = {"GL01", "GL06", "GL07", "PR02", "PR07", "RT03"}
