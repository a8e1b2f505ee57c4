// The page of the playground. Whatever comes from the network becomes text, never markup.

const $ = (id) => document.getElementById(id);

// element makes an element with properties, attributes (aria-… and data-… and role) and children.
function element(name, properties = {}, ...children) {
  const e = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key in e) e[key] = value;
    else e.setAttribute(key, value);
  }
  e.append(...children);
  return e;
}

async function getJSON(path) {
  const response = await fetch(path);
  if (!response.ok) throw new Error(`${path} answered ${response.status}`);
  return response.json();
}

// ---- Decisions: what the servers decide

const decisions = new Map(); // on this page's calls, by framework, in order
const shownDecisions = 100;

// listenToDecisions shows every decision. The stream begins with past ones, numbered up to newest. They belong to no call
// of this page.
function listenToDecisions(newest) {
  const stream = new EventSource("decisions");
  stream.onopen = () => { $("stream").textContent = "live"; };
  stream.onerror = () => {
    $("stream").textContent = "not connected; trying again";
    newest = 0; // restarted servers count from 1
  };
  stream.onmessage = (message) => {
    const d = JSON.parse(message.data);
    showDecision(d);
    showCache(d.telemetry.preflight_cache);
    if (d.origin !== location.origin || Number(message.lastEventId) <= newest) return;
    decisions.get(d.framework)?.push(d);
    showStanding(d);
  };
}

function showDecision(d) {
  const tone = { allowed: "badge yes", denied: "badge no" }[d.outcome] ?? "badge";
  const because = [d.reason, d.detail].filter(Boolean).join(" ");
  const status = d.status === 0 ? "application answers" : `answered ${d.status}`;
  const time = new Date(d.time);
  const clock = time.toLocaleTimeString([], { hour12: false }) + "." + String(time.getMilliseconds()).padStart(3, "0");
  const origins = [d.origin || "several origins, or an empty one", d.pattern && `matched ${d.pattern}`, status];
  $("decisions").prepend(element("li", {},
    element("time", { dateTime: d.time }, clock),
    element("strong", {}, d.framework),
    element("span", {}, d.kind),
    element("span", {}, element("span", { className: tone }, d.outcome.replace("_", " ")), " ", because),
    element("span", { className: "origins" }, origins.filter(Boolean).join(" · ")),
    telemetryOf(d)));
  while ($("decisions").children.length > shownDecisions) $("decisions").lastChild.remove();
  $("none").hidden = true;
}

// showStanding shows whether the policy allows this page's origin, by the newest decision on it.
function showStanding(d) {
  const refused = d.reason.startsWith("origin_");
  $("standing").className = refused ? "badge no" : "badge yes";
  $("standing").textContent = refused ? "not allowed" : `allowed by ${d.pattern || "the policy"}`;
}

// verdictSince waits for the decision that ends a call. It arrives over another connection than the call.
async function verdictSince(framework, start) {
  for (let waited = 0; waited < 1000; waited += 20) {
    const made = decisions.get(framework).slice(start);
    const last = made.find((d) => d.outcome === "denied") ?? made.findLast((d) => d.kind === "actual");
    if (last) return { last, preflight: made.find((d) => d.kind === "preflight") };
    await new Promise((resolve) => { setTimeout(resolve, 20); });
  }
  return {};
}

// ---- Telemetry: what OpenTelemetry got

// telemetryOf shows the telemetry of a decision, folded up under a summary.
function telemetryOf({ outcome, telemetry: { span, event, metric } }) {
  if (!metric) return element("span", { className: "telemetry" }, "no telemetry: browsers apply no CORS check here");
  const cache = metric.attributes["cors.preflight.cache.status"];
  const gist = [];
  if (event) gist.push(element("code", {}, event.name));
  if (cache) gist.push(element("span", { className: "badge" }, `preflight cache ${cache}`));
  const lines = [
    ["span", span, "no span is recorded"],
    ["event", event, outcome === "denied" ? "limited: ten a second, fifty in a burst" : "none: nothing was denied"],
    ["metric", metric],
  ];
  return element("details", { className: "telemetry" },
    element("summary", {}, "Telemetry ", ...gist),
    element("dl", {}, ...lines.flatMap(([name, piece, none]) => [
      element("dt", {}, name),
      element("dd", {}, ...piece ? [element("code", {}, piece.name), attributeList(piece.attributes)] : [none]),
    ])));
}

