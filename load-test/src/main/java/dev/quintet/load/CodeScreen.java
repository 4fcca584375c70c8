package dev.quintet.load;

import dev.quintet.client.DeviceKeys;
import dev.quintet.client.LinkCode;
import dev.quintet.client.LinkDisplay;
import dev.quintet.client.NewDevice;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * A new device's screen when it asks by handle: what it waits for, and the one-time code that is typed.
 *
 * <p><b>Thread:</b> the client's event loop; {@link #serve} on one that may block, and its reader.
 */
final class CodeScreen implements LinkDisplay {
    private static final int OVER = -1;

    private final PrintWriter out;
    private final BufferedReader in;
    private final Consumer<DeviceKeys> store;
    private final BlockingQueue<Integer> wanted = new LinkedBlockingQueue<>();
    private volatile boolean isPrompting;

    /** {@code store} keeps the new device's keys. */
    CodeScreen(PrintWriter out, BufferedReader in, Consumer<DeviceKeys> store) {
        this.out = out;
        this.in = in;
        this.store = store;
    }

    @Override
    public void asked(long remainingMillis) {
        say(
                "Asked. If there is such an account, its primary is asked to show a code: ./quintet link --answer there, within "
                        + TimeUnit.MILLISECONDS.toMinutes(remainingMillis) + " min.");
    }

    @Override
    public void enterCode(int triesLeft) {
        wanted.add(triesLeft);
    }

    /**
     * Has a code typed whenever one is wanted, until the device is linked; fails as the device does, even while somebody is
     * still typing.
     */
    void serve(NewDevice device) {
        CompletableFuture<Void> typing = new CompletableFuture<>();
        device.linked().whenComplete((linked, failure) -> wanted.add(OVER));
        Thread reader = new Thread(() -> type(device, typing), "code-reader");
        reader.setDaemon(true);
        reader.start();
        try {
            Fleet.join(CompletableFuture.anyOf(device.linked(), typing));
        } finally {
            if (isPrompting) {
                out.println();
                out.flush();
            }
        }
    }

    /** On a thread of its own, because nothing ends a read from a terminal. */
    private void type(NewDevice device, CompletableFuture<Void> typing) {
        try {
            for (int triesLeft = wanted.take(); triesLeft != OVER; triesLeft = wanted.take()) {
                device.enter(read(triesLeft));
            }
        } catch (CommandFailure failure) {
            typing.completeExceptionally(failure);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private LinkCode read(int triesLeft) {
        while (true) {
            out.print("Type the code that the primary shows (" + Words.count(triesLeft) + " left): ");
            out.flush();
            isPrompting = true;
            try {
                String line = in.readLine();
                isPrompting = false;
                if (line == null) {
                    throw new CommandFailure("no code was typed");
                }
                return LinkCode.parse(line);
            } catch (IllegalArgumentException mistyped) {
                say(mistyped.getMessage());
            } catch (IOException exception) {
                throw new CommandFailure("cannot read the code: " + exception.getMessage());
            }
        }
    }

    private void say(String line) {
        out.println(line);
        out.flush();
    }

    @Override
    public void store(DeviceKeys linked) {
        store.accept(linked);
    }
}
