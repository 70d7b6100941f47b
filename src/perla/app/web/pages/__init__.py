"""The pages people read: bargains, one listing, what a thing should cost, the market."""

from perla.app.web.pages.site import router

__all__ = ["router"]
