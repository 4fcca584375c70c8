package dev.quintet.relay.link;

import dev.quintet.protocol.DeviceList;
import dev.quintet.protocol.Handle;
import dev.quintet.relay.account.HandleAnswer;
import dev.quintet.relay.account.Handles;
import java.util.function.Consumer;

/**
 * Registers accounts, with a handle or without.
 *
 * <p>The handle is claimed first and stored last, so that a handle that is taken leaves no account behind. A crash between
 * the two leaves an account without a handle, of which nobody was told.
 *
 * <p><b>Thread:</b> the account's home loop; answers come there too. <b>Failure:</b> answers only.
 */
public final class Registrations {
    private final DeviceLists lists;
    private final Handles handles;

    /** The registrations of one home loop. */
    public Registrations(DeviceLists lists, Handles handles) {
        this.lists = lists;
        this.handles = handles;
    }

    /** Makes the account of {@code list}; answers once all is durable. {@code handle} is null for none. */
    public void register(DeviceList list, Handle handle, Consumer<ListAnswer> answer) {
        if (handle == null) {
            lists.register(list, answer);
            return;
        }
        handles.claim(list.account(), handle, refusal -> {
            if (refusal == null) {
                lists.register(list, result -> give(list, handle, result, answer));
            } else {
                answer.accept(refused(refusal));
            }
        });
    }

    private void give(DeviceList list, Handle handle, ListAnswer result, Consumer<ListAnswer> answer) {
        if (result.isStored()) {
            handles.give(
                    list.account(),
                    handle,
                    given -> answer.accept(given.isStored() ? ListAnswer.stored(list) : refused(given)));
        } else {
            handles.withdraw(handle);
            answer.accept(result);
        }
    }

    private static ListAnswer refused(HandleAnswer refusal) {
        return ListAnswer.refused(refusal.code(), refusal.message(), null);
    }
}
