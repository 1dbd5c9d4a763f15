"""The moderators' pages under /admin: made here, without any script, whatever becomes of the web page."""

from meetmates.http.admin.router import admin_router

__all__ = ["admin_router"]
