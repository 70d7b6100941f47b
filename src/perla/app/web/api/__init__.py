"""The API: one small file for each thing that can be asked about."""
