package dev.quintet.relay;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noFields;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The rules of the house, held by the build. The package {@code dev.quintet.crooked} breaks each of them, to prove that
 * it would be seen.
 */
class HouseRulesTest {
    private static final String HOUSE = "dev.quintet.relay";
    private static final String CROOKED_HOUSE = "dev.quintet.crooked";

    private static final JavaClasses BUILT = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages(HOUSE);

    private static final JavaClasses CROOKED = new ClassFileImporter().importPackages(CROOKED_HOUSE);

    /** Which floor a room is on; it imports only from floors below. */
    private static final Map<String, Integer> FLOORS =
            Map.of("server", 6, "net", 5, "fanout", 4, "link", 4, "mailbox", 3, "account", 3, "store", 2, "journal", 1);

    /** One rule, for the house whose root package it is given. */
    enum Rule {
        FLOORS_ONLY_DOWNWARDS {
            @Override
            ArchRule in(String house) {
                return classes().should(importOnlyFromFloorsBelow(house)).because("arrows point down");
            }
        },
        PIPELINES_ONLY_IN_NET {
            @Override
            ArchRule in(String house) {
                return onlyIn(house, Set.of("net", "server"), "io.netty.channel..", "io.netty.handler..");
            }
        },
        ROCKS_ONLY_IN_STORE {
            @Override
            ArchRule in(String house) {
                return onlyIn(house, Set.of("store"), "org.rocksdb..");
            }
        },
        BOUNCY_CASTLE_ONLY_FOR_THE_CERTIFICATE {
            @Override
            ArchRule in(String house) {
                return onlyIn(house, Set.of("server"), "org.bouncycastle..");
            }
        },
        SURROUNDINGS_ONLY_IN_SERVER {
            @Override
            ArchRule in(String house) {
                return onlyIn(
                        house,
                        Set.of("server"),
                        "io.micrometer.prometheusmetrics..",
                        "io.prometheus..",
                        "com.typesafe..",
                        "picocli..",
                        "ch.qos.logback..");
            }
        },
        NAMES_OF_THINGS {
            @Override
            ArchRule in(String house) {
                return noClasses()
                        .should()
                        .haveNameMatching(".*(Manager|Impl|Utils?|Helper|Service|Base|Data|Info|Context)")
                        .because("a class is named after the thing, not after a pattern");
            }
        },
        NO_STATIC_STATE {
            @Override
            ArchRule in(String house) {
                return noFields()
                        .that(describe("are static", HouseRulesTest::isStaticAndOurs))
                        .should()
                        .notHaveModifier(JavaModifier.FINAL);
            }
        },
        NO_PROPERTIES_IN_STATIC_FIELDS {
            @Override
            ArchRule in(String house) {
                return classes().should(notLookAtTheProcessWhenLoaded());
            }
        };

        abstract ArchRule in(String house);
    }

    @ParameterizedTest
    @EnumSource
    void theHouseKeepsTheRule(Rule rule) {
        rule.in(HOUSE).allowEmptyShould(true).check(BUILT);
    }

    /** The negative control of the test above. */
    @ParameterizedTest
    @EnumSource
    void theCrookedHouseBreaksTheRule(Rule rule) {
        assertThat(rule.in(CROOKED_HOUSE).evaluate(CROOKED).hasViolation()).isTrue();
    }

    @Test
    void seesEachWayToBreakTheFloors() {
        assertThat(Rule.FLOORS_ONLY_DOWNWARDS
                        .in(CROOKED_HOUSE)
                        .evaluate(CROOKED)
                        .getFailureReport()
                        .getDetails())
                .anyMatch(line -> line.contains("journal") && line.contains("above"))
                .anyMatch(line -> line.contains("account") && line.contains("beside"))
                .noneMatch(line -> line.contains("<dev.quintet.crooked.net.Upright."));
    }

    @Test
    void theHouseIsNotEmpty() {
        assertThat(BUILT.stream().map(one -> room(HOUSE, one))).contains("server", "journal", "store");
    }

    @Test
    void noTwoClassesOfAnyModuleShareAName() throws IOException {
        assertThat(namesThatStandTwice(sourcesOfAllModules())).isEmpty();
    }

