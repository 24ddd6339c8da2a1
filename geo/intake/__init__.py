"""What an office brings: its tables and boundary files, checked, read and joined to the list of communes."""
