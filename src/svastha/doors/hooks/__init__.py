"""What providers tell us on their own: whether a message arrived, and what was answered. Believed only when they sign
it."""

from svastha.doors.hooks import sms, whatsapp

routes = [*whatsapp.routes, *sms.routes]
