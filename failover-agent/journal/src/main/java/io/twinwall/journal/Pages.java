/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.journal;

/**
 * Makes mapped memory writable by a system call, before Java writes to it. A first write to a page of a file may wait
 * for the disk; a thread that waits so in the midst of Java code keeps all others from being stopped, for example to
 * collect garbage, and so stops them itself. And a page for which the disk has no room would be a signal then, where
 * this is an answer.
 */
@FunctionalInterface
public interface Pages {
    /** Does nothing, for readers and tests. */
    Pages UNTOUCHED = (address, bytes) -> true;

    /** False when writing there would fail; true also where the kernel does not know how. */
    boolean writable(long address, long bytes);
}
