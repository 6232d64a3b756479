/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Benchmarks of stages whose classes conntrack-sync keeps to itself. They live in a package of its name so that they see
 * what they measure: the ways in that are public, the agent and its kernel, lead through all stages at once, and nothing
 * of the product is to be public for the sake of a benchmark. JMH wants benchmarks public and not final.
 */
package io.twinwall.conntracksync;
