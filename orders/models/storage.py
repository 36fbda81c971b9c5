"""Where papers with people's names on them are kept; migrations name the function here."""

from marketplace.kernel.files import private_files

__all__ = ["private_files"]
