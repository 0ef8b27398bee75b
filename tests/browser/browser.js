/* browser.js - a headless Chromium, driven over a pipe
 *
 * Speaks the DevTools protocol on file descriptors 3 and 4 (messages end
 * with a zero byte), so that no port is opened and no package is needed.
 */
"use strict";

const { spawn } = require("child_process");
const fs = require("fs");
const os = require("os");
const path = require("path");

const FLAGS = ["--headless", "--no-sandbox", "--disable-gpu",
  "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync", "--hide-scrollbars",
  "--disable-dev-shm-usage", "--remote-debugging-pipe"];

class Browser {
  constructor(program) {
    this.profile = fs.mkdtempSync(path.join(os.tmpdir(), "report-browser-"));
    this.process = spawn(program, [...FLAGS,
      "--user-data-dir=" + this.profile, "about:blank"],
    { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] });
    this.waiting = new Map();
    this.listeners = [];
    this.next = 1;
    this.rest = Buffer.alloc(0);
    this.process.stdio[4].on("data", (data) => this.hear(data));
    this.process.stdio[3].on("error", () => {});
    this.ended = new Promise((resolve) => {
      this.process.on("error", (error) => this.lost(error, resolve));
      this.process.on("exit", (code) =>
        this.lost(new Error(program + " ended with " + code), resolve));
    });
  }

  lost(error, resolve) {
    for (const { reject } of this.waiting.values()) reject(error);
    this.waiting.clear();
    resolve();
  }

  hear(data) {
    let end;
    this.rest = Buffer.concat([this.rest, data]);
    while ((end = this.rest.indexOf(0)) >= 0) {
      const message = JSON.parse(this.rest.subarray(0, end).toString());
      this.rest = this.rest.subarray(end + 1);
      const call = this.waiting.get(message.id);
      if (!call) {
        for (const listener of this.listeners) listener(message);
        continue;
      }
      this.waiting.delete(message.id);
      if (message.error) call.reject(new Error(message.error.message));
      else call.resolve(message.result);
    }
  }

  call(method, params, sessionId) {
    const id = this.next++;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.process.stdio[3].write(
        JSON.stringify({ id, method, params: params || {}, sessionId }) + "\0");
    });
  }

  /* A page of its own; 'call' as above, 'on' hears its events. */
  async page() {
    const { targetId } = await this.call("Target.createTarget",
      { url: "about:blank" });
    const { sessionId } = await this.call("Target.attachToTarget",
      { targetId, flatten: true });
    return {
      call: (method, params) => this.call(method, params, sessionId),
      on: (method, hear) => this.listeners.push((message) => {
        if (message.sessionId === sessionId && message.method === method)
          hear(message.params);
      }),
    };
  }

  async close() {
    const kill = setTimeout(() => this.process.kill("SIGKILL"), 5000);
    this.call("Browser.close").catch(() => {});
    await this.ended;
    clearTimeout(kill);
    fs.rmSync(this.profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

module.exports = { Browser };
