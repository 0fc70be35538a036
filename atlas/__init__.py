"""Atlas: who does what, where, in Mali.

Data takes one way through the house: file → reader → columns → source → places →
snapshot → layer → view or export. ``docs/architecture.md`` draws it.
"""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("atlas-mali")
except PackageNotFoundError:  # a source tree that was never installed
    __version__ = "0+unknown"
