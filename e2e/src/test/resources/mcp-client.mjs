// Calls every tool of an MCP server with the official TypeScript SDK's client, and prints what came of it, a line for each.
//   node mcp-client.mjs SERVER
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";

const client = new Client({ name: "e2e", version: "1" });
await client.connect(new StdioClientTransport({ command: process.argv[2], env: process.env }));

const calls = [
  ["run_code", { language: "python", code: "print(6*7)" }, (text) => JSON.parse(text).stdout === "42\n"],
  ["secret_set", { key: "API_KEY", value: "s3cret" }, (text) => JSON.parse(text).name === "API_KEY"],
  ["secret_list", {}, (text) => JSON.parse(text).length === 1],
  ["instance_start", { name: "box", command: ["sleep", "infinity"], secrets: ["API_KEY"] },
    (text) => JSON.parse(text).state === "running"],
  ["exec", { name: "box", command: "echo ${#API_KEY}; seq 100000" }, (text) => JSON.parse(text).stdout.startsWith("6\n1\n")],
  ["output_read", () => ({ cursor: JSON.parse(last).stdout_cursor }), (text) => JSON.parse(text).text.length > 10000],
  ["logs", { name: "box", tail: 3 }, (text) => text.includes(" stdout 100000")],
  ["file_write", { name: "box", path: "/srv/a/b.txt", content: "hi \u00e4\n" }, (text) => JSON.parse(text).size === 6],
  ["file_read", { name: "box", path: "/srv/a/b.txt" }, (text) => JSON.parse(text).content === "hi \u00e4\n"],
  ["file_list", { name: "box", path: "/srv/a" }, (text) => JSON.parse(text).name === "b.txt"],
  ["instance_list", { state: "running" }, (text) => JSON.parse(text)[0].handle === "box"],
  ["instance_info", { name: "box" }, (text) => JSON.parse(text).secrets[0] === "API_KEY"],
  ["instance_pause", { name: "box" }, (text) => JSON.parse(text).status === "paused"],
  ["instance_resume", { name: "box" }, (text) => JSON.parse(text).status === "running"],
  ["instance_stop", { name: "box" }, (text) => JSON.parse(text).status === "stopped"],
  ["instance_disable", { name: "box" }, (text) => JSON.parse(text).status === "disabled"],
  ["instance_delete", { name: "box" }, (text) => JSON.parse(text).status === "deleted"],
  ["instance_start", { name: "base", command: ["sleep", "infinity"], workspace: "notes:copy" },
    (text) => JSON.parse(text).state === "running"],
  ["snapshot", { name: "base", snapshot: "first" }, (text) => JSON.parse(text).memory],
  ["exec", { name: "base", command: "echo x > new" }, (text) => JSON.parse(text).exit_code === 0],
  ["diff", { name: "base" }, (text) => JSON.parse(text).changes[0].path === "new"],
  ["diff", { name: "base", since: "first" }, (text) => JSON.parse(text).changes[0].path === "/workspace/new"],
  ["fork", { name: "first", count: 2, prefix: "try" }, (text) => JSON.parse(text)[1].handle === "try-2"],
  ["rewind", { name: "base", snapshot: "first" }, (text) => JSON.parse(text).status === "running"],
  ["secret_delete", { key: "API_KEY" }, (text) => JSON.parse(text).status === "deleted"],
];

const named = new Set((await client.listTools()).tools.map((tool) => tool.name));
let last = "";
for (const [name, given, right] of calls) {
  const result = await client.callTool(
    { name, arguments: typeof given === "function" ? given() : given }, undefined, { timeout: 240000 });
  last = result.content[0].text;
  console.log(`${name}: ${!result.isError && right(last) ? "right" : `wrong: ${last.slice(0, 500)}`}`);
  named.delete(name);
}
console.log(`not called: ${[...named].join(", ")}`);
await client.close();
