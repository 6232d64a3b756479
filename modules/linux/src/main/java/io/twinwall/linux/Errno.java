/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.linux;

import io.twinwall.base.Check;
import io.twinwall.base.ExitCode;
import io.twinwall.base.Fatal;

/**
 * The kernel's error numbers. All methods take an errno of either sign, so that what {@link Posix} returned can be passed
 * on as it is.
 */
public final class Errno {
    public static final int EPERM = 1;
    public static final int ENOENT = 2;
    public static final int ESRCH = 3;
    public static final int EINTR = 4;
    public static final int EIO = 5;
    public static final int ENXIO = 6;
    public static final int EBADF = 9;
    public static final int EAGAIN = 11;
    public static final int ENOMEM = 12;
    public static final int EACCES = 13;
    public static final int EFAULT = 14;
    public static final int EBUSY = 16;
    public static final int EEXIST = 17;
    public static final int ENODEV = 19;
    public static final int EINVAL = 22;
    public static final int ENFILE = 23;
    public static final int EMFILE = 24;
    public static final int ENOTTY = 25;
    public static final int ENOSPC = 28;
    public static final int EPIPE = 32;
    public static final int ERANGE = 34;
    public static final int EMSGSIZE = 90;
    public static final int EPROTONOSUPPORT = 93;
    public static final int EOPNOTSUPP = 95;
    public static final int EAFNOSUPPORT = 97;
    public static final int EADDRINUSE = 98;
    public static final int EADDRNOTAVAIL = 99;
    public static final int ENETDOWN = 100;
    public static final int ENETUNREACH = 101;
    public static final int ENOBUFS = 105;
    public static final int ETIMEDOUT = 110;
    public static final int ECONNREFUSED = 111;
    public static final int EHOSTUNREACH = 113;

    private Errno() {}

    /** The kernel's name, such as {@code EAGAIN}; {@code errno 4095} for a number without one. */
    public static String name(int errno) {
        String name = ErrnoText.NAMES[index(errno)];
        return name == null ? "errno " + Math.abs(errno) : name;
    }

    /** One line for people, such as {@code Resource temporarily unavailable}. */
    public static String text(int errno) {
        String text = ErrnoText.TEXTS[index(errno)];
        return text == null ? "Unknown error " + Math.abs(errno) : text;
    }

    /** As {@link #fatal(String, int, String)} for what the network code needs: CAP_NET_ADMIN and CAP_NET_RAW. */
    public static Fatal fatal(String operation, int errno) {
        return fatal(operation, errno, "CAP_NET_ADMIN and CAP_NET_RAW");
    }

    /**
     * The error to end with when the kernel refuses {@code operation}: {@link ExitCode#NO_PERMISSION} with the capability
     * to add for EPERM and EACCES, otherwise {@link ExitCode#ENVIRONMENT}.
     */
    public static Fatal fatal(String operation, int errno, String capability) {
        Check.that(errno != 0, "no error: " + operation);
        String what = operation + ": " + name(errno) + " (" + text(errno) + ")";
        return switch (Math.abs(errno)) {
            case EPERM, EACCES ->
                new Fatal(
                        ExitCode.NO_PERMISSION,
                        what + "; run as root, or add " + capability
                                + " (systemd: AmbientCapabilities=, container: --cap-add)");
            case EAFNOSUPPORT, EPROTONOSUPPORT, EOPNOTSUPP ->
                new Fatal(ExitCode.ENVIRONMENT, what + "; this kernel lacks the feature or its module is not loaded");
            case EMFILE, ENFILE -> new Fatal(ExitCode.ENVIRONMENT, what + "; raise the limit of open files");
            case ENOMEM -> new Fatal(ExitCode.ENVIRONMENT, what + "; free memory, or lower flows-max");
            default -> new Fatal(ExitCode.ENVIRONMENT, what);
        };
    }

    private static int index(int errno) {
        int number = Math.abs(errno); // negative for Integer.MIN_VALUE
        return number >= 0 && number < ErrnoText.NAMES.length ? number : 0;
    }
}
