"""Shows every mail that samskabt can write, with sample people and days."""

from .exhibits import Exhibit, exhibits
from .pages import Shown, hang

__all__ = ["Exhibit", "Shown", "exhibits", "hang"]
