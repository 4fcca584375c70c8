import com.hivemq.configuration.service.InternalConfigurations;
import com.hivemq.embedded.EmbeddedHiveMQ;
import java.nio.file.Path;

/** Starts HiveMQ CE with the folders conf, data and extensions in the current one; anybody may connect. */
public class StartHiveMq {
    public static void main(String[] arguments) {
        InternalConfigurations.AUTH_DENY_UNAUTHENTICATED_CONNECTIONS.set(false);
        EmbeddedHiveMQ.builder()
                .withConfigurationFolder(Path.of("conf"))
                .withDataFolder(Path.of("data"))
                .withExtensionsFolder(Path.of("extensions"))
                .build()
                .start()
                .join();
    }
}
