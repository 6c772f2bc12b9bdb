// Runs snippets one after the other in one Node. Descriptor 3: "MARK BYTES\n" and the code.
// Afterwards: MARK, a name and a picture for each that was made in its directory, then "MARK STATUS".
// In a function, so that no name of it is one of the snippets' names.
(() => {
const vm = require("node:vm"), util = require("node:util"), fs = require("node:fs"), net = require("node:net");
const { Session } = require("node:inspector");
globalThis.require = require;
let pending = Buffer.alloc(0), busy = false, interrupt = () => {}, begin, shown;
const told = new Set();
// As a REPL evaluates: with await, and with names that are declared again.
const session = new Session();
session.connect();
const ours = Symbol.for("aegis");
globalThis[ours] = { begin: () => begin(), show: (value) => (shown = value), load: (name) => import(name) };
process.on("SIGINT", () => interrupt());
process.on("uncaughtException", (error) => console.error(error));

/** The result, or { interrupted }. */
function evaluate(code) {
  const load = code.replace(/(?<![\w$.])import(?=\s*\()/g, 'globalThis[Symbol.for("aegis")].load');
  const asked = { expression: load + "\n//# sourceURL=snippet", replMode: true, awaitPromise: true, objectGroup: "snippet" };
  return new Promise((resolve) => {
    interrupt = () => resolve({ interrupted: true });
    // What an async function gives is waited for as well.
    const waited = (_, answer) => answer.result.subtype === "promise" && !answer.exceptionDetails
      ? session.post("Runtime.awaitPromise", { promiseObjectId: answer.result.objectId }, (_, late) => resolve(late))
      : resolve(answer);
    begin = () => session.post("Runtime.evaluate", asked, waited);
    try {
      // Ends a loop.
      vm.runInThisContext('globalThis[Symbol.for("aegis")].begin()', { breakOnSigint: true });
    } catch {
      interrupt();
    }
  });
}

/** The value that an answer tells of. */
function valueOf({ objectId, value, unserializableValue }) {
  const functionDeclaration = '(value) => globalThis[Symbol.for("aegis")].show(value)';
  const argument = objectId ? { objectId } : unserializableValue ? { unserializableValue } : { value };
  session.post("Runtime.evaluate", { expression: "globalThis", objectGroup: "snippet" }, (_, { result }) =>
    session.post("Runtime.callFunctionOn", { functionDeclaration, objectId: result.objectId, arguments: [argument] }));
  return shown;
}

/** As it is shown: an error without the frames of this driver. */
function text(value) {
  for (let error = value; util.types.isNativeError(error); error = error.cause) {
    error.stack = String(error.stack).replace(/\n    at Session\.post \(node:inspector[^]*/, "");
  }
  return util.inspect(value);
}

async function run(code) {
  const { interrupted, result, exceptionDetails: failed } = await evaluate(code);
  if (interrupted) {
    console.error("interrupted");
    return 130;
  }
  if (failed) {
    const error = valueOf(failed.exception);
    const place = error instanceof SyntaxError && !failed.stackTrace ? `snippet:${failed.lineNumber + 1}:${failed.columnNumber + 1}\n` : "";
    console.error(place + (util.types.isNativeError(error) ? text(error) : "Uncaught " + text(error)));
    if (/^Cannot use import statement/.test(error?.message)) console.error("write const { NAME } = await import('MODULE')");
  } else if (result.type !== "undefined") {
    console.log(text(valueOf(result)));
  }
  session.post("Runtime.releaseObjectGroup", { objectGroup: "snippet" });
  return failed ? 1 : 0;
}

function pictures(since) {
  try {
    const files = fs.readdirSync(".").filter((name) => /\.(png|jpe?g|gif|webp)$/.test(name));
    const made = files.filter((name) => {
      const file = fs.statSync(name, { throwIfNoEntry: false });
      // A file's time is that of the kernel's last tick.
      if (!file?.isFile() || file.mtimeMs < since - 20 || file.size > 700000) return false;
      const made = `${file.ino} ${file.mtimeMs}`;
      return !told.has(made) && told.add(made);
    });
    // Of those beyond four, the name alone.
    return made.map((name, count) => name + "\n" + (count < 4 ? fs.readFileSync(name, "base64") : ""));
  } catch (error) {
    console.error(error);
    return [];
  }
}

async function next() {
  const end = pending.indexOf(10);
  if (busy || end < 0) return;
  const [mark, size] = pending.subarray(0, end).toString().split(" ");
  if (pending.length < end + 1 + Number(size)) return;
  const code = pending.subarray(end + 1, end + 1 + Number(size)).toString();
  pending = pending.subarray(end + 1 + Number(size));
  busy = true;
  const since = Date.now();
  const status = await run(code);
  const shown = pictures(since).map((picture) => `\n${mark}\n${picture}\n`);
  // After what the snippet wrote, which may still be on its way.
  process.stderr.write(`\n${mark} 0\n`);
  process.stdout.write(`${shown.join("")}\n${mark} ${status}\n`);
  busy = false;
  next();
}

new net.Socket({ fd: 3 }).on("data", (data) => { pending = Buffer.concat([pending, data]); next(); });
})();
