"""The use cases: one way in for every change, whoever asks for it."""
