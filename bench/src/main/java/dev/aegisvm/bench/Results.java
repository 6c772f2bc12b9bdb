package dev.aegisvm.bench;

import io.avaje.jsonb.Json;
import java.util.List;
import java.util.Map;

/**
 * Everything that a run of the bench found out, as it is kept in the JSON file.
 *
 * @param facts about the machine and the programs
 * @param failures measures that broke off, and why
 */
@Json
record Results(Map<String, String> facts, List<Row> rows, List<String> failures) {}
