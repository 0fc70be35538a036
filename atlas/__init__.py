"""Atlas: who does what, where, in Mali.

Data takes one way through the house: file → reader → columns → source → places →
snapshot → layer → view or export. ``docs/architecture.md`` draws it.
"""


def __getattr__(name: str) -> str:
    """``__version__``, looked up when asked: reading the package's metadata takes 30 ms."""
    if name != "__version__":
        raise AttributeError(name)
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("atlas-mali")
    except PackageNotFoundError:  # a source tree that was never installed
        return "0+unknown"
