package dev.quintet.crooked.journal;

import dev.quintet.crooked.net.Upright;

/** Imports from a floor above. */
record Upwards(Upright above) {}
