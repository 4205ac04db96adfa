"""Values that outlive their process: their form, their files, and the places where these lie."""
