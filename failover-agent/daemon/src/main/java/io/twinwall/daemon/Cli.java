/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import java.nio.file.Path;

final class Cli {
    static final Path SOCKET = Path.of("/run/twinwall/admin.sock");
}
