"""Who speaks to those who listen instead of looking."""

# A property of widgets that say themselves what is selected, while they have the keyboard: nobody else says it then.
TELLS = "tells_selection"
