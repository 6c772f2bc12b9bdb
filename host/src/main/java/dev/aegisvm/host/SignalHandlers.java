package dev.aegisvm.host;

import java.lang.reflect.Proxy;

/**
 * SignalHandlers that this process hears while it runs. The JDK's only door to them is one that it warns of at compile time, in a
 * way that cannot be answered in the source, and that it keeps open (JEP 260); so it is opened by name.
 */
public final class SignalHandlers {
    private SignalHandlers() {}

    /**
     * Does something at each signal, on a thread of its own, instead of what it usually does.
     *
     * @param name without {@code SIG}
     */
    public static void on(String name, Runnable action) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object ours = Proxy.newProxyInstance(
                    SignalHandlers.class.getClassLoader(), new Class<?>[] {handler}, (_, method, _) -> {
                        if (method.getName().equals("handle")) {
                            action.run();
                        }
                        return null;
                    });
            var _ = signal.getMethod("handle", signal, handler)
                    .invoke(null, signal.getConstructor(String.class).newInstance(name), ours);
        } catch (ReflectiveOperationException missing) {
            throw new IllegalStateException("this Java has no sun.misc.Signal", missing);
        }
    }
}
