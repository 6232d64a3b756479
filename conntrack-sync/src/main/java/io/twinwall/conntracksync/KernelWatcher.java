/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

/** Hears what a mirror's kernel does with the mirror's flows without being told to. */
interface KernelWatcher {
    /** The entry of the flow in {@code slot} ended; {@code byProgram} says whether some program asked for it. */
    void ended(int slot, boolean byProgram);

    /** The entry of the flow in {@code slot} is another now. */
    void moved(int slot);
}
