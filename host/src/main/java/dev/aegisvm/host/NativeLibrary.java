package dev.aegisvm.host;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import module java.base;
import java.lang.reflect.Proxy;

/**
 * The way to call functions of C, but for {@link SignalHandlers}, for which this is too slow. An interface describes
 * them: each of its methods is the function of its name, with the types of C, which are {@code int}, {@code long}, and
 * {@link MemorySegment} for every pointer. One is linked when it is first called, which a start need not wait for.
 */
@SuppressWarnings("restricted") // Our programs run with native access enabled.
public final class NativeLibrary {
    private NativeLibrary() {}

    /**
     * Functions that return soon and may be given memory of the Java heap: the garbage collector waits for them.
     *
     * @param library a file name such as {@code libcrypto.so.3}
     * @return empty where it is not installed
     */
    public static <T> Optional<T> critical(String library, Class<T> functions) {
        try {
            BiFunction<String, Arena, SymbolLookup> open = SymbolLookup::libraryLookup;
            SymbolLookup symbols = open.apply(library, Arena.global());
            return Optional.of(linked(functions, method -> link(symbols, method, Linker.Option.critical(true))));
        } catch (IllegalArgumentException missing) {
            return Optional.empty();
        }
    }

    /**
     * Functions of the C library.
     *
     * @param variadic those with variable arguments, and how many others come before these
     */
    static <T> T c(Class<T> functions, Map<String, Integer> variadic) {
        SymbolLookup symbols = Linker.nativeLinker().defaultLookup();
        return linked(functions, method -> {
            Integer fixed = variadic.get(method.getName());
            return fixed == null ? link(symbols, method) : link(symbols, method, Linker.Option.firstVariadicArg(fixed));
        });
    }

    private static <T> T linked(Class<T> functions, Function<Method, MethodHandle> linker) {
        Map<Method, MethodHandle> linked = new ConcurrentHashMap<>();
        return functions.cast(Proxy.newProxyInstance(
                functions.getClassLoader(),
                new Class<?>[] {functions},
                (_, method, arguments) -> linked.computeIfAbsent(method, linker).invokeWithArguments(arguments)));
    }

    private static MethodHandle link(SymbolLookup symbols, Method method, Linker.Option... options) {
        MemoryLayout[] arguments = Arrays.stream(method.getParameterTypes())
                .map(NativeLibrary::layout)
                .toArray(MemoryLayout[]::new);
        FunctionDescriptor type = method.getReturnType() == void.class
                ? FunctionDescriptor.ofVoid(arguments)
                : FunctionDescriptor.of(layout(method.getReturnType()), arguments);
        return Linker.nativeLinker().downcallHandle(symbols.findOrThrow(method.getName()), type, options);
    }

    private static MemoryLayout layout(Class<?> type) {
        if (type == MemorySegment.class) {
            return ADDRESS;
        }
        return type == int.class ? JAVA_INT : JAVA_LONG;
    }
}
