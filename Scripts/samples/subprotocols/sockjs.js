// Records SockJS: the server of Debian's node-sockjs, and a client on Debian's node-ws.
//
//     apt install node-sockjs node-ws tcpdump
//     node sockjs.js sockjs.pcap
//
// What the peers see is printed. One session echoes, one carries STOMP, one uses the raw endpoint.
const http = require('http'), { spawn } = require('child_process')
const sockjs = require('sockjs'), WebSocket = require('ws')
const PORT = 18762, log = (...words) => console.log(...words)
const pause = (ms) => new Promise((done) => setTimeout(done, ms))

const server = http.createServer()
const echo = sockjs.createServer({ log: () => {}, heartbeat_delay: 600, websocket: true })
echo.on('connection', (session) => {
  log('server open', session.url)
  session.on('data', (data) => {
    log('server got', JSON.stringify(data))
    if (data.startsWith('CONNECT\n')) session.write('CONNECTED\nversion:1.2\n\n\0')
    else if (data.startsWith('SUBSCRIBE\n')) {
      session.write('MESSAGE\nsubscription:0\nmessage-id:1\ndestination:/queue/a\n\nünï\0')
    } else if (data === 'bye') session.close(3001, 'as you said')
    else {
      session.write(data)
      session.write('and again: ' + data)
    }
  })
})
echo.installHandlers(server, { prefix: '/echo' })

function connect(path) {
  const socket = new WebSocket(`ws://127.0.0.1:${PORT}/echo${path}`, { perMessageDeflate: false })
  socket.on('message', (data) => log('client got', data.toString()))
  return new Promise((done) => socket.on('open', () => done(socket)))
}

async function main() {
  const capture = spawn('tcpdump', ['-i', 'lo', '--immediate-mode', '-U', '-w', process.argv[2], `port ${PORT}`])
  await pause(1000)
  await new Promise((done) => server.listen(PORT, '127.0.0.1', done))
  const first = await connect('/481/k2xw0zqa/websocket')
  first.send(JSON.stringify(['hello "you"', '{"a":[1,2]}']))
  first.send(JSON.stringify('a single one'))
  await pause(1500)
  first.send(JSON.stringify(['bye']))
  await pause(200)
  const second = await connect('/007/stompses/websocket')
  second.send(JSON.stringify(['CONNECT\naccept-version:1.2\nhost:h\n\n\0']))
  await pause(100)
  second.send(JSON.stringify(['SUBSCRIBE\nid:0\ndestination:/queue/a\n\n\0']))
  await pause(100)
  second.send('[broken')
  await pause(200)
  const raw = await connect('/websocket')
  raw.send('plain')
  await pause(200)
  raw.close()
  await pause(500)
  capture.kill()
  await pause(300)
  process.exit()
}
main()
