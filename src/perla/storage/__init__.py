"""The artefact shelf: fitted things kept in folders that are data, never code."""

from perla.storage.shelf import check_target, read_folder, write_folder

__all__ = ["check_target", "read_folder", "write_folder"]
