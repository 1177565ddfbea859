"""Names of files to be saved, in a form that every server and browser takes (RFC 6266)."""

from urllib.parse import quote


def attachment(name: str) -> str:
    """The header of a file to be saved under ``name``; a plain name stands beside one in Chinese."""
    ending = name.rpartition(".")[2]
    plain = name if name.isascii() else f"file.{ending}" if ending.isascii() else "file"
    plain = "".join(char if char.isalnum() or char in "._-" else "_" for char in plain)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
