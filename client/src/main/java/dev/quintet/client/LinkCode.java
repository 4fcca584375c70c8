package dev.quintet.client;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Locale;

/**
 * A one-time code: eight characters that the primary makes and shows, and a person types on the new device.
 *
 * <p>Written in Crockford's base 32, which has no I, L, O and U. {@code toString} does not give it away.
 *
 * @param characters eight of {@code 0123456789ABCDEFGHJKMNPQRSTVWXYZ}
 */
public record LinkCode(String characters) {
    /** How many characters it has. */
    public static final int LENGTH = 8;

    private static final String ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

    /** Throws {@link IllegalArgumentException} for anything else than eight characters of the alphabet. */
    public LinkCode {
        boolean isCode = characters.length() == LENGTH
                && characters.chars().allMatch(character -> ALPHABET.indexOf(character) >= 0);
        if (!isCode) {
            throw new IllegalArgumentException("a code has " + LENGTH + " letters and digits");
        }
    }

    /** A new one. */
    static LinkCode random(SecureRandom random) {
        StringBuilder characters = new StringBuilder();
        for (int index = 0; index < LENGTH; index++) {
            characters.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
        }
        return new LinkCode(characters.toString());
    }

    /** What a person has typed: case, spaces and hyphens do not matter, O is 0, I and L are 1. */
    public static LinkCode parse(String typed) {
        return new LinkCode(typed.toUpperCase(Locale.ROOT)
                .replaceAll("[\\s-]", "")
                .replace('O', '0')
                .replace('I', '1')
                .replace('L', '1'));
    }

    /** How it is shown: {@code 7KQ2-M9XD}. */
    public String text() {
        return characters.substring(0, LENGTH / 2) + "-" + characters.substring(LENGTH / 2);
    }

    /** The number that both sides put into the exchange: the characters in ASCII, big endian. */
    BigInteger toScalar() {
        return new BigInteger(1, characters.getBytes(StandardCharsets.US_ASCII));
    }

    @Override
    public String toString() {
        return "a one-time code";
    }
}
