package dev.aegisvm.gateway.names;

import module java.base;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.TextParseException;
import org.xbill.DNS.Type;

/** A name server of a test's own on 127.0.0.1, by UDP and TCP on one port. */
final class NameServer implements AutoCloseable {
    private static final int LONGEST = 65_535;
    private static final int LONGEST_CHAIN = 5;

    private final DatagramSocket udp;
    private final ServerSocket tcp;
    private final Map<String, List<Record>> records = new ConcurrentHashMap<>();
    final List<String> asked = new CopyOnWriteArrayList<>();

    NameServer() throws IOException {
        tcp = new ServerSocket(0, 10, InetAddress.ofLiteral("127.0.0.1"));
        udp = new DatagramSocket(tcp.getLocalSocketAddress());
        Thread.ofVirtual().start(this::serveUdp);
        Thread.ofVirtual().start(this::serveTcp);
    }

    int port() {
        return udp.getLocalPort();
    }

    /** A line of a zone: name, type and content. The name <em>silent.test</em> has no answer at all. */
    NameServer with(String name, String type, String content) throws IOException {
        Name owner = Name.fromString(name + ".");
        records.computeIfAbsent(name, first -> new CopyOnWriteArrayList<>())
                .add(Record.fromString(owner, Type.value(type), DClass.IN, 300, content, Name.root));
        return this;
    }

    private void serveUdp() {
        byte[] bytes = new byte[LONGEST];
        try {
            while (true) {
                DatagramPacket packet = new DatagramPacket(bytes, bytes.length);
                udp.receive(packet);
                byte[] answer = answer(Arrays.copyOf(bytes, packet.getLength()), "udp");
                if (answer.length > 0) {
                    udp.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
                }
            }
        } catch (IOException end) {
            asked.add("end");
        }
    }

    private void serveTcp() {
        try {
            while (true) {
                try (Socket client = tcp.accept()) {
                    DataInputStream in = new DataInputStream(client.getInputStream());
                    byte[] answer = answer(in.readNBytes(in.readUnsignedShort()), "tcp");
                    DataOutputStream out = new DataOutputStream(client.getOutputStream());
                    out.writeShort(answer.length);
                    out.write(answer);
                    out.flush();
                }
            }
        } catch (IOException end) {
            asked.add("end");
        }
    }

    private byte[] answer(byte[] bytes, String by) throws IOException {
        Message query = new Message(bytes);
        String name = query.getQuestion().getName().toString(true);
        asked.add(by + " " + name + " " + Type.string(query.getQuestion().getType()));
        if (name.equals("silent.test")) {
            return new byte[0];
        }
        Message answer = new Message(query.getHeader().getID());
        answer.getHeader().setFlag(Flags.QR);
        answer.getHeader().setFlag(Flags.RA);
        answer.addRecord(query.getQuestion(), Section.QUESTION);
        if (name.equals("broken.test")) {
            answer.getHeader().setRcode(Rcode.SERVFAIL);
        } else if (!records.containsKey(name)) {
            answer.getHeader().setRcode(Rcode.NXDOMAIN);
        } else {
            add(answer, name, query.getQuestion().getType(), LONGEST_CHAIN);
        }
        return answer.toWire(by.equals("udp") ? 512 : LONGEST);
    }

    private void add(Message answer, String name, int type, int further) throws TextParseException {
        for (Record record : records.getOrDefault(name, List.of())) {
            if (record.getType() == Type.CNAME && further > 0) {
                answer.addRecord(record, Section.ANSWER);
                add(answer, Name.fromString(record.rdataToString()).toString(true), type, further - 1);
            } else if (record.getType() == type) {
                answer.addRecord(record, Section.ANSWER);
            }
        }
    }

    @Override
    public void close() throws IOException {
        udp.close();
        tcp.close();
    }
}
