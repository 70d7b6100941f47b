"""All pages as one router; the desk is taken from ``app.state.desk``."""

from __future__ import annotations

from fastapi import APIRouter

from perla.app.web.pages import bargains, estimate, files, listing, market, places

router = APIRouter(include_in_schema=False)
for page in (files, places, listing, estimate, market, bargains):
    router.include_router(page.router)
