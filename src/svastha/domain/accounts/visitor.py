import msgspec


class Visitor(msgspec.Struct, frozen=True):
    """From where somebody asks who is not known yet.

    ``address`` is an IP address and ``network`` what is counted together with it; ``device`` the secret a browser keeps
    from one sign-in to the next, empty for a program.
    """

    address: str = ""
    network: str = ""
    user_agent: str = ""
    device: str = ""
