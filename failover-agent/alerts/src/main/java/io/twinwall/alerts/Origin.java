/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.alerts;

/** Who says something, and what it is at that moment. */
public record Origin(String node, String peer, String role, long term) {}
