package dev.quintet.protocol;

import io.netty.util.concurrent.FastThreadLocalThread;
import java.lang.reflect.Method;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;

/**
 * Lets a test's thread count as an event loop: only there does Netty use buffers and other objects again, so that only
 * there a test can meet one that was given back too early or with something left in it.
 *
 * <p>JUnit finds it by {@code META-INF/services}, in every module whose tests have protocol's test jar.
 */
public final class LoopThreads implements InvocationInterceptor {
    @Override
    public void interceptTestMethod(
            Invocation<Void> test, ReflectiveInvocationContext<Method> method, ExtensionContext context)
            throws Throwable {
        runAsOnLoop(test);
    }

    @Override
    public void interceptTestTemplateMethod(
            Invocation<Void> test, ReflectiveInvocationContext<Method> method, ExtensionContext context)
            throws Throwable {
        runAsOnLoop(test);
    }

    private static void runAsOnLoop(Invocation<Void> test) throws Throwable {
        Throwable[] failure = new Throwable[1];
        FastThreadLocalThread.runWithFastThreadLocal(() -> {
            try {
                test.proceed();
            } catch (Throwable thrown) {
                failure[0] = thrown;
            }
        });
        if (failure[0] != null) {
            throw failure[0];
        }
    }
}
