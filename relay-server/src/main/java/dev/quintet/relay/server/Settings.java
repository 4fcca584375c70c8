package dev.quintet.relay.server;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * The configuration as text: the embedded defaults, the operator's file above them, the command line above both; and
 * how it becomes records.
 *
 * <p>A record's components are its keys, in lower case with hyphens. The component's type and last word say what may
 * stand there:
 *
 * <pre>
 *   record           a section of its own
 *   …Bytes           a size with a unit:      64 MiB      (a bare number counts bytes)
 *   …Millis          a duration with a unit:  30 s        (key without the last word; a bare number is refused)
 *   …Seconds         a duration in whole seconds: 30 days (likewise)
 *   int, long        a number
 *   enum             one of its constants, in lower case with hyphens
 * </pre>
 *
 * <p>What the numbers may be is the record's own business: its constructor throws {@link IllegalArgumentException}
 * whose message begins with the component's name, with or without the section's before it.
 *
 * <p><b>Failure:</b> {@link StartRefused} that names key, file and line.
 */
final class Settings {
    private static final String DEFAULTS = "defaults.conf";
    private static final ConfigParseOptions STRICT =
            ConfigParseOptions.defaults().setAllowMissing(false);

    private final Config all;

    private Settings(Config all) {
        this.all = all;
    }

    /** The embedded defaults alone. */
    static Config defaults() {
        return ConfigFactory.parseResources(Settings.class, DEFAULTS, STRICT.setOriginDescription(DEFAULTS));
    }

    /**
     * Reads file and options over the defaults.
     *
     * @param file the operator's HOCON file, or null
     * @param options command line options by the key they set
     */
    static Settings read(Path file, Map<String, ?> options) {
        Config defaults = defaults();
        Config fromFile = file == null ? ConfigFactory.empty() : parse(file);
        refuseUnknownKeys(fromFile, defaults);
        return new Settings(ConfigFactory.parseMap(options, "command line")
                .withFallback(fromFile)
                .withFallback(defaults)
                .resolve());
    }

    private static Config parse(Path file) {
        if (!Files.isReadable(file) || Files.isDirectory(file)) {
            throw new StartRefused("cannot read the configuration file " + file);
        }
        try {
            return ConfigFactory.parseFile(file.toFile(), STRICT.setOriginDescription(file.toString()))
                    .resolve();
        } catch (ConfigException refused) {
            throw refused(refused.origin(), withoutOrigin(refused));
        }
    }

    private static void refuseUnknownKeys(Config given, Config known) {
        given.root().forEach((key, value) -> refuseUnknownKey(ConfigUtil.quoteString(key), value, known));
    }

    private static void refuseUnknownKey(String path, ConfigValue value, Config known) {
        String plain = String.join(".", ConfigUtil.splitPath(path));
        if (!known.hasPathOrNull(path)) {
            throw refused(value.origin(), "unknown key " + plain);
        }
        boolean isSection = known.getValue(path).valueType() == ConfigValueType.OBJECT;
        if (value instanceof ConfigObject section) {
            if (!isSection) {
                throw refused(value.origin(), plain + " is a value, not a section");
            }
            section.forEach((key, inner) -> refuseUnknownKey(path + "." + ConfigUtil.quoteString(key), inner, known));
        } else if (isSection) {
            throw refused(value.origin(), plain + " is a section, not a value");
        }
    }

    /** Reads everything as {@code type}. */
    <R extends Record> R as(Class<R> type) {
        return section("", all, type);
    }

    private <R extends Record> R section(String path, Config section, Class<R> type) {
        RecordComponent[] components = type.getRecordComponents();
        Object[] values = new Object[components.length];
        for (int i = 0; i < components.length; i++) {
            values[i] = value(path, section, components[i]);
        }
        Class<?>[] types =
                Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
        try {
            var constructor = type.getDeclaredConstructor(types);
            constructor.setAccessible(true);
            return constructor.newInstance(values);
        } catch (InvocationTargetException thrown) {
            throw rejected(path, section, components, thrown.getCause());
        } catch (ReflectiveOperationException bug) {
            throw new IllegalStateException(type + " cannot be made", bug);
        }
    }

