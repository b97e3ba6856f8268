"""A face: the pages behind the links in mails. GET shows, POST acts; needs ``samskabt[web]``."""

from .pages import app

__all__ = ["app"]
