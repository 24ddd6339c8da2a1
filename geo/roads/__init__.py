"""Roads: from files or a download to minutes along them."""
