"""What happens while people look: the signalling of a call, and pages that follow a visit.

``open_live`` belongs into the lifespan of the application.
"""

from svastha.doors.live.boards import follow_board, follow_screen
from svastha.doors.live.lifespan import open_live
from svastha.doors.live.signalling import call
from svastha.doors.live.sse import follow_visit

routes = [call, follow_visit, follow_board, follow_screen]

__all__ = ["open_live", "routes"]
