//! What changes the world, behind one trait: DNS updates and commands.