    /** The record did not like a value: says so with the key's name instead of the component's. */
    private static RuntimeException rejected(
            String path, Config section, RecordComponent[] components, Throwable thrown) {
        if (!(thrown instanceof IllegalArgumentException)) {
            return new IllegalStateException("section " + path, thrown);
        }
        String message = thrown.getMessage();
        for (RecordComponent component : components) {
            int name = message.indexOf(component.getName() + " ");
            if (name == 0 || name > 0 && message.charAt(name - 1) == '.') {
                String rest = message.substring(name + component.getName().length());
                return refused(section.getValue(key(component)).origin(), path + key(component) + rest);
            }
        }
        return refused(section.origin(), path + ": " + message);
    }

    private Object value(String path, Config section, RecordComponent component) {
        String key = key(component);
        try {
            return value(path, key, section, component);
        } catch (ConfigException.Missing missing) {
            throw refused(section.origin(), path + key + " is missing");
        } catch (ConfigException wrong) {
            throw refused(section.getValue(key).origin(), path + key + ": " + withoutOrigin(wrong));
        } catch (ArithmeticException tooLarge) {
            throw refused(section.getValue(key).origin(), path + key + " is too large");
        }
    }

    private Object value(String path, String key, Config section, RecordComponent component) {
        Class<?> type = component.getType();
        if (type.isRecord()) {
            return section(path + key + ".", section.getConfig(key), type.asSubclass(Record.class));
        }
        if (type == int.class) {
            return Math.toIntExact(number(component.getName(), key, section));
        }
        if (type == long.class) {
            return number(component.getName(), key, section);
        }
        if (type == boolean.class) {
            return section.getBoolean(key);
        }
        if (type == Path.class) {
            return Path.of(section.getString(key));
        }
        if (type.isEnum()) {
            return constant(type.getEnumConstants(), section.getString(key));
        }
        return section.getString(key);
    }

    private static long number(String name, String key, Config section) {
        if (isMeasuredIn("Bytes", name)) {
            return section.getBytes(key);
        }
        if (isMeasuredIn("Millis", name)) {
            return duration(key, section, TimeUnit.MILLISECONDS);
        }
        if (isMeasuredIn("Seconds", name)) {
            return duration(key, section, TimeUnit.SECONDS);
        }
        return section.getLong(key);
    }

    private static long duration(String key, Config section, TimeUnit unit) {
        if (!section.getString(key).matches(".*[a-zA-Zµ]\\s*")) {
            throw new ConfigException.Generic("a duration needs a unit, such as 30 s");
        }
        return section.getDuration(key, unit);
    }

    private static Object constant(Object[] constants, String text) {
        return Arrays.stream(constants)
                .filter(constant -> hyphenated((Enum<?>) constant).equals(text))
                .findFirst()
                .orElseThrow(() -> new ConfigException.Generic("must be one of "
                        + Arrays.stream(constants)
                                .map(constant -> hyphenated((Enum<?>) constant))
                                .collect(Collectors.joining(", "))
                        + ", not " + text));
    }

    private static String hyphenated(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** The key of a component: {@code loginTimeoutMillis} is {@code login-timeout}. */
    private static String key(RecordComponent component) {
        String name = component.getName();
        for (String unit : new String[] {"Millis", "Seconds"}) {
            if (isMeasuredIn(unit, name)) {
                name = name.substring(0, name.length() - unit.length());
            }
        }
        return name.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
    }

    private static boolean isMeasuredIn(String unit, String name) {
        return name.endsWith(unit) || name.equals(unit.toLowerCase(Locale.ROOT));
    }

    private static StartRefused refused(ConfigOrigin origin, String what) {
        return new StartRefused(origin == null ? what : place(origin) + ": " + what);
    }

    private static String place(ConfigOrigin origin) {
        return origin.description().replaceFirst(": (\\d+)$", ":$1");
    }

    /** The library puts "file: line: " before its message; we put it there ourselves, in one form. */
    private static String withoutOrigin(ConfigException thrown) {
        String message = thrown.getMessage().lines().findFirst().orElse("");
        String prefix = thrown.origin() == null ? "" : thrown.origin().description() + ": ";
        return message.startsWith(prefix) ? message.substring(prefix.length()) : message;
    }
}
