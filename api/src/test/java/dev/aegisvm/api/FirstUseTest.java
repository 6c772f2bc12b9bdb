package dev.aegisvm.api;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What several threads need for the first time at once, in classes that are loaded anew. */
class FirstUseTest {
    /** The generated adapter of an enum fills its table when it is first made; two threads that do so at once break it. */
    @ParameterizedTest
    @ValueSource(strings = {"InstanceStatus", "LogEntry$LogSource", "LogEntry$LogStream"})
    void theTablesOfEnumsAreThereBeforeAnybodyNeedsThem(String name) throws Exception {
        URL[] places = Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(Path::of)
                .map(FirstUseTest::url)
                .toArray(URL[]::new);
        Thread thread = Thread.currentThread();
        ClassLoader usual = thread.getContextClassLoader();
        try (URLClassLoader anew = new URLClassLoader(places, ClassLoader.getPlatformClassLoader())) {
            thread.setContextClassLoader(anew);
            var _ = Class.forName(ApiJson.class.getName(), true, anew);
            Field table =
                    anew.loadClass("dev.aegisvm.api." + name + "JsonAdapter").getDeclaredField("toValue");
            table.setAccessible(true);
            assertThat((Map<?, ?>) table.get(null)).isNotEmpty();
        } finally {
            thread.setContextClassLoader(usual);
        }
    }

    private static URL url(Path place) {
        try {
            return place.toUri().toURL();
        } catch (MalformedURLException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
