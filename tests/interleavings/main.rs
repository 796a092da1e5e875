//! Pairs of calls at once, at every switch there is; and every event several times, in any order.
