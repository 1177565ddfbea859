"""志愿钟: a volunteer-hour service for stations, admins and members."""
