package dev.quintet.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.List;

/**
 * A program that a test needs and not every machine has. Without it the test is skipped; but where the environment variable
 * {@code QUINTET_REQUIRED_TOOLS} names it, with spaces between names, the test fails.
 */
final class RequiredTool {
    private static final String VARIABLE = "QUINTET_REQUIRED_TOOLS";

    private RequiredTool() {}

    /**
     * Goes on if the test has found its program.
     *
     * @param program its name
     * @param debianPackage where Debian has it
     */
    static void check(String program, String debianPackage, boolean isFound) {
        check(program, debianPackage, isFound, System.getenv().getOrDefault(VARIABLE, ""));
    }

    static void check(String program, String debianPackage, boolean isFound, String required) {
        String missing = program + " is not installed (Debian: apt-get install " + debianPackage + ")";
        if (List.of(required.split(" ")).contains(program)) {
            assertThat(isFound)
                    .as(missing + ", and " + VARIABLE + " demands it")
                    .isTrue();
        }
        assumeTrue(isFound, missing);
    }
}
