package dev.quintet.relay.server;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.slf4j.event.KeyValuePair;

class FlatJsonTest {
    private final Logger logger = new LoggerContext().getLogger("dev.quintet.Thing");

    @Test
    void writesOneFlatObject() {
        LoggingEvent event = event("started on {}", null, 7443);
        event.setKeyValuePairs(List.of(new KeyValuePair("partition", 3), new KeyValuePair("reason", "why \"not\"")));
        Config line = parse(event);
        assertThat(line.getString("message")).isEqualTo("started on 7443");
        assertThat(line.getString("level")).isEqualTo("WARN");
        assertThat(line.getString("logger")).isEqualTo("dev.quintet.Thing");
        assertThat(line.getInt("partition")).isEqualTo(3);
        assertThat(line.getString("reason")).isEqualTo("why \"not\"");
        assertThat(line.hasPath("stack")).isFalse();
    }

    @Test
    void writesAStackOnTheSameLine() {
        assertThat(parse(event("failed", new IllegalStateException("broken"))).getString("stack"))
                .contains("IllegalStateException: broken\n")
                .contains("FlatJsonTest");
    }

    @Test
    void letsNoCharacterFoolATerminal() {
        String hostile = "a\r\nb\u001b[31m\u0000\u202e\u2028\u0085😀\ud800é";
        byte[] bytes = new FlatJson().encode(event(hostile, null));
        String line = new String(bytes, StandardCharsets.UTF_8);
        assertThat(line.strip()).matches("[\\x20-\\x7eé]*");
        assertThat(parse(event(hostile, null)).getString("message")).isEqualTo(hostile);
    }

    private static Config parse(LoggingEvent event) {
        String line = new String(new FlatJson().encode(event), StandardCharsets.UTF_8);
        assertThat(line).endsWith("}\n");
        assertThat(line.indexOf('\n')).isEqualTo(line.length() - 1);
        return ConfigFactory.parseString(line);
    }

    private LoggingEvent event(String message, Throwable thrown, Object... arguments) {
        return new LoggingEvent(FlatJsonTest.class.getName(), logger, Level.WARN, message, thrown, arguments);
    }
}
