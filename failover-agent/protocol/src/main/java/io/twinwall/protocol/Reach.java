/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.protocol;

/** Whether anybody beyond the pair answers. */
public enum Reach {
    /** No test address is configured, or none has been judged yet. */
    UNKNOWN,
    /** At least one test address answers. */
    ANSWERED,
    /** None does. */
    SILENT
}
