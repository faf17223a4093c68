"""The forms in which machines send. Pure: topics, JSON and lines in, messages or a refusal out."""
