package dev.quintet.load;

import dev.quintet.relay.net.Transport;
import java.util.Arrays;
import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A transport as it is typed: as in the relay's configuration, or with an underscore. */
final class TransportName implements ITypeConverter<Transport> {
    @Override
    public Transport convert(String typed) {
        String name = typed.toLowerCase(Locale.ROOT).replace('_', '-');
        return Arrays.stream(Transport.values())
                .filter(transport -> transport.toString().equals(name))
                .findFirst()
                .orElseThrow(() -> new TypeConversionException("must be io-uring, epoll or nio, not " + typed));
    }
}
