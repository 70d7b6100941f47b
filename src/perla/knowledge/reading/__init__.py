"""Files -> readings: transcripts, documents and code, each piece with the minute or the lines where it stands."""

from perla.knowledge.reading.files import digest_of, read_file, read_paths, without_twins
from perla.knowledge.reading.finding import Found, find, root_of, writable

__all__ = ["Found", "digest_of", "find", "read_file", "read_paths", "root_of", "without_twins", "writable"]
