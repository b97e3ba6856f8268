"""The requirements by what they look at; who asks goes through ``engine/requirements.py``, their registry."""
