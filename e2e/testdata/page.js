// Every page, frame and worker of the tests runs this. A call is a request to make. Its result is what a script sees: the
// response, or only that it failed.

async function call(c) {
  try {
    return c.xhr ? await byXHR(c) : await byFetch(c);
  } catch (error) {
    return { failed: error.name };
  }
}

async function byFetch(c) {
  const init = {
    method: c.method, headers: c.headers, body: c.body, credentials: c.credentials, mode: c.mode,
    redirect: c.redirect, referrerPolicy: c.referrerPolicy,
  };
  if (c.stream) {
    init.body = new Blob([c.body ?? ""]).stream();
    init.duplex = "half";
  }
  const response = await fetch(c.url, init);
  return {
    type: response.type, url: response.url, redirected: response.redirected, status: response.status,
    headers: Object.fromEntries(response.headers), body: await response.text(),
  };
}

function byXHR(c) {
  return new Promise((resolve, reject) => {
    const xhr = new XMLHttpRequest();
    let progress = 0;
    xhr.open(c.method ?? "GET", c.url);
    for (const [name, value] of c.headers ?? []) xhr.setRequestHeader(name, value);
    xhr.withCredentials = c.credentials === "include";
    if (c.listener) xhr.upload.onprogress = () => { progress++; };
    xhr.onerror = () => reject(new TypeError("the request failed"));
    xhr.onload = () => {
      const lines = xhr.getAllResponseHeaders().split("\r\n").filter(Boolean);
      resolve({
        url: xhr.responseURL, status: xhr.status, body: xhr.responseText, progress,
        headers: Object.fromEntries(lines.map((line) => line.split(/: (.*)/s).slice(0, 2))),
      });
    };
    xhr.send(c.body ?? null);
  });
}

// calls makes many requests, a few at a time.
async function calls(list, atOnce) {
  const results = new Array(list.length);
  let next = 0;
  const one = async () => {
    while (next < list.length) {
      const i = next++;
      results[i] = await call(list[i]);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, one));
  return results;
}

// Frames and workers get their calls in messages.
self.onmessage = async (message) => {
  if (message.data.calls) (message.ports[0]).postMessage(await calls(message.data.calls, message.data.atOnce));
};

function ask(target, list, atOnce, origin) {
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    port1.onmessage = (message) => resolve(message.data);
    if (origin) target.postMessage({ calls: list, atOnce }, origin, [port2]);
    else target.postMessage({ calls: list, atOnce }, [port2]);
  });
}

function inWorker(list, atOnce) {
  return ask(new Worker("/page.js"), list, atOnce);
}

// inSandbox makes the requests from a frame whose origin is opaque: "null".
async function inSandbox(list, atOnce) {
  const frame = document.createElement("iframe");
  frame.sandbox = "allow-scripts";
  frame.src = "/page";
  await new Promise((resolve) => { frame.onload = resolve; document.body.append(frame); });
  const results = await ask(frame.contentWindow, list, atOnce, "*");
  frame.remove();
  return results;
}
