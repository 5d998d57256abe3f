// Holds the place until the first source of this target.
