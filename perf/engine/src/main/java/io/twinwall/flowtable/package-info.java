/* SPDX-License-Identifier: Apache-2.0 */
/** The benchmark of the table's hash, which flow-table keeps to itself: in a package of its name, so that it sees it. */
package io.twinwall.flowtable;
