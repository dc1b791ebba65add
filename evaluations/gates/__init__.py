"""The gates between a published result and a score. No database here: files in, findings or a doubt out."""
