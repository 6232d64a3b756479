/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.testkit;

import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Makes the tests of a class fail, saying why, when they lack the privileges they need. They are never skipped. */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Inherited
@ExtendWith(RequireRoot.Extension.class)
public @interface RequireRoot {

    /** Runs the check before the first test of the class. */
    final class Extension implements BeforeAllCallback {
        @Override
        public void beforeAll(ExtensionContext context) {
            Privileges.require(context.getDisplayName());
        }
    }
}
