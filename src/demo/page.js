// The demo's page: one SockJS connection over the chosen transport, and everything it shows about it.
// It opens the next connection itself when one is lost; which server answers then is Limpet's choice.

/* global SockJS */

const firstRetryMs = 250;
const longestRetryMs = 4000;
const maxEvents = 100;
const transportNames = {
  websocket: 'WebSocket',
  'xhr-streaming': 'Streaming',
  eventsource: 'EventSource',
  'xhr-polling': 'Long-polling',
};

const transportHints = {
  websocket: 'One connection, bound when it opens. Only the next one needs to find its way back.',
  'xhr-streaming': 'One long response down, a request for every message up: all to the same server.',
  eventsource: 'One long event stream down, a request for every message up: all to the same server.',
  'xhr-polling': 'A request for every message, both ways. A server that does not know the session answers 404.',
};

const visitor = crypto.getRandomValues(new Uint32Array(4)).join('-');
const at = (id) => document.getElementById(id);

const page = {
  socket: null,
  transport: 'websocket',
  isOpen: false,
  server: null,
  servers: [],
  reconnects: 0,
  rebinds: 0,
  requests: 0,
  retryMs: firstRetryMs,
  retryTimer: 0,
};

// --- the connection

function connect() {
  clearTimeout(page.retryTimer);
  const socket = new SockJS('/sockjs', null, { transports: [page.transport] });
  page.socket = socket;
  socket.onopen = () => socket.send(JSON.stringify({ kind: 'join', visitor }));
  socket.onmessage = (event) => {
    if (socket === page.socket) onMessage(JSON.parse(event.data));
  };
  socket.onclose = (event) => {
    if (socket === page.socket) onLost(event);
  };
}

function onLost(event) {
  if (page.isOpen) {
    page.reconnects++;
    note('lost', `Connection lost (${event.code}${event.reason ? `, ${event.reason}` : ''}). Connecting again.`);
  }
  page.isOpen = false;
  page.retryTimer = setTimeout(connect, page.retryMs);
  page.retryMs = Math.min(page.retryMs * 2, longestRetryMs);
  showConnection();
}

function changeTransport(transport) {
  const old = page.socket;
  page.socket = null;
  page.transport = transport;
  page.isOpen = false;
  page.retryMs = firstRetryMs;
  old?.close();
  showConnection();
  connect();
}

function onMessage(message) {
  if (message.kind === 'hello') {
    onHello(message);
  } else if (message.kind === 'servers') {
    onServers(message.servers);
  } else if (message.kind === 'line') {
    showLine(message.line);
  }
}

function onServers(servers) {
  const stateOf = (name) => page.servers.find((server) => server.name === name)?.state;
  for (const { name, state } of servers) {
    // The first list is no news.
    if (page.servers.length === 0 || state === stateOf(name) || state === 'starting') continue;
    note('server', `Server ${name} is ${state}.`);
    at('control-note').textContent = '';
  }
  page.servers = servers;
  showServers();
  showConnection();
}

function onHello(hello) {
  const before = page.server;
  const isRebound = before !== null && before !== hello.server;
  page.isOpen = true;
  page.retryMs = firstRetryMs;
  page.server = hello.server;
  if (isRebound) page.rebinds++;
  // Shows what was set above as well.
  onServers(hello.servers);
  if (isRebound) note('rebind', `Re-bound from ${before} to ${hello.server}: a new cookie.`);
  note('open', `Connected to ${hello.server} over ${transportNames[hello.transport] ?? hello.transport}.`);
  at('transport-name').textContent = transportNames[hello.transport] ?? hello.transport;
  at('lines').replaceChildren();
  for (const line of hello.history) showLine(line);
  showEntrances(hello.entrances);
  askWithPlainGet(hello.cookieName);
}

/** A request outside SockJS shows that plain ones are bound as well, and what the servers get to see. */
async function askWithPlainGet(cookieName) {
  try {
    const me = await (await fetch('/demo/me')).json();
    at('plain-get').textContent = me.server;
    at('cookie').textContent = me.cookie === null ? `no ${cookieName} cookie` : `${cookieName}=${me.cookie}`;
    at('seen-as').textContent = me.client === null ? 'nobody: no X-Forwarded-For' : `${me.client}, ${me.scheme}`;
  } catch {
    at('plain-get').textContent = 'no answer';
  }
}

// --- stopping and starting servers

async function control(name, action) {
  at('control-note').textContent = '';
  try {
    const response = await fetch(`/demo/servers/${encodeURIComponent(name)}/${action}`, { method: 'POST' });
    // What was done shows in the list; a refusal needs its reason.
    if (!response.ok) at('control-note').textContent = (await response.json()).message;
  } catch {
    at('control-note').textContent = 'No server answered. Try again in a moment.';
  }
}

// --- what is shown

