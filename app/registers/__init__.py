"""The registers of running a site (台账): what was done, what there is, what was received and spent."""
