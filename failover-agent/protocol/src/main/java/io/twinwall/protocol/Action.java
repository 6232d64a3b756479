/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.protocol;

/** What an operator may ask for, to be checked beforehand. */
public enum Action {
    SWITCHOVER,
    PROMOTE,
    MAINTENANCE
}
