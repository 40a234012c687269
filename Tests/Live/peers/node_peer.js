// A client or server with node-ws that walks a plan, as python_peer.py does.
//
//   node node_peer.js client|server PLAN LOG [PORT]
'use strict';
const crypto = require('crypto');
const fs = require('fs');
const http = require('http');
const https = require('https');
const WebSocket = require('ws');

const [role, planPath, logPath, port] = process.argv.slice(2);
const plan = JSON.parse(fs.readFileSync(planPath, 'utf8'));
const log = fs.createWriteStream(logPath, {flags: 'a'});
const now = () => (performance.timeOrigin + performance.now()) / 1000;

function note(client, event, facts) {
  log.write(JSON.stringify({at: now(), peer: role, client, event, ...facts}) + '\n');
}

function noteContent(client, event, kind, data) {
  const bytes = Buffer.from(data);
  note(client, event, {
    kind, length: bytes.length, sha256: crypto.createHash('sha256').update(bytes).digest('hex'),
  });
}

function address(host, port) {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

function content(step, number, client) {
  const size = step.size || 0;
  if (step.do === 'binary') return crypto.randomBytes(size);
  const text = `${client} step ${number}: Grüße, 世界 👋 `;
  let all = text.repeat(Math.floor(size / Buffer.byteLength(text)));
  all += '.'.repeat(size - Buffer.byteLength(all));
  return all;
}

// What a socket gets, for a walk that waits for one thing after the other.
class Inbox {
  constructor(socket, client) {
    this.items = [];
    this.waiting = null;
    socket.on('message', (data, isBinary) => {
      noteContent(client, 'received', isBinary ? 'binary' : 'text', data);
      this.put('message');
    });
    socket.on('ping', (data) => {
      noteContent(client, 'received', 'ping', data);
      noteContent(client, 'sent', 'pong', data);
    });
    socket.on('pong', (data) => {
      noteContent(client, 'received', 'pong', data);
      this.put('pong');
    });
    socket.on('error', () => {});
    this.closed = new Promise((resolve) => socket.on('close', (code, reason) => {
      note(client, 'closed', {code, reason: reason.toString()});
      this.put(null);
      resolve();
    }));
  }

  put(item) {
    this.items.push(item);
    if (this.waiting) this.waiting();
    this.waiting = null;
  }

  async take() {
    while (this.items.length === 0) await new Promise((resolve) => { this.waiting = resolve; });
    const item = this.items.shift();
    if (item === null) throw new Error('closed');
    return item;
  }
}

async function act(socket, client, inbox, number, step) {
  if (step.pause) await new Promise((resolve) => setTimeout(resolve, step.pause * 1000));
  if (step.do === 'close') {
    note(client, 'closing', {code: step.code, reason: step.reason});
    socket.close(step.code, step.reason);
    return;
  }
  const isPing = step.do === 'ping';
  const data = isPing ? crypto.randomBytes(step.size || 4) : content(step, number, client);
  noteContent(client, 'sent', step.do, data);
  if (isPing) {
    socket.ping(data);
    await inbox.take();
    return;
  }
  const parts = step.parts || 1;
  const characters = typeof data === 'string' ? Array.from(data) : data;
  const binary = step.do === 'binary';
  for (let i = 0; i < parts; i++) {
    const piece = characters.slice(characters.length * i / parts, characters.length * (i + 1) / parts);
    socket.send(binary ? piece : piece.join(''), {binary, fin: i === parts - 1});
  }
}

async function walk(socket, client, inbox) {
  try {
    for (const [number, step] of plan.steps.entries()) {
      if (step.by === role) await act(socket, client, inbox, number, step);
      else if (step.do === 'text' || step.do === 'binary') await inbox.take();
    }
  } catch (error) {
    if (error.message !== 'closed') throw error;
  }
  await inbox.closed;
}

function open() {
  return new Promise((resolve, reject) => {
    const scheme = plan.certificate ? 'wss' : 'ws';
    const options = {perMessageDeflate: plan.compression, rejectUnauthorized: false};
    const socket = new WebSocket(`${scheme}://${plan.host}:${port}${plan.path}`, options);
    const path = socket._req.path;
    socket.on('error', reject);
    socket.on('open', () => {
      const client = address(socket._socket.localAddress, socket._socket.localPort);
      note(client, 'open', {path});
      resolve([socket, client, new Inbox(socket, client)]);
    });
  });
}

async function runClient() {
  const opened = await Promise.all(Array.from({length: plan.connections}, open));
  await Promise.all(opened.map((all) => walk(...all)));
}

async function runServer() {
  const pem = plan.certificate && fs.readFileSync(plan.certificate);
  const server = pem ? https.createServer({key: pem, cert: pem}) : http.createServer();
  const sockets = new WebSocket.Server({server, perMessageDeflate: plan.compression});
  let rest = plan.connections;
  await new Promise((over) => {
    sockets.on('connection', async (socket, request) => {
      const client = address(request.socket.remoteAddress, request.socket.remotePort);
      note(client, 'open', {path: request.url});
      await walk(socket, client, new Inbox(socket, client));
      rest -= 1;
      if (rest === 0) over();
    });
    server.listen(0, plan.host.replace(/[[\]]/g, ''), 1024, () => console.log(server.address().port));
  });
}

(role === 'client' ? runClient() : runServer()).then(() => log.end(() => process.exit(0)));
