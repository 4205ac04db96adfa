"""The control plane over HTTP: routes, authentication, pages, composition root. It never imports users' code.

Reading order: `routing.py` (what a route is), `gate.py` (what every request passes), `call.py` (what a handler sees),
`routes/` (one module a noun), `app.py` (how it is put together).
"""
