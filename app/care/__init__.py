"""The other kinds of site: holiday care, nurseries, combined centres (qingdao-2023 art. 2-6, 15-16)."""
