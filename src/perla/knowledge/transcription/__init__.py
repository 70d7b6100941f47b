"""Recordings -> transcripts with the time of every word, by a Whisper model on this machine."""

from perla.knowledge.transcription.said import Cleaned, Removed, Said, SaidWord, Why

__all__ = ["Cleaned", "Removed", "Said", "SaidWord", "Why"]