function attributeList(attributes) {
  return element("ul", {}, ...Object.entries(attributes).map(([key, value]) =>
    element("li", {}, element("code", {}, `${key} = ${value}`))));
}

// showCache shows how many preflights the browsers' caches saved, as far as a server can infer it.
function showCache({ hits, misses, unknown, preflights, hit_ratio: ratio }) {
  const known = ratio === null
    ? "– (no request that a known browser sent needed one yet)."
    : `${Math.round(100 * ratio)} % (${preflights} sent, ${hits + misses} requests needed one). ` +
      `By request: ${hits} hits, ${misses} misses.`;
  const others = unknown === 0 ? ""
    : ` Not counted: ${unknown} ${unknown === 1 ? "request" : "requests"} of clients not known to be browsers.`;
  $("cache").textContent = `Preflights saved by browsers’ caches, inferred: ${known}${others}`;
  $("cache").hidden = false;
}

// ---- Scenarios: what the browser does

let servers = [];
let scenarios = [];

// safelisted response headers can be read without being exposed:
// https://fetch.spec.whatwg.org/#cors-safelisted-response-header-name
const safelisted = [
  "cache-control", "content-language", "content-length", "content-type", "expires", "last-modified", "pragma",
];

function buildTable() {
  const head = element("tr", { role: "row" });
  for (const title of ["Scenario", ...servers.map((s) => s.name)]) {
    head.append(element("th", { role: "columnheader", scope: "col" }, title));
  }
  $("scenarios").tHead.append(head);
  for (const scenario of scenarios) {
    const row = element("tr", { role: "row" }, element("th", { role: "rowheader", scope: "row" },
      scenario.name, element("small", {}, scenario.about)));
    scenario.cells = servers.map((s) => element("td", { role: "cell", "data-framework": s.name }, "–"));
    row.append(...scenario.cells);
    $("scenarios").tBodies[0].append(row);
  }
}

// call makes one call. With cache "no-store" browsers do not use their preflight cache either, so every run shows all
// preflights.
async function call(scenario, server) {
  const start = decisions.get(server.name).length;
  const url = `http://${location.hostname}:${server.port}${scenario.path}`;
  const { method, headers, body } = scenario;
  let response = null;
  try {
    response = await fetch(url, {
      method, headers, body,
      cache: $("keep").checked ? "default" : "no-store",
      credentials: scenario.credentials ? "include" : "omit",
    });
    await response.text();
  } catch {
    response = null; // the script does not learn why; the server's verdict says it
  }
  return { response, ...await verdictSince(server.name, start) };
}

// showResult fills a cell with what the script can read, or with the refusal and the server's verdict.
function showResult(cell, scenario, { response, last, preflight }) {
  const notes = [];
  if (response) {
    if (preflight) notes.push(`preflight ${preflight.status}`);
    if (response.redirected) notes.push("redirect followed");
    if (scenario.reads) {
      for (const name of scenario.reads) notes.push(`${name}: ${response.headers.get(name) ?? "hidden"}`);
    } else {
      const readable = [...response.headers.keys()].filter((name) => !name.startsWith("access-control-") &&
        !safelisted.includes(name));
      if (readable.length > 0) notes.push(`reads ${readable.join(", ")}`);
    }
  } else if (last) {
    notes.push([last.reason || last.outcome, last.detail].filter(Boolean).join(" "));
  } else {
    notes.push("the server reported no decision");
  }
  const badge = response
    ? element("span", { className: "badge yes" }, `✓ ${response.status}`)
    : element("span", { className: "badge no" }, "✕ refused");
  cell.replaceChildren(badge, ...notes.map((note) => element("small", {}, ...breakable(note))));
}

// breakable allows line breaks after underscores, for reasons in narrow cells.
function breakable(text) {
  return text.split(/(?<=_)/).flatMap((part, i) => (i === 0 ? [part] : [element("wbr"), part]));
}

let running = null; // the promise of the current run

function runAll() {
  running ??= runScenarios().finally(() => { running = null; });
  return running;
}

