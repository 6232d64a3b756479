/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The real engine, measured: a pair of sync agents over two real kernels ({@link io.twinwall.engine.ColdStart}, {@link
 * io.twinwall.engine.Burst}), what a running pair costs ({@link io.twinwall.engine.IdlePair}), and each stage of a flow's
 * way by itself ({@link io.twinwall.engine.StagesCommand}); against a floor where there is one, which is the kernel's own
 * time or the same work in C.
 *
 * <p>A benchmark is the class of its stage; JMH wants it public and not final.
 */
package io.twinwall.engine;
