"""Commands that run the engine and tell whether it is well."""
