from litestar.handlers import HTTPRouteHandler

routes: list[HTTPRouteHandler] = []
