package dev.aegisvm.e2e;

import module java.base;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;

/** A program for a guest: fetches URLs by Java's own client, with the key of its environment where that is safe, and prints what comes. */
final class GuestFetch {
    private GuestFetch() {}

    public static void main(String[] urls) throws IOException, InterruptedException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            for (String url : urls) {
                HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url));
                if (url.startsWith("https:")) {
                    request.header("X-Api-Key", System.getenv("API_KEY"));
                }
                IO.print(client.send(request.build(), HttpResponse.BodyHandlers.ofString())
                        .body());
            }
        }
    }
}
