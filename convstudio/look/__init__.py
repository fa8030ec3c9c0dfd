"""How everything looks: colours, sizes, fonts and icons, all from the tokens."""
