/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.testkit;

import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Hands each test method (or its {@code @BeforeEach}) a {@link TestNet} of its own, closed when the method is over,
 * however it ends: {@code @ExtendWith(NetNsExtension.class)} and a parameter of that type.
 */
public final class NetNsExtension implements ParameterResolver {
    private static final ExtensionContext.Namespace STORE = ExtensionContext.Namespace.create(NetNsExtension.class);

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == TestNet.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        // The store closes what is AutoCloseable at the end of the context's life.
        return context.getStore(STORE).computeIfAbsent(TestNet.class, type -> new TestNet(), TestNet.class);
    }
}
