package dev.aegisvm.host;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import module java.base;

/**
 * A library of C functions, and the only way to call one. A function is described by a public interface with one method,
 * whose types are those of C: {@code int}, {@code long}, {@link MemorySegment} for every pointer.
 */
@SuppressWarnings("restricted") // Our programs run with native access enabled.
public final class NativeLibrary {
    private final SymbolLookup symbols;

    private NativeLibrary(SymbolLookup symbols) {
        this.symbols = symbols;
    }

    /** A library by its file name, such as {@code libcrypto.so.3}; empty where it is not installed. */
    public static Optional<NativeLibrary> open(String name) {
        try {
            BiFunction<String, Arena, SymbolLookup> open = SymbolLookup::libraryLookup;
            return Optional.of(new NativeLibrary(open.apply(name, Arena.global())));
        } catch (IllegalArgumentException missing) {
            return Optional.empty();
        }
    }

    /** A function of the C library. */
    static <T> T c(Class<T> shape, String name, Linker.Option... options) {
        return link(Linker.nativeLinker().defaultLookup(), shape, name, options);
    }

    /**
     * A function that returns soon and may be given memory of the Java heap: the garbage collector waits for it.
     *
     * @throws java.util.NoSuchElementException if the library has no such function
     */
    public <T> T critical(Class<T> shape, String name) {
        return link(symbols, shape, name, Linker.Option.critical(true));
    }

    private static <T> T link(SymbolLookup symbols, Class<T> shape, String name, Linker.Option... options) {
        Method method = shape.getMethods()[0];
        MemoryLayout[] arguments = Arrays.stream(method.getParameterTypes())
                .map(NativeLibrary::layout)
                .toArray(MemoryLayout[]::new);
        FunctionDescriptor type = method.getReturnType() == void.class
                ? FunctionDescriptor.ofVoid(arguments)
                : FunctionDescriptor.of(layout(method.getReturnType()), arguments);
        MethodHandle handle = Linker.nativeLinker().downcallHandle(symbols.findOrThrow(name), type, options);
        return MethodHandleProxies.asInterfaceInstance(shape, handle);
    }

    private static MemoryLayout layout(Class<?> type) {
        if (type == MemorySegment.class) {
            return ADDRESS;
        }
        return type == int.class ? JAVA_INT : JAVA_LONG;
    }
}
