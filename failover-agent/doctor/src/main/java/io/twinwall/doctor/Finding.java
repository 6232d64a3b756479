/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.doctor;

/**
 * Something that makes a pair fail, or may.
 *
 * @param id which finding of docs/OPERATING.md this is; the same in every version
 * @param what what is so, with the numbers and names found
 * @param why what comes of it
 */
public record Finding(String id, Severity severity, String what, String why, Remedy remedy) {}
