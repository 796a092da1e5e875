//! Who may do what, and what forged, malformed or foreign calls change: nothing.
