/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.base.BugError;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;

/**
 * Signals as events: without this SIGTERM ends the virtual machine by its own rules, with status 143 whatever the program
 * did, and so does SIGHUP. {@code sun.misc.Signal} is in the exported module {@code jdk.unsupported} but javac warns of
 * it, and a warning ends this build: hence by reflection, here only.
 */
final class Signals {
    private Signals() {}

    /**
     * From now on {@code name}, such as {@code TERM}, runs {@code action} and nothing else, on a thread of its own for each
     * signal. False when the virtual machine keeps that signal for itself ({@code -Xrs}).
     */
    static boolean handle(String name, Runnable action) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            InvocationHandler run = (proxy, method, arguments) -> answer(proxy, method, arguments, action);
            Object proxy = Proxy.newProxyInstance(handler.getClassLoader(), new Class<?>[] {handler}, run);
            signal.getMethod("handle", signal, handler)
                    .invoke(null, signal.getConstructor(String.class).newInstance(name), proxy);
            return true;
        } catch (InvocationTargetException e) {
            return false;
        } catch (ReflectiveOperationException e) {
            throw new BugError("sun.misc.Signal is not as it was", e);
        }
    }

    private static Object answer(Object proxy, Method method, Object[] arguments, Runnable action) {
        return switch (method.getName()) {
            case "handle" -> {
                action.run();
                yield null;
            }
            case "hashCode" -> System.identityHashCode(proxy);
            case "equals" -> System.identityHashCode(proxy) == System.identityHashCode(arguments[0]);
            default -> "signal handler";
        };
    }
}
