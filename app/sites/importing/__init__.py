"""Lists of sites from elsewhere: read, convert by a profile, match, apply, report."""
