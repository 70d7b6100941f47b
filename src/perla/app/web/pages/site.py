"""All pages as one router; the desk is taken from ``app.state.desk``."""

from __future__ import annotations

from fastapi import APIRouter

from perla.app.web.pages.bargains import router as bargains
from perla.app.web.pages.estimate import router as estimate
from perla.app.web.pages.files import router as files
from perla.app.web.pages.listing import router as listing
from perla.app.web.pages.market import router as market
from perla.app.web.pages.places import router as places

router = APIRouter(include_in_schema=False)
for page in (files, places, listing, estimate, market, bargains):
    router.include_router(page)
