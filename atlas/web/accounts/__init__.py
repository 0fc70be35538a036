"""Sign-in, accounts and audit: plain pages beside the atlas, without its scripts."""
