import resource

from svastha.doors.cli import serve


def test_a_server_may_hold_more_connections_than_its_shell_allows() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))
    try:
        serve._allow_files()
        allowed, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert allowed == (serve.FILES if hard == resource.RLIM_INFINITY else min(serve.FILES, hard))
