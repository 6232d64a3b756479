/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The laboratory: two firewalls, a client, a server and their switches in network namespaces, with real traffic, real
 * failures and a check of what survived. Everything is the kernel's own: conntrack, nft, ARP, TCP.
 */
package io.twinwall.lab;
