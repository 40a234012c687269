// Plays a scene with ws for Node, as server or as client.
//
//   node play_ws.js server|client --scene FILE --log FILE [--port N] [--path P] [--subprotocol NAME]
//                                 [--deflate none|takeover|no-takeover] 
//                                 [--at-once] [--wrong-accept] [--certificate FILE] [--keylog FILE]
// --at-once       the server's socket is corked, so that its 101 and its first frames leave in one segment
// --wrong-accept  the server's Sec-WebSocket-Accept does not belong to the client's key
// --certificate   PEM file with certificate and key: the server speaks TLS
// --keylog        the client speaks TLS and writes its secrets here; it comes twice, and resumes the session of before
'use strict';
const { createHash } = require('crypto');
const fs = require('fs');
const http = require('http');
const https = require('https');
const { parseArgs } = require('util');
const WebSocket = require('ws');

const { positionals: [role], values: options } = parseArgs({
  allowPositionals: true,
  options: {
    scene: { type: 'string' }, log: { type: 'string' }, port: { type: 'string', default: '8080' },
    path: { type: 'string', default: '/chat' }, subprotocol: { type: 'string' },
    deflate: { type: 'string', default: 'none' }, 'at-once': { type: 'boolean', default: false },
    'wrong-accept': { type: 'boolean', default: false }, certificate: { type: 'string' }, keylog: { type: 'string' },
  },
});
const scene = JSON.parse(fs.readFileSync(options.scene, 'utf8'));
const deflate = {
  none: false,
  takeover: { threshold: 0 },
  'no-takeover': { threshold: 0, serverNoContextTakeover: true, clientNoContextTakeover: true },
}[options.deflate];

function log(conn, dir, op, more) {
  const entry = { t: Date.now() / 1000, who: `${role}:node-ws`, conn, dir, op, ...more };
  fs.appendFileSync(options.log, JSON.stringify(entry) + '\n');
}

function logPayload(conn, dir, op, bytes) {
  const more = { len: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
  if (op !== 'binary' && bytes.length <= 400) more.text = bytes.toString();
  log(conn, dir, op, more);
}

const bytesOf = (step) => ('text' in step ? Buffer.from(step.text) : Buffer.from(step.base64, 'base64'));

// What arrives waits here until the scene asks for it.
function inbox(ws) {
  const arrived = [];
  let wanted = null;
  const put = (item) => {
    if (wanted) { const hand = wanted; wanted = null; hand(item); } else arrived.push(item);
  };
  ws.on('message', (data, isBinary) => put({ op: isBinary ? 'binary' : 'text', bytes: data }));
  ws.on('pong', (data) => put({ op: 'pong', bytes: data }));
  ws.on('close', () => put({ op: 'close', bytes: Buffer.alloc(0) }));
  return () => new Promise((hand) => { if (arrived.length) hand(arrived.shift()); else wanted = hand; });
}

async function play(ws, socket) {
  const next = inbox(ws);
  const ports = [socket.localPort, socket.remotePort];
  const conn = (role === 'client' ? ports : ports.reverse()).join('-');
  ws.on('close', (code, reason) => log(conn, 'event', 'closed', { close_rcvd: [code, reason.toString()] }));
  log(conn, 'event', 'open', { subprotocol: ws.protocol || null, extensions: Object.keys(ws._extensions) });
  const receive = async (op, bytes) => { // false: the connection was closed instead
    const got = await next();
    if (got.op === 'close') return false;
    if (got.op !== op || !got.bytes.equals(bytes)) {
      throw new Error(`${role}: expected ${op} ${bytes}, got ${got.op} ${got.bytes}`);
    }
    logPayload(conn, 'recv', op, got.bytes);
    return true;
  };
  for (const step of scene) {
    if (step.from !== role) {
      if (step.op !== 'ping' && !await receive(step.op, bytesOf(step))) return;
    } else if (step.op === 'close') {
      ws.close(step.code, step.text);
    } else {
      logPayload(conn, 'send', step.op, bytesOf(step));
      if (step.op !== 'ping') {
        ws.send(step.op === 'text' ? step.text : bytesOf(step));
      } else {
        ws.ping(step.text);
        if (!await receive('pong', bytesOf(step))) return;
      }
    }
  }
}

function serve() {
  const wss = new WebSocket.Server({
    noServer: true, perMessageDeflate: deflate,
    handleProtocols: (offered) => (offered.has(options.subprotocol) ? options.subprotocol : false),
  });
  wss.on('headers', (headers) => {
    if (options['wrong-accept']) {
      const at = headers.findIndex((header) => header.startsWith('Sec-WebSocket-Accept'));
      headers[at] = 'Sec-WebSocket-Accept: VGhpcyBpcyBub3QgeW91cnM=';
    }
  });
  const pem = options.certificate && fs.readFileSync(options.certificate);
  const server = pem ? https.createServer({ key: pem, cert: pem }) : http.createServer();
  let rest = pem ? 2 : 1;
  server.on('upgrade', (request, socket, head) => {
    if (--rest === 0) server.close();
    if (options['at-once']) {
      socket.cork();
      setTimeout(() => socket.uncork(), 20);
    }
    wss.handleUpgrade(request, socket, head, (ws) => play(ws, socket));
  });
  server.listen(Number(options.port), '127.0.0.1', () => console.log('ready'));
}

// Twice over TLS, the second time with the ticket of the first one.
function connectInPrivate(session, then) {
  const more = { perMessageDeflate: deflate, rejectUnauthorized: false, servername: 'chat.example', session };
  const ws = new WebSocket(`wss://127.0.0.1:${options.port}${options.path}`, more);
  let socket = null;
  let ticket = null;
  ws.on('upgrade', (response) => { socket = response.socket; });
  ws._req.on('socket', (tls) => {
    tls.on('session', (fresh) => { ticket = fresh; });
    tls.on('keylog', (line) => fs.appendFileSync(options.keylog, line));
  });
  ws.on('open', () => {
    if (session && !socket.isSessionReused()) throw new Error('the session was not resumed');
    play(ws, socket);
  });
  ws.on('close', () => { if (then) then(ticket); });
}

function connect() {
  if (options.keylog) return connectInPrivate(undefined, (ticket) => connectInPrivate(ticket));
  const url = `ws://127.0.0.1:${options.port}${options.path}`;
  const ws = new WebSocket(url, options.subprotocol ? [options.subprotocol] : [], { perMessageDeflate: deflate });
  let socket = null;
  ws.on('upgrade', (response) => { socket = response.socket; });
  ws.on('open', () => play(ws, socket));
  ws.on('error', (error) => log(null, 'event', 'failed', { reason: error.message }));
}

if (role === 'server') serve(); else connect();
