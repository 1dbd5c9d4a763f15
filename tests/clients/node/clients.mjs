// Official clients at the ends of a pipe. Each line that comes in is an order; each line that goes out is one thing
// that came of it, in the order in which it happened:
//   {"client": 1, "do": "open", "url": "http://...", "options": {}}      options are those of io()
//   {"client": 1, "do": "emit", "event": "typing", "args": [true]}
//   {"client": 1, "do": "call", "event": "next", "args": [], "id": 7}    an emit that asks for an acknowledgement
//   {"client": 1, "do": "leave"}
//   {"client": 1, "do": "lose"}                                          ends the engine below, as a lost network does
//   -> {"client": 1, "event": "chatStart", "args": [{...}]}
//   -> {"client": 1, "answer": 7, "args": [{"ok": true}]}
// Beside the server's events it tells the client's own: open, upgrade, connect, connect_error, disconnect, and
// "recovered" behind a connect that found everything as it was. `losses` is how often an open one loses its engine in
// the moment of connecting, before any event.
import { createInterface } from "node:readline";
import { io } from "socket.io-client";

const sockets = new Map();

function tell(record) {
  process.stdout.write(`${JSON.stringify(record)}\n`);
}

// Bytes travel over the pipe as {"$bytes": "<base64>"}.
const revive = (key, value) => (value?.$bytes === undefined ? value : Buffer.from(value.$bytes, "base64"));

const orders = {
  open({ client, url, options, losses = 0 }) {
    const socket = io(url, options);
    const happened = (event, ...args) => tell({ client, event, args });
    socket.io.on("open", () => {
      const { engine } = socket.io;
      happened("open", engine.transport.name);
      engine.once("upgrade", (transport) => happened("upgrade", transport.name));
    });
    socket.on("connect", () => {
      happened("connect", socket.id);
      if (socket.recovered) happened("recovered");
      if (losses-- > 0) socket.io.engine.close();
    });
    socket.on("connect_error", ({ message, data }) => happened("connect_error", { message, data }));
    socket.on("disconnect", (reason) => happened("disconnect", reason));
    socket.onAny(happened);
    sockets.set(client, socket);
  },

  retry({ client, auth }) {
    const socket = sockets.get(client);
    socket.auth = auth;
    socket.connect();
  },

  emit({ client, event, args }) {
    sockets.get(client).emit(event, ...args);
  },

  call({ client, event, args, id }) {
    sockets.get(client).emit(event, ...args, (...answer) => tell({ client, answer: id, args: answer }));
  },

  lose({ client }) {
    const { engine } = sockets.get(client).io;
    if (engine.readyState === "open") engine.close(); // one that only opens would sit there for 20 s, which no network does
  },

  leave({ client }) {
    sockets.get(client)?.disconnect();
    sockets.delete(client);
  },
};

const lines = createInterface({ input: process.stdin });
lines.on("line", (line) => {
  const order = JSON.parse(line, revive);
  orders[order.do](order);
});
lines.on("close", () => process.exit());
