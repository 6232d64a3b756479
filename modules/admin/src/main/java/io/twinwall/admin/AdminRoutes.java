/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.admin;

import io.twinwall.base.Check;
import java.lang.System.Logger.Level;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;

/**
 * Which handler answers which method and path of one listener. Filled before the server starts, read by its thread
 * only. A handler's exception becomes an answer here, never a dropped connection.
 */
final class AdminRoutes {
    private static final System.Logger LOG = System.getLogger(AdminRoutes.class.getName());

    private final Map<String, Map<String, Function<AdminRequest, CompletableFuture<AdminResponse>>>> byPath =
            new TreeMap<>();

    void add(String method, String path, Function<AdminRequest, CompletableFuture<AdminResponse>> handler) {
        boolean added = byPath.computeIfAbsent(path, p -> new TreeMap<>()).putIfAbsent(method, handler) == null;
        Check.that(added, "two handlers for " + method + " " + path);
    }

    /** The answer, perhaps not yet there; never null, and never fails other than by an {@link AdminProblem}. */
    CompletableFuture<AdminResponse> answer(AdminRequest request) {
        Map<String, Function<AdminRequest, CompletableFuture<AdminResponse>>> methods = methods(request.path());
        if (methods == null) {
            return refused(404, "no such path: " + request.path());
        }
        Function<AdminRequest, CompletableFuture<AdminResponse>> handler = methods.get(request.method());
        if (handler == null) {
            return refused(405, request.method() + " is not served here, only " + allowed(request.path()));
        }
        try {
            return handler.apply(request).exceptionally(AdminRoutes::failed);
        } catch (RuntimeException e) {
            return CompletableFuture.completedFuture(failed(e));
        }
    }

    /** A path of its own goes before one that ends in {@code /*}, which stands for any last segment. */
    private Map<String, Function<AdminRequest, CompletableFuture<AdminResponse>>> methods(String path) {
        Map<String, Function<AdminRequest, CompletableFuture<AdminResponse>>> methods = byPath.get(path);
        int lastSegment = path.lastIndexOf('/') + 1;
        return methods != null || lastSegment == path.length()
                ? methods
                : byPath.get(path.substring(0, lastSegment) + "*");
    }

    /** The methods of {@code path}, as the header {@code Allow} wants them; empty for an unknown path. */
    String allowed(String path) {
        Map<String, ?> methods = methods(path);
        return methods == null ? "" : String.join(", ", methods.keySet());
    }

    private static CompletableFuture<AdminResponse> refused(int status, String reason) {
        return CompletableFuture.completedFuture(AdminResponse.problem(status, reason));
    }

    private static AdminResponse failed(Throwable thrown) {
        Throwable cause =
                thrown instanceof CompletionException && thrown.getCause() != null ? thrown.getCause() : thrown;
        if (cause instanceof AdminProblem problem) {
            return AdminResponse.problem(problem.status(), problem.getMessage());
        }
        LOG.log(Level.ERROR, "admin handler failed", cause);
        return AdminResponse.problem(500, "internal error; the log has it");
    }
}
