//! The memory behind the picture: takes observations in, keeps states with hysteresis and history.
