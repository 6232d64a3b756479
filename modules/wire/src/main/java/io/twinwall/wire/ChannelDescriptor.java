/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.wire;

import io.twinwall.base.BugError;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.channels.DatagramChannel;

/**
 * The kernel's descriptor of a channel, which the JDK keeps to itself and Aeron knows only as channel. It takes {@code
 * --add-exports=java.base/sun.nio.ch=ALL-UNNAMED}.
 */
final class ChannelDescriptor {
    private static final MethodHandle NUMBER = find();

    private ChannelDescriptor() {}

    private static MethodHandle find() {
        try {
            return MethodHandles.lookup()
                    .findVirtual(Class.forName("sun.nio.ch.SelChImpl"), "getFDVal", MethodType.methodType(int.class))
                    .asType(MethodType.methodType(int.class, DatagramChannel.class));
        } catch (ReflectiveOperationException e) {
            throw new BugError("the JVM does not show the descriptors of channels", e);
        }
    }

    /** That of {@code channel}, until it is closed. */
    static int of(DatagramChannel channel) {
        try {
            return (int) NUMBER.invokeExact(channel);
        } catch (Throwable t) {
            throw new BugError("a channel without descriptor", t);
        }
    }
}
