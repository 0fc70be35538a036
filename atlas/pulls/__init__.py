"""Lists that lie on a server, brought as the files that they would be sent as."""
