package dev.aegisvm.gateway.names;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Type;

class HostUpstreamTest {
    private NameServer server;
    private Path servers;
    private Path hosts;
    private HostUpstream upstream;

    @BeforeEach
    void begin(@TempDir Path directory) throws IOException {
        server = new NameServer()
                .with("x.test", "A", "93.184.216.34")
                .with("x.test", "AAAA", "2606:2800:21f::1")
                .with("only6.test", "AAAA", "2606:2800:21f::1")
                .with("alias.test", "CNAME", "x.test.")
                .with("loop.test", "CNAME", "pool.test.")
                .with("pool.test", "CNAME", "loop.test.")
                .with("empty.test", "TXT", "nothing")
                .with("x.test", "MX", "10 mail.x.test.");
        servers = Files.writeString(directory.resolve("resolv.conf"), """
                # made by a test
                search example.test
                nameserver 127.0.0.1
                nameserver fe80::1%nowhere
                options edns0
                """);
        hosts = Files.writeString(directory.resolve("hosts"), "10.9.8.7 box.test box # a comment\n");
        upstream = new HostUpstream(servers, hosts, server.port());
    }

    @AfterEach
    void end() throws IOException {
        server.close();
    }

    private static List<InetAddress> of(String... addresses) {
        return Stream.of(addresses).map(InetAddress::ofLiteral).toList();
    }

    @Test
    void findsTheAddressesOfBothFamilies() {
        assertThat(upstream.find("x.test").join())
                .isEqualTo(new Upstream.Found(Rcode.NOERROR, of("93.184.216.34", "2606:2800:21f::1")));
        assertThat(upstream.find("only6.test").join().addresses()).isEqualTo(of("2606:2800:21f::1"));
        assertThat(upstream.find("alias.test").join().addresses()).isEqualTo(of("93.184.216.34", "2606:2800:21f::1"));
    }

    @Test
    void tellsWhatIsNotThereFromWhatCannotBeAsked() {
        assertThat(upstream.find("gone.test").join().rcode()).isEqualTo(Rcode.NXDOMAIN);
        assertThat(upstream.find("empty.test").join()).isEqualTo(new Upstream.Found(Rcode.NOERROR, List.of()));
        assertThat(upstream.find("broken.test").join().rcode()).isEqualTo(Rcode.SERVFAIL);
        assertThat(upstream.find("loop.test").join().rcode()).isEqualTo(Rcode.SERVFAIL);
    }

    @Test
    void asksForTheWholeNameOnly() {
        upstream.find("gone").join();
        assertThat(server.asked).isNotEmpty().allMatch(asked -> asked.contains(" gone "));
    }

    @Test
    void aServerThatSaysNothingIsGivenUp() {
        long begin = System.nanoTime();
        assertThat(upstream.find("silent.test").join().rcode()).isEqualTo(Rcode.SERVFAIL);
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isBetween(Duration.ofSeconds(1), Duration.ofSeconds(8));
    }

    @Test
    void aLongAnswerComesByTcp() throws Exception {
        for (int i = 0; i < 40; i++) {
            server.with("long.test", "TXT", "\"text number " + i + " of many\"");
        }
        Upstream.Answer answer =
                upstream.ask(Name.fromString("long.test."), Type.TXT).join();
        assertThat(answer.records()).hasSize(40);
        assertThat(server.asked).contains("udp long.test TXT", "tcp long.test TXT");
    }

    @Test
    void theHostsFileComesFirst() {
        assertThat(upstream.find("box.test").join().addresses()).isEqualTo(of("10.9.8.7"));
        assertThat(server.asked).noneMatch(asked -> asked.endsWith("box.test A"));
    }

    @Test
    void otherRecordsAreOfTheWantedTypeAlone() throws Exception {
        Upstream.Answer answer =
                upstream.ask(Name.fromString("x.test."), Type.MX).join();
        assertThat(answer.records()).extracting(Record::rdataToString).containsExactly("10 mail.x.test.");
    }

    @Test
    void isAskedOnceWhileItIsFresh() {
        upstream.find("x.test").join();
        upstream.find("x.test").join();
        assertThat(server.asked).containsExactlyInAnyOrder("udp x.test A", "udp x.test AAAA");
    }

    /** Also what need not be kept: that a name has no address of a family. */
    @Test
    void whoAsksAtOnceSharesWhatIsFound() throws IOException {
        server.with("only4.test", "A", "93.184.216.34");
        List<CompletableFuture<Upstream.Found>> all =
                Stream.generate(() -> upstream.find("only4.test")).limit(20).toList();
        assertThat(all).allMatch(found -> found.join().addresses().equals(of("93.184.216.34")));
        assertThat(server.asked).containsExactlyInAnyOrder("udp only4.test A", "udp only4.test AAAA");
    }

    @Test
    void aChangeOfServersIsSeen() throws Exception {
        assertThat(upstream.find("x.test").join().rcode()).isEqualTo(Rcode.NOERROR);
        try (NameServer other = new NameServer()) {
            upstream = new HostUpstream(servers, hosts, other.port());
            assertThat(upstream.find("x.test").join().rcode()).isEqualTo(Rcode.NXDOMAIN);
            Files.writeString(servers, "nameserver 127.0.0.1\n");
            Files.setLastModifiedTime(servers, FileTime.from(Instant.EPOCH));
            other.with("x.test", "A", "1.1.1.1");
            assertThat(upstream.find("x.test").join().addresses()).isEqualTo(of("1.1.1.1"));
        }
    }

    @Test
    void withoutItsFileNothingIsKnown() throws Exception {
        Files.delete(servers);
        assertThat(upstream.find("x.test").join().rcode()).isEqualTo(Rcode.SERVFAIL);
    }
}
