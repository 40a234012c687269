// Sends small messages with node-ws as fast as it can, and counts what comes.
//
//   node flood.js client|server LOG SECONDS [PORT]
'use strict';
const fs = require('fs');
const WebSocket = require('ws');

const [role, logPath, seconds, port] = process.argv.slice(2);

function flood(socket) {
  const counts = {peer: role, sent: 0, received: 0, sent_payload: 0, received_payload: 0};
  const end = Date.now() + Number(seconds) * 1000;
  socket.on('message', (data) => {
    counts.received += 1;
    counts.received_payload += data.length;
  });
  socket.on('close', () => {
    fs.writeFileSync(logPath, JSON.stringify(counts) + '\n');
    process.exit(0);
  });
  let isOver = false;
  const send = () => {
    for (let i = 0; i < 200 && socket.bufferedAmount < 1 << 18; i++) {
      const text = `message ${counts.sent} of the ${role}`;
      socket.send(text);
      counts.sent += 1;
      counts.sent_payload += text.length;
    }
    if (Date.now() < end) return setImmediate(send);
    // The client closes when it has heard that the server is done.
    isOver = true;
    socket.send('over');
    counts.sent += 1;
    counts.sent_payload += 4;
  };
  const close = () => (isOver ? socket.close(1000) : setTimeout(close, 20));
  if (role === 'client') socket.on('message', (data) => { if (data.length === 4) close(); });
  send();
}

if (role === 'client') {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/flood`, {perMessageDeflate: false});
  socket.on('open', () => flood(socket));
} else {
  const server = new WebSocket.Server({port: 0, host: '127.0.0.1', perMessageDeflate: false}, () => {
    console.log(server.address().port);
  });
  server.on('connection', flood);
}
