package dev.aegisvm.e2e;

import module java.base;
import tools.jackson.databind.JsonNode;

/** Requests to every operation in turn, made of the description of the API: good ones, and ones that are wrong somewhere. */
final class SchemaRequests {
    /** These end an instance or take its name, and are not for the box that the others need. */
    private static final List<String> ENDING = List.of("delete", "stop", "disable", "attach", "rename");

    private static final int MOST_MADE = 20;

    private final OpenApiDocument document;
    private final List<OpenApiDocument.Operation> operations;
    private final Random random;
    private final SchemaValues values;
    private final Deque<String> made = new ArrayDeque<>();
    private int count;

    SchemaRequests(OpenApiDocument document, Random random) {
        this.document = document;
        this.operations = document.operations();
        this.random = random;
        this.values = new SchemaValues(document, random);
    }

    /** A request of one operation. */
    record Request(String operation, String method, String target, Map<String, String> headers, String body) {
        @Override
        public String toString() {
            String text = operation + ": " + method + " " + target + " " + headers + " " + body;
            return text.length() > 2000 ? text.substring(0, 2000) + "…" : text;
        }
    }

    Request next() {
        OpenApiDocument.Operation operation = operations.get(count++ % operations.size());
        String path = operation.path();
        List<String> query = new ArrayList<>();
        Map<String, String> headers = new HashMap<>(Map.of("Connection", "close"));
        for (JsonNode parameter : operation.parameters()) {
            String name = parameter.path("name").asString();
            switch (parameter.path("in").asString()) {
                case "path" -> path = path.replace("{" + name + "}", inUrl(ofPath(operation, name)));
                case "query" -> query(name, parameter, query);
                default -> upgrade(headers);
            }
        }
        if (random.nextInt(20) == 0) {
            query.add("colour=blue");
        }
        String body = body(operation, headers);
        String target = query.isEmpty() ? path : path + "?" + String.join("&", query);
        return new Request(operation.id(), operation.method(), target, headers, body);
    }

    /** An instance that a request has made. */
    void made(String id) {
        made.addLast(id);
        if (made.size() > MOST_MADE) {
            made.removeFirst();
        }
    }

    private String ofPath(OpenApiDocument.Operation operation, String name) {
        if (random.nextInt(6) == 0) {
            return values.oddText();
        }
        if (!name.equals("id")) {
            return values.usualText(name);
        }
        return ENDING.contains(operation.id()) ? (made.isEmpty() ? "nobody" : made.getFirst()) : "box";
    }

    private void query(String name, JsonNode parameter, List<String> query) {
        boolean required = parameter.path("required").asBoolean(false);
        if (random.nextInt(required ? 10 : 2) == 0) {
            return;
        }
        String value = random.nextInt(4) == 0
                ? values.oddText()
                : values.valid(name, document.resolved(parameter).path("schema"))
                        .asString("");
        query.add(name + "=" + inUrl(value));
        if (random.nextInt(20) == 0) {
            query.add(name + "=" + inUrl(value));
        }
    }

    private void upgrade(Map<String, String> headers) {
        if (random.nextInt(3) == 0) {
            headers.put("Connection", "Upgrade");
            headers.put("Upgrade", random.nextBoolean() ? "aegis-stream" : "websocket");
        }
    }

    private String inUrl(String text) {
        return switch (random.nextInt(30)) {
            case 0 -> "%zz";
            case 1 -> "%ED%A0%80%00";
            default -> URLEncoder.encode(text, StandardCharsets.UTF_8);
        };
    }

    private String body(OpenApiDocument.Operation operation, Map<String, String> headers) {
        JsonNode schema = document.bodySchema(operation);
        if (schema.isMissingNode()) {
            boolean wanted = operation.node().has("requestBody");
            return wanted || random.nextInt(20) == 0 ? values.oddText() : "";
        }
        headers.put("Content-Type", random.nextInt(10) == 0 ? "text/plain" : "application/json");
        JsonNode good = values.valid(operation.id(), schema);
        String json = (random.nextInt(5) < 2 ? good : values.wrong(good)).toString();
        return random.nextInt(8) == 0 ? values.broken(json) : json;
    }
}