    @Test
    void seesANameThatStandsTwice() {
        assertThat(namesThatStandTwice(List.of(Path.of("a/One.java"), Path.of("a/Two.java"), Path.of("b/One.java"))))
                .containsOnlyKeys("One.java");
    }

    private static Map<String, Long> namesThatStandTwice(List<Path> sources) {
        Map<String, Long> counts = sources.stream()
                .map(source -> source.getFileName().toString())
                .filter(name -> !name.equals("package-info.java"))
                .collect(Collectors.groupingBy(name -> name, Collectors.counting()));
        counts.values().removeIf(count -> count == 1);
        return counts;
    }

    private static List<Path> sourcesOfAllModules() throws IOException {
        try (Stream<Path> modules = Files.list(Path.of("..").toAbsolutePath().normalize())) {
            return modules.map(module -> module.resolve("src/main/java"))
                    .filter(Files::isDirectory)
                    .flatMap(HouseRulesTest::javaFilesBelow)
                    .toList();
        }
    }

    private static Stream<Path> javaFilesBelow(Path directory) {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.filter(file -> file.toString().endsWith(".java")).toList().stream();
        } catch (IOException thrown) {
            throw new AssertionError(thrown);
        }
    }

    private static ArchRule onlyIn(String house, Set<String> rooms, String... packages) {
        String[] others = FLOORS.keySet().stream()
                .filter(room -> !rooms.contains(room))
                .map(room -> house + "." + room + "..")
                .toArray(String[]::new);
        return noClasses()
                .that(resideInAnyPackage(others))
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(packages);
    }

    private static ArchCondition<JavaClass> importOnlyFromFloorsBelow(String house) {
        return new ArchCondition<>("import only from floors below") {
            @Override
            public void check(JavaClass from, ConditionEvents events) {
                for (Dependency dependency : from.getDirectDependenciesFromSelf()) {
                    String wrong = wrongWay(room(house, from), room(house, dependency.getTargetClass()));
                    if (wrong != null) {
                        events.add(SimpleConditionEvent.violated(from, wrong + ": " + dependency.getDescription()));
                    }
                }
            }
        };
    }

    /** What is wrong with an import of room {@code to} by room {@code from}; null if nothing is. */
    private static String wrongWay(String from, String to) {
        if (from.isEmpty() || to.isEmpty() || from.equals(to)) {
            return null;
        }
        if (!FLOORS.containsKey(from) || !FLOORS.containsKey(to)) {
            return "a room that no decision has made";
        }
        int up = FLOORS.get(to) - FLOORS.get(from);
        return up < 0 ? null : up == 0 ? "beside" : "above";
    }

    /** The room that {@code one} is in; empty if it is in no room of this house. */
    private static String room(String house, JavaClass one) {
        String name = one.getPackageName();
        return name.startsWith(house + ".") ? name.substring(house.length() + 1) : "";
    }

    private static boolean isStaticAndOurs(JavaField field) {
        return field.getModifiers().contains(JavaModifier.STATIC)
                && !field.getModifiers().contains(JavaModifier.SYNTHETIC);
    }

    private static ArchCondition<JavaClass> notLookAtTheProcessWhenLoaded() {
        return new ArchCondition<>("not read system properties or the environment when loaded") {
            @Override
            public void check(JavaClass loaded, ConditionEvents events) {
                loaded.getStaticInitializer().stream()
                        .flatMap(initializer -> initializer.getMethodCallsFromSelf().stream())
                        .filter(HouseRulesTest::looksAtTheProcess)
                        .forEach(call -> events.add(SimpleConditionEvent.violated(loaded, call.getDescription())));
            }
        };
    }

    private static boolean looksAtTheProcess(JavaMethodCall call) {
        return Set.of(
                        "java.lang.System.getProperty",
                        "java.lang.System.getenv",
                        "java.lang.Integer.getInteger",
                        "java.lang.Long.getLong",
                        "java.lang.Boolean.getBoolean")
                .contains(call.getTargetOwner().getName() + "." + call.getName());
    }
}
