"""How a document shapes the machines of its parts: faser are repeated, features kept or left out; reads no file."""
