"""Remembers: tables, one transaction per decision, migrations; knows no workflow rules."""
