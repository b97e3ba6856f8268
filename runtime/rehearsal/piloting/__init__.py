"""The autopilot of a rehearsal: its people, their pace and habits, and how any instance is taken its normal way."""
