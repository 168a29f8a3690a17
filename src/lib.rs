//! Portolan runs, steps and explains programs of foreign instruction sets.
