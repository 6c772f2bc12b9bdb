package dev.aegisvm.image;

import module java.base;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.aegisvm.testkit.Tool;
import java.security.Signature;
import java.security.cert.Certificate;

/** Gives the tokens that a registry asks for, as Docker's specification says: to one user all, to nobody in particular none. */
final class TokenServer implements AutoCloseable {
    private static final String PASSWORD = "of the key store";
    private static final int LIFE_SECONDS = 300;

    private final HttpServer server;
    private final String authorization;
    private final PrivateKey key;
    private final Certificate certificate;
    private final List<String> scopes = new CopyOnWriteArrayList<>();

    /** @param user the one who may read and write, as {@code name:password} */
    TokenServer(Path directory, String user) throws IOException, GeneralSecurityException {
        authorization = "Basic " + Base64.getEncoder().encodeToString(user.getBytes(StandardCharsets.UTF_8));
        Path file = directory.resolve("keys.p12");
        Tool.run(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                "tokens",
                "-keyalg",
                "RSA",
                "-dname",
                "CN=test",
                "-keystore",
                file.toString(),
                "-storepass",
                PASSWORD);
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            keys.load(in, PASSWORD.toCharArray());
        }
        key = (PrivateKey) keys.getKey("tokens", PASSWORD.toCharArray());
        certificate = keys.getCertificate("tokens");
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/token", this::answer);
        server.start();
    }

    String realm() {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/token";
    }

    /** Writes down whose tokens are to be believed. */
    Path certificate(Path file) throws IOException, GeneralSecurityException {
        String text = Base64.getMimeEncoder().encodeToString(certificate.getEncoded());
        return Files.writeString(file, "-----BEGIN CERTIFICATE-----\n" + text + "\n-----END CERTIFICATE-----\n");
    }

    /** What was asked for, by anybody. */
    List<String> scopes() {
        return scopes;
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String credentials = exchange.getRequestHeaders().getFirst("Authorization");
            boolean known = authorization.equals(credentials);
            String query = URLDecoder.decode(exchange.getRequestURI().getRawQuery(), StandardCharsets.UTF_8);
            String scope = query.replaceAll("(?:.*&)?scope=([^&]*).*", "$1");
            scopes.add(scope);
            if (credentials != null && !known) {
                exchange.sendResponseHeaders(401, -1);
                return;
            }
            byte[] body = ("{\"token\":\"" + token(known ? scope : "") + "\"}").getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
        } catch (GeneralSecurityException e) {
            throw new IOException(e);
        }
    }

    /** @param scope such as {@code repository:some/app:pull,push} */
    private String token(String scope) throws GeneralSecurityException {
        String chain = Base64.getEncoder().encodeToString(certificate.getEncoded());
        String[] parts = scope.split(":", -1);
        String access = parts.length < 3
                ? ""
                : "{\"type\":\"" + parts[0] + "\",\"name\":\"" + parts[1] + "\",\"actions\":[\""
                        + parts[2].replace(",", "\",\"") + "\"]}";
        long now = Instant.now().getEpochSecond();
        String unsigned = encode("{\"typ\":\"JWT\",\"alg\":\"RS256\",\"x5c\":[\"" + chain + "\"]}") + "."
                + encode("{\"iss\":\"test\",\"sub\":\"\",\"aud\":\"test\",\"nbf\":" + (now - 1) + ",\"iat\":" + now
                        + ",\"exp\":" + (now + LIFE_SECONDS) + ",\"jti\":\"1\",\"access\":[" + access + "]}");
        Signature signature = Signature.getInstance("SHA256withRSA");
        signature.initSign(key);
        signature.update(unsigned.getBytes(StandardCharsets.UTF_8));
        return unsigned + "." + Base64.getUrlEncoder().withoutPadding().encodeToString(signature.sign());
    }

    private static String encode(String json) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(json.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
