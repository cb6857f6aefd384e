// Handlers in every style of Lambda's samples, as an ES module. Each returns what a test looks at.

import { spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";

export const returning = async (event) => ({ ...event, response: { style: "async" } });

export const calling = (event, context, callback) => callback(null, { ...event, response: { style: "callback" } });

export const succeeding = (event, context) => context.succeed({ ...event, response: { style: "succeed" } });

export const finishing = (event, context) => context.done(null, { ...event, response: { style: "done" } });

export const failing = (event, context) => context.fail(new Error("no more places"));

export const finishingWithError = (event, context) => context.done("only text");

export const callingWithError = (event, context, callback) => callback(new Error("only for members"));

export const throwing = () => {
  throw new Error("thrown at once");
};

export const throwingOddText = () => {
  throw new Error("no \ud800 for you");
};

export const throwingAnOddName = () => {
  throw Object.assign(new Error("only for members"), { name: "\ud800" });
};

export const rejecting = async () => {
  throw new TypeError("thrown later");
};

export const silent = () => {};

export const returningNothing = async () => {};

export const neverSettling = () => new Promise(() => {});

export const lateCallback = (event, context, callback) => {
  const seen = [];
  setTimeout(() => seen.push("timer"), 20);
  callback(null, seen);
};

export const hastyCallback = (event, context, callback) => {
  context.callbackWaitsForEmptyEventLoop = false;
  const timer = setTimeout(() => {}, 60_000);
  callback(null, "hasty");
};

export const context = async (event, given) => ({
  functionName: given.functionName,
  invokedFunctionArn: given.invokedFunctionArn,
  awsRequestId: given.awsRequestId,
  remaining: given.getRemainingTimeInMillis(),
  callbackWaitsForEmptyEventLoop: given.callbackWaitsForEmptyEventLoop,
});

export const printing = async () => {
  console.log("hello from node");
  console.error('{"answer":"from standard error"}');
  return "printed";
};

export const sleeping = async () => sleep(60_000);

export const crashing = () => process.exit(3);

export const crashingLater = () => {
  setTimeout(() => {
    throw new Error("thrown from a timer");
  }, 1);
  return new Promise(() => setTimeout(() => {}, 60_000));
};

export const rejectingUnseen = () => {
  Promise.reject(new Error("seen by nobody"));
  return new Promise(() => setTimeout(() => {}, 60_000));
};

export const circular = async () => {
  const loop = {};
  loop.self = loop;
  return loop;
};

export const environment = async () => process.env;

export const processId = async () => process.pid;

export const large = async (event) => "x".repeat(event.bytes);

export const spawning = async () => {
  const child = spawn("sleep", ["600"], { stdio: "inherit" });
  console.log(`child ${child.pid}`);
  await sleep(60_000);
};
