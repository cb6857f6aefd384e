// How does a Node handler meet its events? The program of its process.
//
// Started as `node bootstrap.mjs <socket> <file> <exported name>`. Reads an event a line and writes a reply a line. Takes
// every style that Lambda takes: async, callback, context.succeed/fail/done; ES modules and CommonJS. Errors carry the
// messages that Lambda's own runtime gives them.

import net from "node:net";
import util from "node:util";
import { pathToFileURL } from "node:url";

const [number, file, exportedName] = process.argv.slice(2);
const channel = new net.Socket({ fd: Number(number) });
let handler;
let current = null; // The event under way.

// Reading an event must not count as work of the handler: while one is under way, the socket does not hold the process,
// and "beforeExit" means that the handler has nothing left to do.
channel.on("end", () => process.exit(0));
channel.on("error", () => process.exit(0));
process.on("beforeExit", () => current?.whenIdle());
process.on("uncaughtException", (error) => fall(error, 129));
process.on("unhandledRejection", (reason) =>
  fall(named("Runtime.UnhandledPromiseRejection", String(reason)), 128),
);

let received = "";
channel.setEncoding("utf8");
channel.on("data", (chunk) => {
  received += chunk;
  if (received.endsWith("\n")) {
    const line = JSON.parse(received);
    received = "";
    answer(line);
  }
});

async function answer({ id, arn, name, remaining_ms, event }) {
  const call = (current = begin(id));
  const context = contextOf(call, { id, arn, name, ends: Date.now() + remaining_ms });
  channel.unref();
  try {
    handler ??= await load();
    const returned = handler(event, context, call.callback);
    call.isPromise = typeof returned?.then === "function";
    if (call.isPromise) {
      returned.then(call.succeed, call.fail);
    }
  } catch (error) {
    call.fail(error);
  }
}

// One event's way to its one reply, which names it. Only the first word of a handler counts.
function begin(id) {
  let spoken = false;
  const once = (speak) => (...given) => {
    if (!spoken) {
      spoken = true;
      speak(...given);
    }
  };
  const isError = (error) => error !== undefined && error !== null;
  const done = (error, result) => finish(call, isError(error) ? { error: described(error) } : { answer: result ?? null });
  const call = {
    id,
    isPromise: true, // Loading the handler is one.
    waitsForEmptyEventLoop: true,
    succeed: once((result) => done(null, result)),
    fail: once((error) => done(error ?? "handled")),
    done: once(done),
    callback: once((error, result) => {
      if (isError(error) || !call.waitsForEmptyEventLoop) {
        done(error, result);
      } else {
        call.whenIdle = () => done(null, result);
      }
    }),
    whenIdle: () => {
      spoken = true;
      // A promise that nothing can settle any more is an error; a callback that nobody called is Lambda's null.
      done(call.isPromise ? named("Runtime.NodeJsExit", "the promise of the handler was never settled") : null, null);
    },
  };
  return call;
}

function contextOf(call, { id, arn, name, ends }) {
  return {
    functionName: name,
    functionVersion: "$LATEST",
    invokedFunctionArn: arn,
    memoryLimitInMB: "128",
    awsRequestId: id,
    logGroupName: `/aws/lambda/${name}`,
    logStreamName: "local",
    getRemainingTimeInMillis: () => Math.max(0, ends - Date.now()),
    get callbackWaitsForEmptyEventLoop() {
      return call.waitsForEmptyEventLoop;
    },
    set callbackWaitsForEmptyEventLoop(value) {
      call.waitsForEmptyEventLoop = value;
    },
    succeed: call.succeed,
    fail: call.fail,
    done: call.done,
  };
}

async function load() {
  let loaded;
  try {
    loaded = await import(pathToFileURL(file));
  } catch (error) {
    const kind = error instanceof SyntaxError ? "Runtime.UserCodeSyntaxError" : "Runtime.ImportModuleError";
    throw named(kind, error instanceof Error ? `${error.name}: ${error.message}` : String(error));
  }
  const found = loaded[exportedName] ?? loaded.default?.[exportedName];
  if (typeof found !== "function") {
    throw named("Runtime.HandlerNotFound", `${exportedName} is undefined or not exported`);
  }
  return found;
}

// A fault outside the handler's own call: Lambda answers with it and starts anew.
function fall(error, status) {
  if (current === null) {
    console.error(error);
    process.exit(status);
  }
  finish(current, { error: described(error), last: true }, () => process.exit(status));
}

function finish(call, reply, written) {
  if (current !== call) {
    return;
  }
  current = null;
  channel.ref();
  channel.write(lineOf(call.id, reply), written);
}

function lineOf(id, reply) {
  try {
    return JSON.stringify({ id, ...reply }) + "\n";
  } catch (error) {
    const why = `Unable to stringify response body: ${error.message}`;
    return JSON.stringify({ id, error: described(named(error.name, why)) }) + "\n";
  }
}

function described(error) {
  try {
    return util.types.isNativeError(error) || (error.name && error.message && error.stack)
      ? { errorType: wellFormed(error.name), errorMessage: wellFormed(error.message) }
      : { errorType: typeof error, errorMessage: wellFormed(error.toString()) };
  } catch {
    return { errorType: "handled", errorMessage: "the error cannot be read" };
  }
}

// Nothing is left that is a lone surrogate, of which there is none in UTF-8.
function wellFormed(text) {
  return Buffer.from(String(text)).toString();
}

function named(name, message) {
  return Object.assign(new Error(message), { name });
}
