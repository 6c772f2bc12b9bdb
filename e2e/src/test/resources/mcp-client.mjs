// Calls every tool of an MCP server with the official TypeScript SDK's client, and prints what came of it, a line for each.
// With a ROOT, tells that it works with that directory, and only uses directories.
//   node mcp-client.mjs SERVER [ROOT]
import { pathToFileURL } from "node:url";
import { isDeepStrictEqual } from "node:util";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { ListRootsRequestSchema } from "@modelcontextprotocol/sdk/types.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";

const [server, root] = process.argv.slice(2);
const client = new Client({ name: "e2e", version: "1" }, root ? { capabilities: { roots: {} } } : {});
if (root) {
  client.setRequestHandler(ListRootsRequestSchema, () => ({ roots: [{ uri: pathToFileURL(root).href }] }));
}
await client.connect(new StdioClientTransport({ command: server, env: process.env }));

const fact = (text, name) => new RegExp(`^${name}: (.*)$`, "m").exec(text)[1];
const rooted = [
  ["instance_start", { name: "rooted", command: ["sleep", "infinity"], workspace: root },
    (text) => JSON.parse(text).state === "running"],
  ["copy_out", { name: "rooted", from: "/etc/hostname", to: root }, () => true],
  ["copy_in", { name: "rooted", from: ".", to: "/srv/x" }, (text) => text.includes("on this host is not allowed"), true],
  ["instance_delete", { name: "rooted" }, () => true],
];
const every = [
  ["run_code", { language: "python", code: "print(6*7)" }, (text) => text === "exit_code: 0\n\n42\n"],
  ["secret_set", { key: "API_KEY", value: "s3cret" }, (text) => JSON.parse(text).name === "API_KEY"],
  ["secret_list", {}, (text) => JSON.parse(text).items.length === 1],
  ["instance_start", { name: "box", command: ["sleep", "infinity"], secrets: ["API_KEY"] },
    (text) => JSON.parse(text).state === "running"],
  ["exec", { name: "box", command: "echo ${#API_KEY}; seq 100000" }, (text) => text.includes("\n\n6\n1\n")],
  ["exec", { name: "box", command: "cat", background: true }, (text) => (id = fact(text, "id")).startsWith("exec-")],
  ["process_write", () => ({ id, text: "typed\n", end: true }), () => true],
  ["process_read", () => ({ id, wait_s: 60, wait_for: "end" }), (text) => text.endsWith("\n\ntyped\n")],
  ["exec", { name: "box", command: "sleep 600", background: true }, (text) => (id = fact(text, "id")).startsWith("exec-")],
  ["process_list", { name: "box" }, (text) => JSON.parse(text).items.some((process) => process.id === id)],
  ["process_signal", () => ({ id, signal: "KILL" }), () => true],
  ["exec", { name: "box", command: "seq 100000" }, (text) => text.endsWith("\n100000\n")],
  ["output_read", () => ({ cursor: fact(last, "stdout_cursor") }), (text) => text.length > 10000],
  ["logs", { name: "box", tail: 3 }, (text) => text.includes(" stdout 100000")],
  ["file_write", { name: "box", path: "/srv/a/b.txt", content: "hi \u00e4\n" }, (text) => JSON.parse(text).size === 6],
  ["file_read", { name: "box", path: "/srv/a/b.txt" }, (text) => text === "to_end: true\n\nhi \u00e4\n"],
  ["file_list", { name: "box", path: "/srv/a" }, (text) => JSON.parse(text).entries[0].name === "b.txt"],
  ["file_edit", { name: "box", path: "/srv/a/b.txt", old: "hi", new: "ho" }, (text) => JSON.parse(text).replaced === 1],
  ["file_search", { name: "box", path: "/srv", pattern: "^ho" }, (text) => text === "matches: 1\n\n/srv/a/b.txt:1:ho \u00e4\n"],
  ["file_manage", { name: "box", action: "move", path: "/srv/a/b.txt", to: "/srv/c" }, () => true],
  ["copy_out", { name: "box", from: "/srv/c", to: "copied" }, () => true],
  ["copy_in", { name: "box", from: "copied", to: "/srv/d" }, () => true],
  ["instance_list", { state: "running" }, (text) => JSON.parse(text).items[0].name === "box"],
  ["instance_info", { name: "box" }, (text) => JSON.parse(text).name === "box" && JSON.parse(text).secrets[0] === "API_KEY"],
  ["instance_expose", { name: "box", port: 80 }, (text) => JSON.parse(text).ports[0].url.startsWith("http://127.0.0.1:")],
  ["exec", { name: "box", command: "python3 -m http.server 80", background: true }, () => true],
  ["instance_wait", { name: "box", port: 80 }, (text) => JSON.parse(text).listening],
  ["instance_network", { name: "box", action: "test", rules: ["example.com"] }, (text) => JSON.parse(text).items[0].allowed],
  ["instance_expose", { name: "box", port: 80, remove: true }, (text) => JSON.parse(text).ports === undefined],
  ["instance_pause", { name: "box" }, (text) => JSON.parse(text).status === "paused"],
  ["instance_pause", { name: "box", resume: true }, (text) => JSON.parse(text).status === "running"],
  ["instance_stop", { name: "box" }, (text) => JSON.parse(text).status === "stopped"],
  ["instance_disable", { name: "box" }, (text) => JSON.parse(text).status === "disabled"],
  ["instance_delete", { name: "box" }, (text) => JSON.parse(text).status === "deleted"],
  ["instance_start", { name: "base", command: ["sleep", "infinity"], workspace: "notes:copy" },
    (text) => JSON.parse(text).state === "running"],
  ["snapshot", { action: "create", name: "base", snapshot: "first" }, (text) => JSON.parse(text).memory],
  ["exec", { name: "base", command: "echo x > new" }, (text) => text === "exit_code: 0"],
  ["diff", { name: "base" }, (text) => text.endsWith("\n\nadded new (2 bytes)\n")],
  ["diff", { name: "base", since: "first" }, (text) => text.endsWith("\n\nadded /workspace/new (2 bytes)\n")],
  ["fork", { name: "first", count: 2, prefix: "try" }, (text) => JSON.parse(text).items[1].name === "try-2"],
  ["snapshot", { action: "rewind", name: "base", snapshot: "first" }, (text) => JSON.parse(text).status === "running"],
  ["secret_delete", { key: "API_KEY" }, (text) => JSON.parse(text).status === "deleted"],
];

const named = new Set((await client.listTools()).tools.map((tool) => tool.name));
let last = "";
let id = "";
for (const [name, given, right, fails = false] of root ? rooted : every) {
  const result = await client.callTool(
    { name, arguments: typeof given === "function" ? given() : given }, undefined, { timeout: 240000 });
  last = result.content[0].text;
  // A model is given the one or the other.
  const same = !result.structuredContent || isDeepStrictEqual(JSON.parse(last), result.structuredContent);
  console.log(`${name}: ${same && (result.isError ?? false) === fails && right(last) ? "right" : `wrong: ${last.slice(0, 500)}`}`);
  named.delete(name);
}
console.log(`not called: ${[...named].join(", ")}`);
await client.close();
