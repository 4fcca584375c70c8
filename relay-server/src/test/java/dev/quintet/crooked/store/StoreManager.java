package dev.quintet.crooked.store;

/** Has a pattern's name, static state, and looks at a system property when it is loaded. */
final class StoreManager {
    static final String HOME = System.getProperty("user.home");
    static int count;

    private StoreManager() {}
}
