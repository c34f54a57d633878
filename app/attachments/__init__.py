"""Files that people hand in (photos, certificates, records, stamped scans), checked, cleaned and kept."""
