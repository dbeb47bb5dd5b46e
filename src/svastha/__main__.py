import sys

from svastha.doors.cli import main

sys.exit(main())
