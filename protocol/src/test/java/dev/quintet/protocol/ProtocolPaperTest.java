package dev.quintet.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quintet.protocol.wire.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Keeps docs/protocol.md true: its table of errors is the enum, and what it quotes in hex is golden. */
class ProtocolPaperTest {
    private static final Pattern ERROR_ROW =
            Pattern.compile("(?m)^\\| (\\d+) \\| `([A-Z_]+)` \\| (closes|stays) \\| .+$");
    private static final Pattern LONG_HEX = Pattern.compile("\\b(?:[0-9a-f]{2}){8,}\\b");
    private static final Path GOLDEN = Path.of("src/main/proto/quintet/golden-frames.txt");

    /** One row: a code, and whether it always ends the connection. */
    private record Row(int number, String name, boolean isClosing) {
        static Row of(ErrorCode code) {
            return new Row(code.getNumber(), code.name(), ProtocolException.isClosing(code));
        }

        static Row of(MatchResult row) {
            return new Row(
                    Integer.parseInt(row.group(1)), row.group(2), row.group(3).equals("closes"));
        }
    }

    @Test
    void namesEveryErrorWithItsNumberAndWhetherItCloses() throws IOException {
        List<Row> rows = ERROR_ROW.matcher(paper()).results().map(Row::of).toList();
        assertThat(rows).containsExactlyElementsOf(codes().map(Row::of).toList());
    }

    @Test
    void quotesNothingInHexThatIsNotGolden() throws IOException {
        String golden = Files.readString(GOLDEN);
        assertThat(LONG_HEX.matcher(paper()).results().map(MatchResult::group))
                .isNotEmpty()
                .allSatisfy(hex -> assertThat(golden).contains(hex));
    }

    private static Stream<ErrorCode> codes() {
        return Arrays.stream(ErrorCode.values())
                .filter(code -> code != ErrorCode.UNRECOGNIZED && code != ErrorCode.ERROR_CODE_UNSPECIFIED);
    }

    private static String paper() throws IOException {
        return Files.readString(Path.of("../docs/protocol.md"));
    }
}
