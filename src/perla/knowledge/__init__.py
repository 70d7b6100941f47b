"""Recordings, documents and code -> passages -> answers with the minute and the line where they stand."""
