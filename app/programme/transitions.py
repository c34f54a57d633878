"""The one table of what may be done to a case: state × act × role → state. Pure."""