async function runScenarios() {
  $("run").disabled = true;
  let passed = 0, refused = 0;
  for (const scenario of scenarios) for (const cell of scenario.cells) cell.replaceChildren("–");
  for (const scenario of scenarios) {
    $("summary").textContent = `${scenario.name} …`;
    // Cookies ignore ports: one that this page sets goes to the APIs on the same host name.
    if (scenario.credentials) document.cookie = "playground=1; path=/; max-age=10; samesite=strict";
    await Promise.all(servers.map(async (server, i) => {
      const result = await call(scenario, server);
      showResult(scenario.cells[i], scenario, result);
      if (result.response) passed++; else refused++;
    }));
    if (scenario.credentials) document.cookie = "playground=; path=/; max-age=0; samesite=strict";
  }
  $("summary").textContent = `${passed} allowed, ${refused} refused`;
  $("run").disabled = false;
}

// ---- Policy

const examples = {
  "Every origin": { origins: ["*"], methods: ["*"], request_headers: ["*"], expose_headers: ["*"] },
  "Block other origins": {
    origins: ["http://localhost:*"], methods: ["PUT", "PATCH", "DELETE"], request_headers: ["Content-Type"],
    block: true,
  },
  "Full of mistakes": {
    origins: ["example.com", "https://Example.com/", "https://example.com:443", "https://*.github.io", "*"],
    origin_regexps: ["^https://.*example\\.com$", "https://www.example.com"],
    credentials: true, methods: ["put"], request_headers: ["Cookie"], expose_headers: ["*"], max_age: "36h", alow: [],
  },
};

function fillIn(policy) {
  $("policy").value = JSON.stringify(policy, null, 2)
    .replace(/\[\n\s+("[^"\n]*"(?:,\n\s+"[^"\n]*")*)\n\s+\]/g, (list, entries) => { // short lists on one line
      const line = `[${entries.replace(/,\n\s+/g, ", ")}]`;
      return line.length <= 40 ? line : list;
    });
  $("applied").replaceChildren();
}

function buildExamples() {
  const button = (name, load) => element("button", { type: "button", onclick: async () => fillIn(await load()) }, name);
  $("examples").append(button("Sample", () => getJSON("sample-policy")),
    ...Object.entries(examples).map(([name, policy]) => button(name, () => policy)));
}

async function applyPolicy() {
  let response;
  try {
    response = await fetch("policy", { method: "PUT", body: $("policy").value });
  } catch {
    showApplied("bad", "The front end does not answer.");
    return;
  }
  if (response.status === 422) {
    const errors = await response.json();
    const count = errors.length === 1 ? "One mistake" : `${errors.length} mistakes`;
    showApplied("bad", `${count}. The old policy still applies.`,
      element("ul", {}, ...errors.map(showError)));
  } else if (response.ok) {
    showApplied("", "Applied to all servers.");
    await showTrust();
    await running; // it began under the old policy
    await runAll();
  } else {
    showApplied("bad", await response.text());
  }
}

async function showTrust() {
  const list = await getJSON("trust");
  $("trust").replaceChildren(...list.map((t) => element("li", {}, t.sentence)));
}

function showError(e) {
  const place = (e.field || "policy") + (e.index >= 0 ? `[${e.index}]` : "");
  const message = e.message.replace(`cors: ${place}: `, "");
  return element("li", {}, element("code", {}, place), ` ${e.reason}`, element("br"), message);
}

function showApplied(className, text, ...more) {
  $("applied").replaceChildren(element("p", { className }, text), ...more);
}

// ---- The start

function introduce() {
  const twin = new URL("/", location.href);
  twin.hostname = location.hostname === "localhost" ? "127.0.0.1" : "localhost";
  $("origin").textContent = location.origin;
  $("twin").href = twin.href;
  $("twin").textContent = twin.origin;
}

async function main() {
  introduce();
  buildExamples();
  $("run").onclick = runAll;
  $("clear").onclick = () => { $("decisions").replaceChildren(); $("none").hidden = false; };
  $("revert").onclick = async () => fillIn(await getJSON("policy"));
  $("editor").onsubmit = (event) => { event.preventDefault(); applyPolicy(); };
  try {
    const [state, table, policy] = await Promise.all([getJSON("state"), getJSON("scenarios"), getJSON("policy")]);
    servers = state.servers;
    scenarios = table.scenarios;
    for (const server of servers) decisions.set(server.name, []);
    fillIn(policy);
    buildTable();
    await showTrust();
    listenToDecisions(state.newest_decision);
  } catch (error) {
    $("summary").textContent = `The front end does not answer: ${error.message}`;
    return;
  }
  $("run").disabled = false;
  if (location.hash === "#run") await runAll();
}

main();