function showConnection() {
  const bound = page.servers.find((server) => server.name === page.server);
  at('path').dataset.state = page.isOpen ? 'open' : 'waiting';
  at('path').dataset.hue = hueOf(page.server);
  at('server-name').textContent = page.server ?? '–';
  at('server-address').textContent = page.isOpen ? (bound?.address ?? '') : 'connecting …';
  at('connection-note').textContent = page.isOpen ? 'connected' : `connecting over ${transportNames[page.transport]}`;
  at('transport-hint').textContent = transportHints[page.transport];
  at('reconnects').textContent = String(page.reconnects);
  at('rebinds').textContent = String(page.rebinds);
}

function hueOf(name) {
  return String(
    Math.max(
      0,
      page.servers.findIndex((server) => server.name === name),
    ) % 3,
  );
}

function showServers() {
  const list = at('servers');
  for (const [index, server] of page.servers.entries()) {
    let item = list.children[index];
    if (item?.dataset.server !== server.name) {
      item = newServerItem(server.name);
      if (list.children[index]) list.children[index].replaceWith(item);
      else list.append(item);
    }
    showServer(item, server);
  }
}

// An item is made once and then changed: a button that is replaced loses the keyboard's focus.
function newServerItem(name) {
  const item = element('li');
  const which = element('div', 'which');
  which.append(element('b', '', name), element('code'), element('span'));
  item.dataset.server = name;
  item.dataset.hue = hueOf(name);
  item.append(which, element('button'));
  return item;
}

function showServer(item, server) {
  const isRunning = server.state === 'running';
  const isLast = isRunning && page.servers.filter((other) => other.state === 'running').length === 1;
  const button = item.querySelector('button');
  const sessions = server.sessions === 1 ? '1 session' : `${server.sessions} sessions`;
  item.dataset.state = server.state;
  item.dataset.bound = String(server.name === page.server);
  item.querySelector('code').textContent = server.address;
  item.querySelector('span').textContent = isRunning ? `running, ${sessions}${isLast ? '; the last one' : ''}` : server.state;
  button.textContent = `${isRunning ? 'Stop' : 'Start'} ${server.name}`;
  button.disabled = isLast || server.state === 'starting';
  button.onclick = () => control(server.name, isRunning ? 'stop' : 'start');
}

function showLine(line) {
  const item = element('li');
  item.dataset.hue = hueOf(line.server);
  item.append(element('b', '', line.name), ` ${line.text} `, element('small', '', `via ${line.server}`));
  const list = at('lines');
  list.append(item);
  list.scrollTop = list.scrollHeight;
}

function note(kind, text) {
  const item = element('li');
  const now = new Date();
  const time = element('time', '', now.toLocaleTimeString([], { hour12: false }));
  time.dateTime = now.toISOString();
  item.dataset.kind = kind;
  item.append(time, element('span', '', text));
  const list = at('events');
  list.prepend(item);
  if (list.children.length > maxEvents) list.lastElementChild.remove();
  at('announcement').textContent = text;
}

function showEntrances(entrances) {
  at('entrance').textContent = location.protocol === 'https:' ? 'HTTPS' : 'HTTP';
  at('entrances').replaceChildren(
    ...entrances.map((entrance) => {
      const item = element('li');
      const isHere = entrance.target === location.origin;
      if (entrance.kind === 'tcp') item.append(element('code', '', `nc ${entrance.target.replace(/:(\d+)$/, ' $1')}`));
      else if (isHere) item.append(element('span', 'more', entrance.target));
      else item.append(Object.assign(element('a', '', entrance.target), { href: entrance.target }));
      const kinds = { http: 'plain HTTP', https: 'TLS, with a certificate made for this machine', tcp: 'a TCP line server' };
      item.append(' ', element('span', 'more', isHere ? 'you are here' : kinds[entrance.kind]));
      return item;
    }),
  );
}

function element(name, className = '', text = '') {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.textContent = text;
  return made;
}

// --- what people do

at('transports').addEventListener('change', (event) => changeTransport(event.target.value));

at('say').addEventListener('submit', (event) => {
  event.preventDefault();
  const text = at('text').value.trim();
  if (text === '' || !page.isOpen) return;
  page.socket.send(JSON.stringify({ kind: 'say', name: at('name').value, text }));
  at('text').value = '';
});

at('name').value = sessionStorage.getItem('name') ?? '';
at('name').addEventListener('change', () => sessionStorage.setItem('name', at('name').value));

new PerformanceObserver((list) => {
  page.requests += list.getEntries().filter((entry) => new URL(entry.name).pathname.startsWith('/sockjs/')).length;
  at('requests').textContent = String(page.requests);
}).observe({ type: 'resource', buffered: true });

// Firefox restores what was chosen before a reload.
page.transport = document.querySelector('input[name=transport]:checked').value;
connect();
