"""The engine as a process: running, stopping, and telling whether it is well."""
